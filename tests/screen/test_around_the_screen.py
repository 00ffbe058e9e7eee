"""What belongs to the terminal around the screen: its shell, its kind, and what is kept from one start to the next."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

from tests.byte_server import ByteServer
from tests.pty_terminal import Terminal
from tests.screen.test_in_a_terminal import answer, endless, program, quit_in_order, seen, streaming, until

if TYPE_CHECKING:
    from pathlib import Path


async def test_ctrl_z_suspends_to_the_shell_and_fg_comes_back(tmp_path: Path) -> None:
    async with ByteServer(endless, quiet_head=True) as server:
        env = os.environ | {"TERM": "xterm-256color", "TUI_CHAT_BASE_URL": server.url, "TUI_CHAT_MODEL": "tiny"}
        shell = ["/bin/bash", "--norc", "--noprofile", "-i"]
        with Terminal(shell, env | {"PS1": "shell> ", "HOME": str(tmp_path)}) as terminal:
            await seen(terminal, "shell>")
            terminal.send(f"{sys.executable} -m tui_chat\r")
            for key in ("\x1a", "/suspend\r"):
                await seen(terminal, "● Ready")
                terminal.send("typed")
                await seen(terminal, "› typed")
                for _ in "typed":
                    terminal.send("\x7f")
                await until(terminal, lambda: "typed" not in terminal.text, "the empty box")
                terminal.send(key)
                await seen(terminal, "Stopped")
                # the shell edits its own line, and takes pastes in brackets
                assert set(terminal.modes_left_on()) <= {"raw line discipline", "paste"}
                terminal.send("echo still $((40 + 2))\r")
                await seen(terminal, "still 42")
                terminal.send("fg\r")
            await seen(terminal, "● Ready")
            terminal.send("\x11")
            await seen(terminal, "shell>")
            terminal.send("exit\r")
            assert await asyncio.to_thread(terminal.wait) == 0


async def test_ctrl_z_where_there_is_no_shell_goes_on() -> None:
    async with ByteServer(endless, quiet_head=True) as server:
        with program(server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("\x1a")
            await seen(terminal, "There is no shell")
            terminal.send("still here")
            await seen(terminal, "› still here")
            await quit_in_order(terminal)


async def test_a_storm_of_signals_of_job_control_leaves_the_screen_and_the_terminal_whole() -> None:
    """Their handlers interrupt one another in any place; SIGCONT also comes where nothing was suspended."""
    storm = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGCONT)
    async with streaming() as (_, terminal):
        for number in range(60):
            terminal.process.send_signal(storm[number % len(storm)])
            await asyncio.sleep(0.02 if number % 7 == 0 else 0)
        terminal.process.send_signal(signal.SIGCONT)
        before = terminal.text
        await until(terminal, lambda: terminal.text != before and "Esc stop" in terminal.text, "the stream goes on")
        terminal.send("still here")
        await seen(terminal, "› still here")
        for _ in "still here":
            terminal.send("\x7f")
        await quit_in_order(terminal)
        assert "Traceback" not in terminal.text


async def test_a_dumb_terminal_gets_the_chat_line_by_line_and_one_line_says_so() -> None:
    async with ByteServer(lambda _: answer("yes"), quiet_head=True) as server:
        with program(server.url, TERM="dumb") as terminal:
            await seen(terminal, "You:")
            assert terminal.text.count("TERM=dumb") == 1
            terminal.send("hello\r")
            await seen(terminal, "yes")
            terminal.send("exit\r")
            assert await asyncio.to_thread(terminal.wait) == 0
        assert b"\x1b" not in terminal.raw


async def test_a_theme_that_was_chosen_is_there_at_the_next_start(tmp_path: Path) -> None:
    homes = {"COLORTERM": "truecolor"} | {
        f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "STATE", "DATA", "CACHE")
    }
    light = b"48;2;251;250;247m"
    with program("", **homes) as terminal:
        await seen(terminal, "● Ready")
        assert light not in terminal.raw
        terminal.send("/theme tui-chat-light\r")
        await until(terminal, lambda: light in terminal.raw, "the light theme")
        await until(terminal, lambda: list((tmp_path / "STATE").rglob("theme.json")), "the file")
        await quit_in_order(terminal)
    with program("", **homes) as terminal:
        await until(terminal, lambda: light in terminal.raw, "the light theme")
        await quit_in_order(terminal)


async def test_a_theme_that_there_is_not_is_refused_as_every_bad_setting_is(tmp_path: Path) -> None:
    (tmp_path / "tui-chat").mkdir()
    (tmp_path / "tui-chat" / "config.toml").write_text('theme = "nope"\n')
    with program("", XDG_CONFIG_HOME=str(tmp_path)) as terminal:
        assert await asyncio.to_thread(terminal.wait) == 2
        await until(terminal, lambda: "there is no theme 'nope'" in terminal.text.replace("\n", ""), "the line")
        assert "tui-chat/config.toml" in terminal.text.replace("\n", "")
