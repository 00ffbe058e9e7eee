"""Links on the terminal: where they are written, in which form, and that the painter of differences knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.geometry import Size

from tests.byte_server import ByteServer
from tests.screen.test_in_a_terminal import answer, program_in, quit_in_order, seen
from tui_chat.terminal.frame_diff import FrameDiff
from tui_chat.terminal.hyperlinks import Hyperlinks, LinksChoice, takes_links

if TYPE_CHECKING:
    from collections.abc import Mapping

URL = "https://example.org/a"
OPEN, CLOSE = "\x1b]8;id={};" + URL + "\x1b\\", "\x1b]8;;\x1b\\"


def linked(text: str, number: object = 1) -> str:
    """A text as Textual writes it where it is a link."""
    return f"{OPEN.format(number)}\x1b[4m{text}\x1b[0m{CLOSE}"


def links(*, shown: bool) -> Hyperlinks:
    made = Hyperlinks()
    made.shown = shown
    return made


@pytest.mark.parametrize(
    ("environ", "choice", "shown"),
    [
        ({"TERM": "xterm-256color"}, "auto", False),
        ({"TERM": "xterm-256color"}, "on", True),
        ({"TERM": "xterm-kitty"}, "auto", True),
        ({"TERM": "xterm-kitty"}, "off", False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "auto", True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4000"}, "auto", False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "9" * 5000}, "auto", False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "auto", True),
        ({"TERM": "screen", "TERM_PROGRAM": "WezTerm", "STY": "1.x"}, "auto", False),
        ({"TERM": "dumb", "VTE_VERSION": "7600"}, "auto", False),
        ({}, "auto", False),
    ],
)
def test_where_links_are_written(environ: Mapping[str, str], choice: LinksChoice, *, shown: bool) -> None:
    made = Hyperlinks()
    made.configure(choice, environ)
    assert made.shown == shown
    assert takes_links(environ) or choice != "auto" or not shown


def test_links_are_left_out_where_they_are_not_wanted() -> None:
    assert links(shown=False).prepared(f"a {linked('b')} c") == "a \x1b[4mb\x1b[0m c"
    assert links(shown=False).prepared("a") == "a"


def test_a_link_has_the_same_id_however_often_its_style_is_made() -> None:
    first, second = (links(shown=True).prepared(linked("b", number)) for number in (17, 4711))
    assert first == second
    assert URL in first
    assert first.endswith(CLOSE)


def test_the_same_row_with_a_link_is_not_written_again_and_the_next_one_is() -> None:
    made, painted = links(shown=True), FrameDiff()
    size = Size(20, 4)
    frame = "\x1b[1;1H{}\n\x1b[2;1H{}\x1b[4;1H"

    def sent(first: str, second: str) -> str:
        return painted.reduced(made.prepared(frame.format(first, second)), size)

    assert URL in sent("see " + linked("here", 1), "below")
    assert sent("see " + linked("here", 2), "below") == ""
    changed = sent("see " + linked("here", 3), "other")
    assert "other" in changed
    assert URL not in changed


@pytest.mark.parametrize("renderer", ["auto", "textual"])
@pytest.mark.parametrize("setting", ["on", "off"])
async def test_a_link_of_a_reply_is_one_on_the_terminal_if_the_setting_says_so(
    setting: str, renderer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_CHAT_RENDERER", renderer)
    monkeypatch.setenv("TUI_CHAT_HYPERLINKS", setting)
    reply = answer(f"see [here]({URL}) and [there](file:///etc/passwd)")
    async with ByteServer(lambda _: reply, quiet_head=True) as server:
        with program_in(80, server.url) as terminal:
            await seen(terminal, "● Ready")
            terminal.send("go\r")
            await seen(terminal, "see here")
            await quit_in_order(terminal)
            assert (f";{URL}\x1b\\".encode() in terminal.raw) == (setting == "on")
            assert b";file:" not in terminal.raw
