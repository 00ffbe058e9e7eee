"""The terminal's title, progress and notices: what is written and undone, and that nothing foreign gets through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.terminal.window import LONGEST, NotifyChoice, ProgressChoice, TerminalWindow

if TYPE_CHECKING:
    from collections.abc import Mapping

ONE_SEQUENCE = re.compile(r"(\x1b\[2[23];2t|\x1b\](2|9|777);[^\x00-\x1f\x7f-\x9f]*\x1b\\|\a)*")
KNOWN = {"TERM_PROGRAM": "ghostty"}


def window(
    environ: Mapping[str, str] | None = None,
    *,
    title: bool = True,
    progress: ProgressChoice = "auto",
    notify: NotifyChoice = "auto",
) -> tuple[TerminalWindow, list[str]]:
    """A window, and what is written to it."""
    written: list[str] = []
    made = TerminalWindow(written.append, environ or {})
    made.configure(title=title, progress=progress, notify=notify)
    return made, written


def test_nothing_is_written_before_the_settings_are_known() -> None:
    written: list[str] = []
    made = TerminalWindow(written.append, KNOWN)
    made.set_title("A chat")
    made.set_busy(busy=True)
    made.notify("done")
    made.give_back()
    assert written == []


def test_the_title_of_before_is_saved_once_and_comes_back() -> None:
    made, written = window()
    made.set_title("One")
    made.set_title("One")
    made.set_title("Two")
    made.give_back()
    made.give_back()
    assert written == ["\x1b[22;2t\x1b]2;One\x1b\\", "\x1b]2;Two\x1b\\", "\x1b[23;2t"]


def test_after_a_suspension_everything_is_shown_again() -> None:
    made, written = window(KNOWN)
    made.set_title("One")
    made.set_busy(busy=True)
    made.give_back()
    made.set_title("Two")
    made.set_busy(busy=False)
    made.set_busy(busy=True)
    before = len(written)
    made.take()
    assert written[before - 2 : before] == ["\x1b]9;4;0;\x1b\\", "\x1b[23;2t"]
    assert written[before:] == ["\x1b[22;2t\x1b]2;Two\x1b\\", "\x1b]9;4;3;\x1b\\"]


@pytest.mark.parametrize(
    ("environ", "choice", "shown"),
    [
        ({}, "auto", False),
        ({}, "on", True),
        (KNOWN, "off", False),
        (KNOWN, "auto", True),
        ({"WT_SESSION": "x"}, "auto", True),
        ({"VTE_VERSION": "7902"}, "auto", True),
        ({"VTE_VERSION": "7600"}, "auto", False),
        ({"VTE_VERSION": "9" * 5000}, "auto", False),
        ({**KNOWN, "TMUX": "x"}, "auto", False),
        ({"TERM_PROGRAM": "iTerm.app"}, "auto", False),
    ],
)
def test_progress_is_shown_where_it_is_known_and_cleared(
    environ: Mapping[str, str], choice: ProgressChoice, *, shown: bool
) -> None:
    made, written = window(environ, progress=choice)
    made.set_busy(busy=True)
    made.set_busy(busy=True)
    made.set_busy(busy=False)
    assert written == (["\x1b]9;4;3;\x1b\\", "\x1b]9;4;0;\x1b\\"] if shown else [])


@pytest.mark.parametrize(
    ("environ", "choice", "written"),
    [
        ({}, "auto", ["\a"]),
        (KNOWN, "auto", ["\x1b]9;done; all\x1b\\"]),
        ({"TERM": "foot"}, "auto", ["\x1b]777;notify;tui-chat;done, all\x1b\\"]),
        ({**KNOWN, "TMUX": "x"}, "auto", ["\a"]),
        (KNOWN, "bell", ["\a"]),
        (KNOWN, "off", []),
    ],
)
def test_notices_take_the_form_that_the_terminal_knows(
    environ: Mapping[str, str], choice: NotifyChoice, written: list[str]
) -> None:
    made, found = window(environ, notify=choice)
    made.notify("done; all")
    assert found == written


@given(st.text(max_size=300), st.sampled_from([{}, KNOWN, {"TERM": "foot"}]))
def test_no_foreign_text_ends_a_sequence_or_starts_another(text: str, environ: Mapping[str, str]) -> None:
    made, written = window(environ)
    made.set_title(text)
    made.notify(text)
    made.give_back()
    assert ONE_SEQUENCE.fullmatch("".join(written))
    assert all(len(each) < LONGEST + 40 for each in written)


@pytest.mark.parametrize("text", ["\x1b]0;evil\a", "a\x9c\x9d2;x\x07", "a\nb", "\x1b\\\x1b[2J", "\u202eabc", "\ud800"])
def test_hostile_titles_are_harmless(text: str) -> None:
    made, written = window()
    made.set_title(text)
    assert ONE_SEQUENCE.fullmatch("".join(written))
