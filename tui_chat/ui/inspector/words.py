"""The texts of the inspector about an exchange: its summary, its request, its response, its times."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.metrics.replies import DEFINITIONS, reply_metrics
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.ui.inspector.frame_list import ENDS
from tui_chat.ui.inspector.json_rows import TextRow
from tui_chat.ui.numbers import seconds
from tui_chat.ui.signs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.inspection.wire_ports import Headers, TokenScore, WireExchange, WireFrame
    from tui_chat.chat.metrics.replies import ReplyMetrics
    from tui_chat.ui.inspector.virtual_list import Ink
    from tui_chat.ui.signs import Signs

DELTAS: Final = frozenset({"text", "reasoning", "tool"})
"""Kinds of frames that bring a piece of the reply."""
TOGETHER: Final = 0.001
"""Seconds within which frames count as having come together: they were in one read, and were noted one by one."""
SILENT: Final = 1.0
"""Seconds without data after which the summary mentions them."""
_BARS: Final = 12
"""Rows of the chart of gaps at most."""
_EIGHTHS: Final = "▏▎▍▌▋▊▉█"
_MOST_STALLS: Final = 20


@dataclass(frozen=True, slots=True)
class FrameFigures:
    """Figures of the frames of one exchange."""

    frames: int
    """Their number, with those that are no longer kept."""
    metrics: ReplyMetrics


def figures_of(exchange: WireExchange, frames: Sequence[WireFrame], dropped: int) -> FrameFigures:
    """Calculate the figures; the cost grows with the number of frames."""
    sent = 0.0 if exchange.sent is None else exchange.sent - exchange.began
    times: list[float] = []
    arrived = 0.0
    for frame in frames:
        if frame.kind in DELTAS:
            arrived = arrived if times and frame.at - arrived < TOGETHER else frame.at
            times.append(arrived)
    return FrameFigures(len(frames) + dropped, reply_metrics(sent, times))


def milliseconds(span: float) -> str:
    """A duration below a second in milliseconds, a longer one in seconds: `17 ms`, `12.3 s`."""
    return f"{span * 1000:.0f} ms" if span < 0.9995 else seconds(span)


def summary(exchange: WireExchange, figures: FrameFigures, now: float, last: float | None, sep: str, width: int) -> str:
    """The summary row: events, bytes, gaps, stalls, silence, as many as fit into `width` cells. `now` and `last` are
    monotonic seconds: the present, and when the last frame came."""
    parts = [f"{figures.frames:,} event{'' if figures.frames == 1 else 's'}", readable_size(exchange.size)]
    gaps = figures.metrics.gaps
    if gaps is not None:
        parts.append(f"gaps {milliseconds(gaps.p50)}, max {milliseconds(gaps.longest)}")
    if stalls := len(figures.metrics.stalls):
        parts.append(f"{stalls} stall{'' if stalls == 1 else 's'}")
    if exchange.running and last is not None and now - last >= SILENT:
        parts.insert(0, f"no data for {seconds(now - last)}")
    if not exchange.exact:
        parts.append("times ±30 ms")
    if exchange.dropped:
        parts.append(f"the first {readable_size(exchange.dropped)} are no longer kept")
    while len(parts) > 1 and len(sep.join(parts)) > width:
        del parts[-1]
    return sep.join(parts)


def score_words(scores: Sequence[TokenScore], separator: str) -> str:
    """The tokens of a frame with their probabilities, and what else was likely in place of each."""
    return separator.join(
        f"{_token(score.text, score.probability)}"
        + (f" (or {', '.join(_token(*other) for other in score.alternatives)})" if score.alternatives else "")
        for score in scores
    )


def _token(text: str, probability: float) -> str:
    return f"{json.dumps(clean_line(text) if text.strip() else text, ensure_ascii=False)} {probability * 100:.0f} %"


def request_rows(exchange: WireExchange, headers: Headers) -> list[TextRow]:
    """The rows above a request's body."""
    return [_row(f"{exchange.method} {exchange.url}", "bold"), *_header_rows(headers), _row("")]


