"""`tui-chat keys` on a real terminal: what it shows, and that it leaves the terminal as it was."""

from __future__ import annotations

import os
import signal
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from tests.pty_terminal import Terminal
from tui_chat.cli.main import main
from tui_chat.commands import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (sys.executable, "-m", "tui_chat", "keys")


def keys() -> Terminal:
    terminal = Terminal(PROGRAM, os.environ, columns=120)
    terminal.until_text("Textual's name")
    return terminal


def left_as_it_was(terminal: Terminal) -> bool:
    """Whether the modes of the terminal's line are those of before, and kitty's protocol and pastes are off again."""
    raw = bytes(terminal.raw)
    pushed = raw.count(b"\x1b[>1u") == raw.count(b"\x1b[<u") == 1
    return pushed and terminal.modes_left_on() == [] and termios.tcgetattr(terminal._slave) == terminal._before


def test_a_key_is_shown_with_its_bytes_its_name_and_its_command() -> None:
    with keys() as terminal:
        for sent, shown in (
            ("\x0e", "ctrl+n                 Ctrl+N           new (New chat)"),
            ("\x1b[13;2u", "shift+enter            Shift+Enter      newline"),
            ("y", "message_copy"),
            ("ü", "types ü"),
            ("\x1b[200~ab\x1b[201~", "a paste of 2 characters"),
            ("\x1b", "escape"),
        ):
            terminal.send(sent)
            terminal.until_text(shown)
        terminal.send("q")
        assert terminal.wait() == 0
        assert left_as_it_was(terminal)


def test_ctrl_c_ends_it_when_pressed_twice_in_a_row() -> None:
    with keys() as terminal:
        for sent in ("\x03", "a", "\x03"):
            terminal.send(sent)
        terminal.until(lambda: terminal.text.count("ctrl+c") == 2)
        assert terminal.process.poll() is None
        terminal.send("\x03")
        assert terminal.wait() == 0
        assert left_as_it_was(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR2])
def test_a_signal_leaves_the_terminal_as_it_was(number: signal.Signals) -> None:
    with keys() as terminal:
        terminal.process.send_signal(number)
        assert terminal.wait() == 128 + number
        assert left_as_it_was(terminal)


def test_a_closed_terminal_ends_it() -> None:
    with keys() as terminal:
        terminal.hang_up()
        assert terminal.wait() != 0


def test_the_settings_keys_are_shown(home: Path) -> None:
    config = home / ".config" / "tui-chat" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[keys]\nnew = "ctrl+b"\n')
    with keys() as terminal:
        terminal.send("\x02")
        terminal.until_text("new (New chat)")


def test_without_a_terminal_it_says_how_to_list_the_keys(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["keys"]) == 2
    assert "keys --list" in capfd.readouterr().err
    assert main(["keys", "--list"]) == 0
    listed = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [command.id for command in COMMANDS]
