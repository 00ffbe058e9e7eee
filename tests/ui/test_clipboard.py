"""Copying and pasting: the system's clipboard on this computer, the terminal's over SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyperclip
import pytest

from tui_chat.ui.clipboard import copy, paste

if TYPE_CHECKING:
    from textual.app import App


class Terminal:
    """The part of an app that is used where there is no system's clipboard."""

    clipboard = "copied before"

    def __init__(self) -> None:
        self.sent: list[str] = []

    def copy_to_clipboard(self, text: str) -> None:
        self.sent.append(text)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The system's clipboard, on this computer."""
    held: list[str] = []
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr(pyperclip, "copy", held.append)
    monkeypatch.setattr(pyperclip, "paste", lambda: held[-1])
    return held


def copied(terminal: Terminal, text: str) -> str:
    return copy(cast("App[object]", terminal), text, "the reply")


def test_on_this_computer_the_systems_clipboard_is_used_and_its_success_is_certain(system: list[str]) -> None:
    terminal = Terminal()
    assert copied(terminal, "a text") == "Copied the reply."
    assert (system, terminal.sent) == (["a text"], [])
    assert paste(cast("App[object]", terminal)) == "a text"


def test_over_ssh_the_terminal_is_asked_and_nothing_is_promised(
    system: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    terminal = Terminal()
    assert copied(terminal, "a text") == "Sent the reply to the terminal's clipboard (it does not confirm)."
    assert (system, terminal.sent) == ([], ["a text"])
    assert paste(cast("App[object]", terminal)) == "copied before"


def test_without_a_clipboard_of_the_system_the_terminal_is_asked(
    system: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> str:
        raise pyperclip.PyperclipException("there is none")

    monkeypatch.setattr(pyperclip, "copy", missing)
    monkeypatch.setattr(pyperclip, "paste", missing)
    terminal = Terminal()
    assert copied(terminal, "a text").startswith("Sent the reply to the terminal's clipboard")
    assert paste(cast("App[object]", terminal)) == "copied before"


@pytest.mark.parametrize(("size", "warns"), [(74_994, False), (74_995, True)])
def test_a_text_that_some_terminals_cut_is_announced(
    size: int, system: list[str], monkeypatch: pytest.MonkeyPatch, *, warns: bool
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1")
    assert ("take only the first 75 kB" in copied(Terminal(), "x" * size)) == warns


def test_control_characters_do_not_reach_a_clipboard(system: list[str]) -> None:
    copied(Terminal(), "rm -rf /\x1b[201~\x07")
    assert not any(character in system[0] for character in "\x1b\x07")
