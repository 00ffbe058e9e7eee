"""Judge one streamed reply by the bytes on the wire and by the events made of them."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import (
    Adapted,
    CutOff,
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Skipped,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from tui_chat.wire.doctor.findings import Finding, in_between, side_of
from tui_chat.wire.doctor.traces import judge_traces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.events import ChatEvent, EndSignal
    from tui_chat.wire.tape.tape import RecordedExchange

LUMP: Final = 0.05
"""Seconds within which a whole reply of several pieces counts as one lump."""
_NO_WAIT: Final = 0.08
"""Seconds; a whole reply after so short a wait may just have been generated so fast."""
_MUCH_LONGER: Final = 4
"""The factor by which the wait before a reply must exceed the time in which it arrived, to show that it was kept
back."""
_FEWEST: Final = 5
"""The number of deltas from which a reply should have come in more than one lump."""
SLOW_FIRST: Final = 10.0
STALL: Final = 10
"""A gap counts as a stall if it is this many times the median, and longer than `STALL_SECONDS`."""
STALL_SECONDS: Final = 1.0

_SIGNALS: Final[dict[EndSignal, str]] = {
    "done-sentinel": "[DONE]",
    "empty-data": "only an empty data line",
    "terminal-event": "the API's last event",
    "eof": "the end of the body",
    "error": "an error",
}
_DELTAS: Final = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta)
_OF_GATEWAYS: Final = frozenset({502, 504})
"""Statuses of a proxy that got no answer from the server."""


def judge(events: Sequence[ChatEvent], exchange: RecordedExchange) -> list[Finding]:
    """Judge a reply by its events and its exchange; the last event is its ending."""
    findings = [_answer(events, exchange)]
    deltas = [event for event in events if isinstance(event, _DELTAS)]
    if deltas:
        findings += [judge_streaming(len(deltas), exchange), _pace(deltas[0].at, exchange)]
        findings += [_usage(events, exchange), _ending(events[-1], exchange)]
    skipped = [event for event in events if isinstance(event, Skipped)]
    if skipped:
        count, size = sum(event.events for event in skipped), sum(event.bytes for event in skipped)
        text = f"{count or 'Some'} events could not be read ({size} bytes skipped)."
        findings.append(
            Finding(
                "format",
                "warn",
                text,
                "server",
                "Look at the tape: it is not what the API defines.",
                exchange.number,
            )
        )
    findings += [
        Finding(
            "request", "warn", f"The server refused a part of the request: {event.how}.", "server", "", exchange.number
        )
        for event in events
        if isinstance(event, Adapted)
    ]
    if deltas:
        findings += judge_traces(events, exchange)
    return findings


def _answer(events: Sequence[ChatEvent], exchange: RecordedExchange) -> Finding:
    number = exchange.number
    last = events[-1]
    if isinstance(last, Failed):
        status = f" (HTTP {last.status})" if last.status and str(last.status) not in last.problem else ""
        side = side_of(last)
        if last.status in _OF_GATEWAYS:
            side, _ = in_between(exchange, "proxy")
        return Finding("reply", "fail", f"{last.problem.rstrip('.')}{status}.", side, last.hint, number)
    kind = dict(exchange.response_headers).get("content-type", "")
    if not any(isinstance(event, _DELTAS) for event in events):
        return Finding("reply", "fail", "The reply was empty.", "model", "Try another model.", number)
    text = f"{exchange.status}, {kind or 'no Content-Type'}, {exchange.size:,} bytes."
    if not kind:
        return Finding("reply", "warn", text, "server", "The server should name the kind of its body.", number)
    return Finding("reply", "ok", text, tape=number)


def judge_streaming(count: int, exchange: RecordedExchange) -> Finding:
    """Judge whether a reply of so many deltas came as a stream or in lumps."""
    times = [at for at, _ in exchange.pieces()]
    number = exchange.number
    spread = times[-1] - times[0] if times else 0.0
    sent = exchange.connection.sent
    wait = times[0] - (exchange.began if sent is None else sent) if times else 0.0
    if count >= _FEWEST and spread < LUMP and wait <= max(_NO_WAIT, _MUCH_LONGER * spread):
        text = f"All {count} deltas came within {spread * 1000:.0f} ms: too fast to tell a stream from a lump."
        return Finding("streaming", "skipped", text, tape=number)
    if count >= _FEWEST and spread < LUMP:
        side, who = in_between(exchange)
        text = f"All {count} deltas came at once, {times[0] - exchange.began:.1f} s after the request." if times else ""
        advice = f"{who} keeps the reply back: turn its buffering off for this path (nginx: proxy_buffering off)."
        return Finding("streaming", "fail", text, side, advice, number)
    kind = dict(exchange.response_headers).get("content-type", "")
    if kind.startswith("application/json") and count < _FEWEST:
        advice = "The server, or what stands before it, ignores that a stream was asked for."
        return Finding("streaming", "fail", "One JSON document came instead of a stream.", "server", advice, number)
    if count < _FEWEST:
        return Finding("streaming", "skipped", f"The reply has only {count} deltas, too few to judge.", tape=number)
    per = count / max(1, len(times))
    text = f"{count} deltas in {len(times)} pieces over {spread:.1f} s."
    if per > 4:
        side, who = in_between(exchange)
        advice = f"{who} gathers about {per:.0f} deltas before it sends them."
        return Finding("streaming", "warn", text, side, advice, number)
    return Finding("streaming", "ok", text, tape=number)


def _pace(first_at: float, exchange: RecordedExchange) -> Finding:
    number = exchange.number
    sent = exchange.connection.sent
    first = first_at - (exchange.began if sent is None else sent)
    times = [at for at, _ in exchange.pieces()]
    del times[: max(0, bisect_right(times, first_at) - 1)]  # the wait for the first token is not a gap
    gaps = [later - earlier for earlier, later in pairwise(times)]
    text = f"First token after {first:.2f} s"
    if gaps:
        text += f", then gaps of {median(gaps) * 1000:.0f} ms, the longest {max(gaps) * 1000:.0f} ms"
    if gaps and max(gaps) > STALL_SECONDS and max(gaps) > STALL * median(gaps):
        return Finding("pace", "warn", f"{text}: it stalled.", "server", "See where on the tape.", number)
    if first > SLOW_FIRST:
        return Finding("pace", "warn", f"{text}.", "model", "The model may have been loading; run this again.", number)
    return Finding("pace", "ok", f"{text}.", tape=number)


def _usage(events: Sequence[ChatEvent], exchange: RecordedExchange) -> Finding:
    number = exchange.number
    reports = [event for event in events if isinstance(event, UsageReport)]
    if not reports:
        advice = "Token counts are estimated; a server of yours should send `usage` in its last event."
        return Finding("usage", "warn", "The server reports no token counts.", "server", advice, number)
    last = reports[-1].usage
    where = "in each event" if len(reports) > 2 else "at the end"
    counts = ["n/a" if count is None else f"{count:,}" for count in (last.input, last.output)]
    text = f"{counts[0]} in, {counts[1]} out, told {where}."
    if last.input is None or last.output is None:
        return Finding("usage", "warn", text, "server", "A count is missing.", number)
    return Finding("usage", "ok", text, tape=number)


def _ending(last: ChatEvent, exchange: RecordedExchange) -> Finding:
    number = exchange.number
    if isinstance(last, CutOff):
        side, _ = in_between(exchange)
        return Finding(
            "ending",
            "fail",
            f"The reply was cut off: {last.why}.",
            side,
            "Look at time limits on the way.",
            number,
        )
    if not isinstance(last, Finished):
        return Finding("ending", "skipped", "The reply failed before its end.", tape=number)
    signal = _SIGNALS[last.sign]
    if last.reason is None:
        text = f"No finish reason was given; the end was {signal}."
        advice = "Clients cannot tell a complete reply from a broken one."
        return Finding("ending", "warn", text, "server", advice, number)
    if last.sign == "eof" and "/chat/completions" in exchange.url:  # Gemini's API has no end signal, for instance
        text = f"Finished with the reason “{last.reason}”, but no end signal before the body's end."
        return Finding(
            "ending", "warn", text, "server", "Send the API's end signal, for clients that wait for it.", number
        )
    return Finding("ending", "ok", f"Finished with the reason “{last.reason}”, then {signal}.", tape=number)
