"""What the status row says at each width, without a screen."""

from __future__ import annotations

from time import monotonic

import pytest
from textual.content import Content

from tui_chat.chat.context import ContextUse
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Failed, Finished, ReasoningDelta, ResponseStarted, Retrying, Stopped, TextDelta
from tui_chat.ui.signs import ASCII
from tui_chat.ui.status_words import StatusItems, compose_row, figures_of, state_of

ITEMS = StatusItems("↓~350 out", "~60 tok/s", "first 0.5 s", "Chat ~3.3k tokens", "$0.012")
WRITING, STOP = Content("● Writing 6.4 s"), (Content("Esc stop"),)


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (100, "  ● Writing 6.4 s    ↓~350 out · ~60 tok/s · first 0.5 s     Chat ~3.3k tokens · $0.012    Esc stop"),
        (97, "  ● Writing 6.4 s    ↓~350 out · ~60 tok/s           Chat ~3.3k tokens · $0.012    Esc stop"),
        (80, "  ● Writing 6.4 s    ↓~350 out · ~60 tok/s    Chat ~3.3k tokens    Esc stop"),
        (60, "  ● Writing 6.4 s    ↓~350 out · ~60 tok/s         Esc stop"),
        (50, "  ● Writing 6.4 s    ↓~350 out         Esc stop"),
        (40, "  ● Writing 6.4 s             Esc stop"),
        (20, "  ● Writing 6.4 s"),
        (8, "  ● Wri…"),
    ],
)
def test_what_does_not_fit_goes_whole_and_in_order(width: int, row: str) -> None:
    shown = compose_row(WRITING, ITEMS, STOP, width).plain
    assert shown.split() == row.split()
    assert len(shown) <= width


@pytest.mark.parametrize("width", range(1, 130))
def test_no_width_is_an_error_and_nothing_is_longer_than_the_row(width: int) -> None:
    for notice in ("", "The disk is full: chats are not kept."):
        items = StatusItems("↓~350 out", "~60 tok/s", "first 0.5 s", "Chat ~3.3k tokens", "$0.012", notice, "tiny")
        assert compose_row(WRITING, items, STOP, width).cell_length <= max(width, 2)


def test_a_warning_takes_the_middle() -> None:
    items = StatusItems("1 out", total="Chat 5 tokens", notice="The disk is full: chats are not kept.")
    row = compose_row(WRITING, items, STOP, 100).plain
    assert "s    ! The disk is full: chats are not kept." in row
    assert "1 out" not in row
    assert compose_row(WRITING, items, STOP, 40).plain == "  ● Writing 6.4 s    ! The disk is fu…"


def test_a_hint_is_the_first_to_go_and_a_second_key_among_the_last() -> None:
    hint = Content("Enter adds to the queue")
    assert "Enter adds" in compose_row(WRITING, StatusItems("↓~350 out"), STOP, 80, hint).plain
    assert "Enter adds" not in compose_row(WRITING, ITEMS, STOP, 100, hint).plain
    keys = (Content("/retry"), Content("F1 help"))
    failed = compose_row(Content("✗ Failed (429)"), StatusItems(total="Chat 5 tokens"), keys, 40).plain
    assert failed.split() == ["✗", "Failed", "(429)", "/retry", "F1", "help"]
    assert compose_row(Content("✗ Failed (429)"), StatusItems(), keys, 30).plain.split()[-2:] == ["F1", "help"]


def test_who_answers_is_said_where_there_is_room_and_no_figure() -> None:
    help_key = (Content("F1 help"),)
    assert compose_row(Content("● Ready"), StatusItems(who="tiny"), help_key, 40).plain.split() == [
        "●", "Ready", "tiny", "F1", "help",
    ]  # fmt: skip
    assert "tiny" not in compose_row(Content("● Ready"), StatusItems(who="tiny-" * 6), help_key, 40).plain


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (60, "✗ Failed (429)    tiny    Alt+R retry    F1 help"),
        (40, "✗ Failed (429)    tiny    F1 help"),
        (32, "✗ Failed (429)    F1 help"),
    ],
)
def test_who_answers_next_is_said_before_a_second_key(width: int, row: str) -> None:
    keys = (Content("Alt+R retry"), Content("F1 help"))
    shown = compose_row(Content("✗ Failed (429)"), StatusItems(who="tiny"), keys, width).plain
    assert shown.split() == row.split()


@pytest.mark.parametrize(
    ("used", "width", "row"),
    [
        (12, 80, "● Ready    tiny · context 12 %    Chat 5 tokens    F1 help"),
        (12, 60, "● Ready    tiny    Chat 5 tokens    F1 help"),
        (12, 40, "● Ready    tiny    F1 help"),
        (81, 80, "● Ready    tiny · ! context 81 %    Chat 5 tokens    F1 help"),
        (81, 60, "● Ready    tiny · ! context 81 %    F1 help"),
        (81, 40, "● Ready    ! context 81 %    F1 help"),
        (81, 30, "● Ready    F1 help"),
    ],
)
def test_a_context_that_fills_up_is_said_before_who_answers(used: int, width: int, row: str) -> None:
    use = ContextUse(used, estimated=False, window=100)
    items = StatusItems(total="Chat 5 tokens", who="tiny", context=use)
    shown = compose_row(Content("● Ready"), items, (Content("F1 help"),), width)
    assert shown.plain.split() == row.split()
    assert ("$role-warning" in map(str, (span.style for span in shown.spans))) == ("!" in row)


def test_the_states_of_a_reply_in_words() -> None:
    assert state_of(None).plain == "● Ready"
    now = monotonic()
    conversation = Conversation()
    reply = conversation.begin_reply(conversation.add_question("q"), model="m", endpoint="e", at=now - 2.1)
    assert state_of(reply).plain.startswith("● Connecting 2.")
    conversation.apply(reply, Retrying(2, 3, 4.9, "503", at=now))
    assert state_of(reply).plain == "↻ Retrying in 5 s (2 of 3)"
    conversation.apply(reply, ResponseStarted(200, "http://e", at=now))
    assert state_of(reply).plain.startswith("● Waiting 2.")
    assert figures_of(reply) == StatusItems()
    conversation.apply(reply, ReasoningDelta("Hm", at=now))
    assert state_of(reply).plain.startswith("● Thinking")
    conversation.apply(reply, TextDelta("It is", at=now))
    assert state_of(reply).plain.startswith("● Writing")
    assert figures_of(reply).out == "↓~2 out"
    assert figures_of(reply).pace == ""
    assert state_of(reply, ASCII).plain.startswith("@ Writing")
    assert figures_of(reply, ASCII).out == "~2 out"
    conversation.apply(reply, TextDelta(" so", at=now - 6.5))
    assert state_of(reply).plain == "● No data for 6 s"


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Finished("stop", "done-sentinel"), "● Ready"),
        (Finished("length", "done-sentinel"), "✂ Length limit"),
        (Finished("content_filter", "done-sentinel"), "⊘ Filtered"),
        (Stopped(), "■ Stopped"),
        (CutOff("eof"), "✂ Cut off"),
        (Failed("Too many.", status=429), "✗ Failed (429)"),
        (Failed("No route to the host."), "✗ Failed"),
        (Failed("The server reported an error.", status=200), "✗ Failed"),
    ],
)
def test_the_endings_in_words(ending: Finished | Stopped | CutOff | Failed, words: str) -> None:
    conversation = Conversation()
    reply = conversation.begin_reply(conversation.add_question("q"), model="m", endpoint="e", at=0.0)
    conversation.apply(reply, TextDelta("It", at=1.0))
    conversation.apply(reply, ending)
    assert state_of(reply).plain == words
