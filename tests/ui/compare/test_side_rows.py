from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from textual.geometry import Size

from tests.ui.host import Chat
from tui_chat.chat.events import CutOff, Failed, Finished, Stopped, TextDelta, Usage, UsageReport
from tui_chat.ui.compare.side_rows import (
    MARGIN,
    CompareKeys,
    QuestionRows,
    RuleRow,
    SideFigures,
    SideHead,
    TabRow,
    figures_in_words,
    label_of,
    running,
)
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.signs import ASCII, UNICODE

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui_chat.chat.message import Message
    from tui_chat.chat_manager.comparison import Side


def side(model: str = "tiny", name: str = "home", reply: Message | None = None, endpoint: str = "one.example") -> Side:
    """A side of a comparison, as far as its rows look at it."""
    return SimpleNamespace(  # type: ignore[return-value]
        reply=reply,
        recipient=SimpleNamespace(model=model, name=name),
        connection=SimpleNamespace(model=SimpleNamespace(endpoint=endpoint)),
    )


def reply_with(*events: object, model: str = "tiny-1") -> Message:
    chat = Chat()
    reply = chat.ask("Which?", model=model)
    chat.tell(*events)  # type: ignore[arg-type]
    return reply


def whole_reply() -> Message:
    """A reply of 11 tokens in 2 s, the first after 0.5 s."""
    return reply_with(
        TextDelta("one ", at=1_000.5),
        TextDelta("two", at=1_002.0),
        UsageReport(Usage(input=20, output=11), at=1_002.0),
        Finished("stop", "done-sentinel", at=1_002.0),
    )


def rendered(widget: Widget, width: int) -> str:
    """The text of a widget that is `width` cells wide."""
    sized = type(f"Sized{type(widget).__name__}", (type(widget),), {"size": Size(width, 1)})
    widget.__class__ = sized
    return str(widget.render().plain)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("of", "label"),
    [
        (side("tiny"), "tiny"),
        (side("", reply=reply_with()), "tiny-1"),
        (side("", "home"), "home"),
        (side("", ""), "one.example"),
        (side("a\x1b[31m\nb"), "a\ufffd[31m b"),
    ],
)
def test_a_side_is_called_by_its_model_or_else_by_its_endpoint(of: Side, label: str) -> None:
    assert label_of(of) == label


def test_a_side_runs_until_its_reply_has_its_ending() -> None:
    assert running(side())
    assert running(side(reply=reply_with(TextDelta("x"))))
    assert not running(side(reply=whole_reply()))


def test_the_endpoint_stands_behind_the_model_unless_it_is_its_name() -> None:
    assert rendered(SideHead(side("tiny", "home"), UNICODE), 60).strip() == "◆ tiny · home"
    assert rendered(SideHead(side("", "home"), UNICODE), 60).strip() == "◆ home"


def test_a_reply_that_has_not_begun_waits() -> None:
    assert rendered(SideFigures(side(), UNICODE), 60).strip() == "● Waiting"


def test_the_figures_of_a_whole_reply_are_those_that_are_known() -> None:
    figures = figures_in_words(whole_reply(), UNICODE)
    assert figures[0] == "↓11 out"
    assert "first token 0.5 s" in figures
    assert "↑20 in" in figures
    assert figures[-1] == "150 ms a token"  # (2 s - 0.5 s) / 10


def test_a_latency_from_estimated_tokens_says_so() -> None:
    reply = reply_with(
        TextDelta("one two three four five ", at=1_000.5),
        TextDelta("six", at=1_002.0),
        Finished("stop", "eof", at=1_002.0),
    )
    figures = figures_in_words(reply, UNICODE)
    assert figures[-1].startswith("~")
    assert not any("in" in figure.split() for figure in figures)  # the prompt was not reported


