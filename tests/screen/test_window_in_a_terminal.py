"""The terminal's title and progress on a real pty: sent, and put back on every way out."""

from __future__ import annotations

import asyncio
import re
import signal

import pytest

from tests.byte_server import ByteServer
from tests.screen.test_in_a_terminal import answer, endless, program, quit_in_order, seen, until

TITLE, SAVED, RESTORED = b"\x1b]2;", b"\x1b[22;2t", b"\x1b[23;2t"
PROGRESS, NO_PROGRESS = b"\x1b]9;4;3;\x1b\\", b"\x1b]9;4;0;\x1b\\"


async def test_the_title_follows_the_chat_and_is_put_back_when_one_quits() -> None:
    async with ByteServer(lambda _: answer("yes"), quiet_head=True) as server:
        with program(server.url, TERM_PROGRAM="ghostty") as terminal:
            await seen(terminal, "● Ready")
            await until(terminal, lambda: b"\x1b]2;New chat \xc2\xb7 tui-chat\x1b\\" in terminal.raw, "the title")
            terminal.send("Why is the sky blue?\r")
            await until(terminal, lambda: b"\x1b]2;Why is the sky blue? \xc2\xb7" in terminal.raw, "the chat's title")
            await until(terminal, lambda: terminal.raw.count(NO_PROGRESS) == 1, "the end of the progress")
            assert terminal.raw.index(PROGRESS) < terminal.raw.index(NO_PROGRESS)
            await quit_in_order(terminal)
            assert terminal.raw.count(SAVED) == terminal.raw.count(RESTORED) == 1
            assert terminal.raw.rindex(RESTORED) > terminal.raw.rindex(TITLE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_program_that_is_ended_from_outside_clears_both(number: int) -> None:
    async with ByteServer(endless, quiet_head=True) as server:
        with program(server.url, WT_SESSION="x") as terminal:
            await seen(terminal, "● Ready")
            terminal.send("go\r")
            await seen(terminal, "word3")
            await until(terminal, lambda: PROGRESS in terminal.raw, "the progress")
            terminal.process.send_signal(number)
            assert await asyncio.to_thread(terminal.wait) == 128 + number
            assert terminal.raw.rindex(NO_PROGRESS) > terminal.raw.rindex(PROGRESS)
            assert terminal.raw.rindex(RESTORED) > terminal.raw.rindex(TITLE)


async def test_nothing_of_it_is_sent_where_the_settings_say_so() -> None:
    off = {"TUI_CHAT_WINDOW_TITLE": "false", "TUI_CHAT_WINDOW_PROGRESS": "off", "TUI_CHAT_NOTIFY": "off"}
    async with ByteServer(lambda _: answer("yes"), quiet_head=True) as server:
        with program(server.url, TERM_PROGRAM="ghostty", **off) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("why?\r")
            await seen(terminal, "yes")
            await quit_in_order(terminal)
            assert b"New chat" not in re.findall(rb"\x1b\][02];[^\x07\x1b]*", bytes(terminal.raw))
            assert not any(each in terminal.raw for each in (SAVED, RESTORED, b"\x1b]9;"))
