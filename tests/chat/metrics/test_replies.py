"""The metrics of replies follow the field's definitions."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, TextDelta, Usage, UsageReport
from tui_chat.chat.message import Message, Timing
from tui_chat.chat.metrics.replies import message_metrics, pace, percentiles, reply_metrics, summary


def test_the_definitions_hold_for_a_reply_of_known_times() -> None:
    metrics = reply_metrics(100.0, [100.5, 100.7, 100.9, 101.5], tokens=11)
    assert (metrics.first_token, metrics.latency) == pytest.approx((0.5, 1.5))
    assert metrics.inter_token == pytest.approx(0.1)
    assert metrics.throughput == pytest.approx(11 / 1.5)
    assert metrics.throughput_per_user == pytest.approx(10)
    assert (metrics.tokens, metrics.estimated, metrics.deltas, metrics.arrivals) == (11, False, 4, 4)
    assert metrics.gaps is not None
    assert (metrics.gaps.p50, metrics.gaps.longest) == pytest.approx((0.2, 0.6))


def test_deltas_that_arrive_together_are_one_arrival_and_make_no_gap() -> None:
    metrics = reply_metrics(0.0, [1.0, 1.0, 1.0, 2.0, 2.0, 3.0])
    assert (metrics.deltas, metrics.arrivals, metrics.tokens, metrics.estimated) == (6, 3, 6, True)
    assert metrics.gaps is not None
    assert (metrics.gaps.count, metrics.gaps.shortest, metrics.gaps.longest) == (2, 1.0, 1.0)


def test_a_reply_in_one_lump_has_a_first_token_and_no_pace() -> None:
    metrics = reply_metrics(0.0, [2.0] * 50)
    assert (metrics.first_token, metrics.latency, metrics.gaps) == (2.0, 2.0, None)
    assert (metrics.inter_token, metrics.throughput_per_user) == (0.0, None)
    assert metrics.throughput == 25.0


def test_a_reply_without_deltas_has_no_metrics() -> None:
    metrics = reply_metrics(0.0, [])
    assert (metrics.first_token, metrics.latency, metrics.inter_token, metrics.throughput) == (None, None, None, None)


def test_stalls_are_far_above_the_median_and_the_minimum() -> None:
    times = [1.0 + 0.02 * number for number in range(50)]
    late = [times[-1] + 3.0 + 0.02 * number for number in range(50)]
    (stall,) = reply_metrics(0.0, [*times, *late]).stalls
    assert (stall.at, stall.seconds, stall.delta) == pytest.approx((1.98, 3.0, 50))
    short = [times[-1] + 0.9 + 0.02 * number for number in range(50)]
    assert reply_metrics(0.0, [*times, *short]).stalls == ()
    assert len(reply_metrics(0.0, [*times, *short], stall_seconds=0.5).stalls) == 1
    assert reply_metrics(0.0, [1.0, 3.0, 5.0, 7.0]).stalls == ()


@given(st.lists(st.floats(0, 1000, allow_nan=False), min_size=2, max_size=200))
def test_percentiles_are_those_of_the_standard_library(values: list[float]) -> None:
    found = percentiles(values)
    assert found is not None
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    assert (found.p50, found.p90, found.p99) == pytest.approx((cuts[49], cuts[89], cuts[98]))
    assert (found.shortest, found.longest, found.count) == (min(values), max(values), len(values))
    assert found.mean == pytest.approx(statistics.fmean(values))


def reply_with(*, usage: Usage | None) -> Message:
    conversation = Conversation()
    reply = conversation.begin_reply(conversation.add_question("Count"), model="m", endpoint="e", at=8.0)
    for number in range(5):
        conversation.apply(reply, TextDelta("one ", at=10.0 + number))
    if usage is not None:
        conversation.apply(reply, UsageReport(usage))
    conversation.apply(reply, Finished("stop", "eof"))
    reply.timing.sent = 9.0
    return reply


def test_a_stored_reply_gives_everything_but_gaps() -> None:
    metrics = message_metrics(reply_with(usage=Usage(output=9)))
    assert metrics is not None
    assert (metrics.first_token, metrics.latency, metrics.inter_token) == (1.0, 5.0, 0.5)
    assert (metrics.tokens, metrics.estimated, metrics.gaps) == (9, False, None)
    guessed = message_metrics(reply_with(usage=None))
    assert guessed is not None
    assert (guessed.tokens, guessed.estimated) == (5, True)


def test_messages_without_times_of_their_own_are_left_out() -> None:
    copied = reply_with(usage=None)
    copied.copied = True
    empty = Message("1", None, "assistant", 0.0, timing=Timing(asked=1.0))
    question = Message("2", None, "user", 0.0)
    assert [message_metrics(each) for each in (copied, empty, question)] == [None, None, None]


def test_a_summary_has_the_spread_of_each_metric() -> None:
    found = summary([reply_metrics(0.0, [first, first + 1.0], tokens=11) for first in (1.0, 2.0, 3.0)])
    assert found.first_token is not None
    assert found.inter_token is not None
    assert (found.replies, found.tokens, found.estimated, found.stalls) == (3, 33, False, 0)
    assert (found.first_token.shortest, found.first_token.p50, found.first_token.longest) == (1.0, 2.0, 3.0)
    assert found.inter_token.p50 == pytest.approx(0.1)
    assert summary([]).first_token is None


def test_the_pace_over_time_adds_up_to_all_tokens() -> None:
    length, rates = pace(0.0, [1.0, 1.1, 1.2, 4.0], 8, 4)
    assert (length, rates) == (1.0, [0.0, 6.0, 0.0, 2.0])
    assert pace(0.0, [], 0, 10) == (0.0, [])
    assert pace(0.0, [0.0], 1, 10) == (0.0, [])