def test_figures_that_do_not_fit_are_left_out_whole() -> None:
    row = SideFigures(side(reply=whole_reply()), UNICODE)
    figures = figures_in_words(whole_reply(), UNICODE)
    for width in range(2 * MARGIN + 1, 90):
        shown = rendered(row, width).strip()
        assert shown in {" · ".join(figures[:count]) for count in range(len(figures) + 1)}
        assert len(shown) <= width - 2 * MARGIN
    assert shown == " · ".join(figures)
    assert rendered(row, len(shown) + 2 * MARGIN).strip() == shown  # up to the last cell


def test_the_text_below_stands_at_the_right_in_place_of_figures() -> None:
    row = SideFigures(side(reply=whole_reply()), UNICODE)
    row.set_reactive(SideFigures.below, "▼ 12 lines")
    shown = rendered(row, 40)
    assert shown.endswith("▼ 12 lines")
    assert len(shown) == 40 - MARGIN
    assert shown.strip().startswith("↓11 out")


def test_a_reply_that_broke_off_says_so_before_its_figures() -> None:
    reply = reply_with(TextDelta("one", at=1_000.5), CutOff("the connection closed", at=1_001.0))
    assert "Cut off" in rendered(SideFigures(side(reply=reply), UNICODE), 80)


def test_tabs_are_numbered_and_those_that_run_have_a_dot() -> None:
    row = TabRow([side("one", reply=whole_reply()), side("two")], UNICODE)
    assert rendered(row, 60).strip() == "[1 one] [2 two ●]"


@pytest.mark.parametrize(
    ("ending", "sign"),
    [(Failed("no key"), "✗"), (CutOff("lost"), "✂"), (Stopped(), "■"), (Finished("stop", "eof"), "")],
)
def test_a_tab_says_how_a_reply_ended_that_is_not_whole(
    ending: Failed | CutOff | Stopped | Finished, sign: str
) -> None:
    reply = whole_reply()
    reply.ending = ending
    row = TabRow([side("one", reply=reply), side("two")], UNICODE)
    assert rendered(row, 60).strip() == f"[1 one{' ' + sign if sign else ''}] [2 two ●]"


@pytest.mark.parametrize("width", range(16, 60))
def test_tabs_share_the_room_and_none_is_cut_off(width: int) -> None:
    row = TabRow([side("a-model-with-a-long-name"), side("another-one"), side("c")], ASCII)
    shown = rendered(row, width)
    assert all(f"[{number} " in shown for number in (1, 2, 3))
    assert shown.count("]") == 3


def test_the_line_below_takes_up_the_lines_between_the_replies() -> None:
    for signs, wanted in ((UNICODE, "──┴──"), (ASCII, "--+--")):
        row = RuleRow(signs)
        row.crossings = (2,)
        assert rendered(row, 5) == wanted


HINTS = [Hint("1", "keep", "keep(1)"), Hint("f", "fold", "fold"), Hint("escape", "close", "close")]


def test_as_many_keys_as_fit_are_shown_and_the_last_always() -> None:
    keys = CompareKeys()
    assert rendered(keys, 60) == ""
    keys._hints = HINTS  # `show` asks for a refresh, which needs an app
    wide, narrow, tiny = (rendered(keys, width) for width in (60, 28, 14))
    assert wide.split() == ["1", "keep", "f", "fold", "Esc", "close"]
    assert narrow.split() == ["1", "keep", "Esc", "close"]
    assert tiny.split() == ["Esc", "close"]
    assert wide.endswith("close")
    assert len(wide) == 60 - MARGIN


def test_a_question_takes_the_rows_it_needs_up_to_its_most() -> None:
    chat = Chat()
    chat.ask("word " * 60)
    question = chat.conversation.path()[0]
    rows = QuestionRows(question, UNICODE)
    assert rows.get_content_height(None, None, 60) == 3
    rows.most_rows = 2
    assert rows.get_content_height(None, None, 60) == 2
    chat.ask("short")
    assert QuestionRows(chat.conversation.path()[-2], UNICODE).get_content_height(None, None, 60) == 1
