"""How numbers are written."""

from __future__ import annotations

import pytest

from tests.ui.host import Chat
from tui_chat.chat.events import Finished, Stopped, TextDelta, Usage, UsageReport
from tui_chat.chat.message import Message, Timing
from tui_chat.chat.prices import Cost
from tui_chat.ui import numbers
from tui_chat.ui.signs import ASCII
from tui_chat.ui.status_words import Spent, spent_by


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (None, "n/a"),
        (0, "0"),
        (119, "119"),
        (4096, "4,096"),
        (9_999, "9,999"),
        (10_000, "10.0k"),
        (999_949, "999.9k"),
        (999_950, "1.00M"),
        (1_250_000, "1.25M"),
    ],
)
def test_a_count_stays_short(number: int | None, written: str) -> None:
    assert numbers.count(number) == written


def test_an_estimate_and_a_partial_count_say_so() -> None:
    assert numbers.tokens(119, estimated=True) == "~119"
    assert numbers.tokens(119, partial=True) == "119 partial"
    assert numbers.tokens(None, estimated=True, partial=True) == "n/a"


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (None, "n/a"),
        (-0.1, "0 s"),
        (0.0003, "<1 ms"),
        (0.023, "23 ms"),
        (0.099, "99 ms"),
        (0.0996, "0.10 s"),
        (0.414, "0.41 s"),
        (0.994, "0.99 s"),
        (0.995, "1.0 s"),
        (3.24, "3.2 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (3720, "1 h 02 min"),
    ],
)
def test_seconds_have_the_digits_that_matter(span: float | None, written: str) -> None:
    assert numbers.seconds(span) == written


@pytest.mark.parametrize(("span", "written"), [(0.004, "4 ms"), (0.12, "0.1 s"), (0.96, "1.0 s"), (3.24, "3.2 s")])
def test_a_first_token_that_came_at_once_is_told_in_milliseconds(span: float, written: str) -> None:
    assert numbers.short_seconds(span) == written


def test_a_ticking_span_has_whole_seconds() -> None:
    assert [numbers.whole_seconds(span) for span in (-1, 0.9, 59.9, 60)] == ["0 s", "0 s", "59 s", "1 min 00 s"]


@pytest.mark.parametrize(
    ("per_second", "written"), [(None, "n/a tok/s"), (4.21, "4.2 tok/s"), (9.96, "10 tok/s"), (1234.5, "1,234 tok/s")]
)
def test_a_pace_has_a_decimal_only_when_slow(per_second: float | None, written: str) -> None:
    assert numbers.pace(per_second) == written


def heard(*texts: str, usage: Usage | None = None) -> tuple[Chat, Message]:
    chat = Chat()
    reply = chat.ask("hello")
    for index, text in enumerate(texts):
        chat.tell(TextDelta(text, at=chat.asked + 0.4 + index))
    if usage is not None:
        chat.tell(UsageReport(usage))
    return chat, reply


def test_a_finished_reply_shows_what_the_server_reported() -> None:
    chat, reply = heard("a", "b", "c", usage=Usage(input=23, output=30))
    chat.tell(Finished("stop", "done-sentinel"))
    assert numbers.reply_figures(reply) == ["↑23 in ↓30 out", "10 tok/s", "first token 0.4 s"]
    assert numbers.reply_figures(reply, ASCII) == ["23 in, 30 out", "10 tok/s", "first token 0.4 s"]
    assert numbers.reply_figures(reply, full=False) == ["↓30 out", "10 tok/s"]
    reply.cost = Cost(420_000_000, "settings", estimated=True)
    assert numbers.reply_figures(reply) == ["↑23 in ↓30 out", "10 tok/s", "~$0.00042", "first token 0.4 s"]
    assert numbers.reply_figures(reply, full=False) == ["↓30 out", "10 tok/s"]
    assert numbers.reply_figures(reply, full=False, pace=False) == ["↓30 out"]


def test_tokens_that_a_server_counts_apart_are_counted() -> None:
    _, reply = heard("a", "b", usage=Usage(20, 30, reasoning=800, cached=5000, cached_apart=True, reasoning_apart=True))
    assert numbers.reply_figures(reply, pace=False)[0] == "↑5,020 in ↓830 out"
    assert str(spent_by([reply])) == "Chat 5,850 tokens"


def test_a_stopped_reply_is_estimated() -> None:
    chat, reply = heard("a", "b", "c")
    chat.tell(Stopped())
    assert numbers.reply_figures(reply) == ["↓~3 out", "~1.0 tok/s", "first token 0.4 s"]


def test_a_reply_in_one_piece_has_no_pace() -> None:
    chat, reply = heard("all of it")
    chat.tell(Finished(None, "eof"))
    assert numbers.reply_figures(reply) == ["↓~2 out", "first token 0.4 s"]


def test_nothing_heard_has_no_numbers() -> None:
    chat, reply = heard()
    chat.tell(Stopped())
    assert numbers.reply_figures(reply) == []


@pytest.mark.parametrize("span", [float("inf"), float("-inf"), float("nan"), 1e300])
def test_a_span_that_no_clock_measured_is_unknown(span: float) -> None:
    assert numbers.seconds(span) == "n/a"


def test_counts_beyond_belief_are_unknown() -> None:
    assert numbers.count(10**400) == "n/a"
    assert numbers.count(-(10**400)) == "n/a"


def test_a_usage_of_zero_for_words_is_unknown() -> None:
    reply = Message("r", "q", "assistant", 0.0, usage=Usage(0, 0, 0), deltas=3, content_bytes=12)
    assert numbers.prompt_tokens(reply) == "n/a"
    assert numbers.completion_tokens(reply) == "~3"


@pytest.mark.parametrize(("last", "shown"), [(1.0, "n/a tok/s"), (1.19, "n/a tok/s"), (1.5, "~4.0 tok/s")])
def test_a_pace_needs_some_time_to_be_one(last: float, shown: str) -> None:
    timing = Timing(asked=0.0, opened=0.5, first_delta=1.0, last_delta=last)
    reply = Message("r", "q", "assistant", 0.0, timing=timing, deltas=3, content_bytes=3)
    assert numbers.reply_pace(reply) == shown


def test_a_sum_is_estimated_where_a_part_of_it_is_and_empty_where_nothing_is_known() -> None:
    assert str(Spent(None, 7, estimated=True)) == "Chat ~7 tokens"
    assert str(Spent(3, 4)) == "Chat 7 tokens"
    assert str(Spent(None, 7, estimated=True) + Spent(3, 4)) == "Chat ~14 tokens"
    assert str(Spent(2_000, 631, since_opened=True)) == "Since opened 2,631 tokens"
    assert str(Spent()) == ""