def response_rows(exchange: WireExchange, headers: Headers) -> list[TextRow]:
    """The rows above a response's body."""
    if exchange.status is None:
        words = "No response yet." if exchange.running else f"No response: {exchange.why or ENDS['failed']}."
        return [_row(words, "muted" if exchange.running else "error")]
    ink: Ink = "error" if exchange.status >= 400 else "bold"
    facts = [_row(str(exchange.status), ink), *_header_rows(headers), _row("")]
    facts.append(_pair("connection", "used before" if exchange.reused else "new"))
    facts.append(_pair("proxy", exchange.proxy or "none"))
    facts.append(_pair("body", readable_size(exchange.size)))
    if not exchange.running:
        why = f": {exchange.why}" if exchange.why else ""
        facts.append(_pair("end", ENDS.get(exchange.how, exchange.how) + why))
    return facts


def timing_rows(
    exchange: WireExchange, frames: Sequence[WireFrame], figures: FrameFigures, signs: Signs, width: int
) -> list[TextRow]:
    """The times of an exchange and the distribution of its gaps, with a chart for a width in cells."""
    metrics, began = figures.metrics, exchange.began
    moments = [
        ("request sent", exchange.sent),
        ("response head", exchange.responded),
        ("first byte of the body", exchange.first),
        ("end", exchange.ended),
    ]
    rows = [_pair(name, milliseconds(at - began)) for name, at in moments if at is not None]
    rows.append(_row(""))
    if metrics.first_token is not None:
        rows.append(_pair("time to first token", milliseconds(metrics.first_token)))
    if metrics.inter_token is not None:
        rows.append(_pair("inter-token latency", milliseconds(metrics.inter_token)))
    if metrics.throughput_per_user is not None:
        rows.append(_pair("output tokens a second", f"~{metrics.throughput_per_user:,.1f}"))
    gaps = metrics.gaps
    if gaps is not None:
        rows.append(_pair("gaps p50, p90, p99", ", ".join(map(milliseconds, (gaps.p50, gaps.p90, gaps.p99)))))
        rows.append(_pair("longest gap", milliseconds(gaps.longest)))
        rows += [
            _pair("stall", f"{milliseconds(stall.seconds)} of silence from {milliseconds(stall.at)} on", "warning")
            for stall in metrics.stalls[:_MOST_STALLS]
        ]
        rows += [_row(""), *_chart(frames, width, signs)]
    rows += [_row(""), *(_row(line, "muted") for line in DEFINITIONS.splitlines())]
    return rows


def _chart(frames: Sequence[WireFrame], width: int, signs: Signs) -> list[TextRow]:
    """The longest gap in each of some equal spans of time, as bars."""
    deltas = [frame for frame in frames if frame.kind in DELTAS]
    start, end = deltas[0].at, deltas[-1].at
    if end <= start:
        return []
    bars = min(_BARS, len(deltas))
    longest = [0.0] * bars
    before = start
    for frame in deltas[1:]:
        span = min(bars - 1, int((frame.at - start) / (end - start) * bars))
        longest[span] = max(longest[span], frame.at - before)
        before = frame.at
    most = max(longest)
    room = max(4, width - 24)
    rows = [_row("longest gap over time", "bold")]
    for index, gap in enumerate(longest):
        at = start + (end - start) * index / bars
        filled = round(gap / most * room * 8) if most else 0
        bar = "█" * (filled // 8) + (_EIGHTHS[filled % 8 - 1] if filled % 8 else "")
        bar = bar if signs is UNICODE else signs.gauge * (filled // 8)
        label = f"{milliseconds(at):>9}  "
        rows.append(TextRow(((label, "muted"), (f"{bar} ", "accent"), (milliseconds(gap), "text"))))
    return rows


def _header_rows(headers: Headers) -> list[TextRow]:
    return [TextRow(((f"{name}: ", "accent"), (value, "text")), whole=f"{name}: {value}") for name, value in headers]


def _pair(name: str, value: str, ink: Ink = "text") -> TextRow:
    return TextRow(((f"{name:24}", "muted"), (value, ink)))


def _row(text: str, ink: Ink = "text") -> TextRow:
    return TextRow(((text, ink),), whole=text if len(text) > 30 else "")
