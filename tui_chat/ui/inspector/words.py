"""The texts of the inspector about an exchange: its summary, its request, its response, its times."""

from __future__ import annotations

import json
from http import HTTPStatus
from textwrap import wrap
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len

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

    from tui_chat.chat.inspection.wire_ports import Headers, StreamFacts, TokenScore, WireExchange, WireFrame
    from tui_chat.chat.metrics.replies import ReplyMetrics
    from tui_chat.ui.inspector.virtual_list import Ink
    from tui_chat.ui.signs import Signs

LONGEST_BODY: Final = 1 << 18
"""Bytes of a body that are shown below its head."""
EMPTY: Final = """\
Nothing has been sent yet.

Send a message: its request, the head of the response and each event of the stream appear here as they come, \
with the time of each."""
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
_LEAST_MEANING: Final = 30
"""Cells that the meaning of a word needs to stand behind it."""


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


class StreamFigure(NamedTuple):
    """A figure of a row."""

    text: str
    ink: Ink
    rank: int = 0
    """The order in which figures give way where not all fit: higher ranks first."""


def outcome(
    exchange: WireExchange, figures: FrameFigures, facts: StreamFacts, now: float, last: float | None
) -> list[StreamFigure]:
    """The facts that a person looks for first: silence, problems, waits, ending, usage. `now` and
    `last` are monotonic seconds: the present, and when the last frame came."""
    parts: list[StreamFigure] = []
    if exchange.running and last is not None and now - last >= SILENT:
        parts.append(StreamFigure(f"no data for {seconds(now - last)}", "warning"))
    if facts.problems:
        parts.append(StreamFigure(_counted(facts.problems, "problem"), "error", 1))
    if (waited := exchange.wait) is not None:
        parts.append(StreamFigure(f"first byte {milliseconds(waited)}", "text", 5))
    if figures.metrics.first_token is not None:
        parts.append(StreamFigure(f"first token {milliseconds(figures.metrics.first_token)}", "text", 2))
    if facts.finish:
        parts.append(StreamFigure(f"finish {clean_line(facts.finish)}", "text", 3))
    if facts.usage:
        parts.append(StreamFigure(clean_line(facts.usage), "text", 4))
    if facts.keep_alives:
        parts.append(StreamFigure(_counted(facts.keep_alives, "keep-alive"), "muted", 6))
    return parts


def summary(exchange: WireExchange, figures: FrameFigures) -> list[StreamFigure]:
    """The figures of a stream: events, bytes, gaps, stalls, and how exact they are."""
    parts = [
        StreamFigure(_counted(figures.frames, "event"), "muted", 7),
        StreamFigure(readable_size(exchange.size), "muted", 8),
    ]
    gaps = figures.metrics.gaps
    if gaps is not None:
        parts.append(StreamFigure(f"gaps {milliseconds(gaps.p50)}, max {milliseconds(gaps.longest)}", "muted", 9))
    if stalls := len(figures.metrics.stalls):
        parts.append(StreamFigure(_counted(stalls, "stall"), "warning", 1))
    if not exchange.exact:
        parts.append(StreamFigure("times ±30 ms", "muted", 10))
    if exchange.dropped:
        parts.append(StreamFigure(f"the first {readable_size(exchange.dropped)} are no longer kept", "muted", 11))
    return parts


def fitting(parts: Sequence[StreamFigure], sep: str, width: int) -> list[StreamFigure]:
    """The figures that fit beside one another into `width` cells, at least one of them."""
    fit = list(parts)
    while len(fit) > 1 and cell_len(sep.join(part.text for part in fit)) > width:
        fit.remove(max(fit, key=lambda part: part.rank))
    return fit


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def trouble(frame: WireFrame) -> str:
    """The words for a fault of a frame; empty: it has none."""
    return clean_line(frame.problem or (frame.shown if frame.kind == "error" else ""))


def status_words(status: int) -> str:
    """A status with its usual name: `200 OK`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def score_words(scores: Sequence[TokenScore], separator: str) -> str:
    """The tokens of a frame with their probabilities, and what else was likely in place of each."""
    return separator.join(
        f"{_token(score.text, score.probability)}"
        + (f" (or {', '.join(_token(*other) for other in score.alternatives)})" if score.alternatives else "")
        for score in scores
    )


def _token(text: str, probability: float) -> str:
    return f"{json.dumps(clean_line(text) if text.strip() else text, ensure_ascii=False)} {probability * 100:.0f} %"


def nothing_yet(empty: str, others: int) -> str:
    """The text where there is no request. `others`: how many those chats made that are not shown."""
    return f"{empty}\n\nOther chats sent {_counted(others, 'request')}: press a." if others else empty


def request_rows(exchange: WireExchange, headers: Headers) -> list[TextRow]:
    """The rows above a request's body."""
    return [_row(f"{exchange.method} {exchange.url}", "bold"), *_header_rows(headers), _row("")]


def response_rows(exchange: WireExchange, headers: Headers) -> list[TextRow]:
    """The rows above a response's body."""
    if exchange.status is None:
        words = "No response yet." if exchange.running else f"No response: {exchange.why or ENDS['failed']}."
        return [_row(words, "muted" if exchange.running else "error")]
    ink: Ink = "error" if exchange.status >= 400 else "bold"
    facts = [_row(status_words(exchange.status), ink), *_header_rows(headers), _row("")]
    facts.append(_pair("connection", "used before" if exchange.reused else "new"))
    if exchange.proxy:
        facts.append(_pair("proxy", exchange.proxy))
    facts.append(_pair("body", readable_size(exchange.size)))
    if not exchange.running:
        why = f": {exchange.why}" if exchange.why else ""
        facts.append(_pair("end", ENDS.get(exchange.how, exchange.how) + why))
    return [*facts, _row("")] if shows_body(exchange) else facts


def shows_body(exchange: WireExchange) -> bool:
    """Whether the body is shown below the response's head: it is no stream, and no sound."""
    kind = exchange.content_type.lower()
    return exchange.status is not None and not any(word in kind for word in ("event-stream", "ndjson", "jsonl"))


def timing_rows(
    exchange: WireExchange, frames: Sequence[WireFrame], figures: FrameFigures, signs: Signs, width: int
) -> list[TextRow]:
    """The times of an exchange and the distribution of its gaps, with a chart for a width in cells."""
    metrics, began = figures.metrics, exchange.began
    steps = [("name lookup (DNS)", exchange.dns), ("connect (TCP)", exchange.connect), ("TLS handshake", exchange.tls)]
    rows = [_pair(name, milliseconds(span)) for name, span in steps if span is not None]
    if exchange.reused:
        rows.append(_pair("connection", "used before: nothing to look up or to open"))
    rows += [_row("")] if rows else []
    moments = [
        ("request sent", exchange.sent),
        ("response head", exchange.responded),
        ("first byte of the body", exchange.first),
        ("end", exchange.ended),
    ]
    rows += [_pair(name, milliseconds(at - began)) for name, at in moments if at is not None]
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
    return [*rows, _row(""), *defined_rows([line.strip() for line in DEFINITIONS.splitlines()], width)]


def defined_rows(lines: Sequence[str], width: int) -> list[TextRow]:
    """Words with what they mean, two blanks or more between them, in `width` cells: a meaning that does not fit behind
    its word stands below it."""
    pairs = [(word, meaning.strip()) for word, _, meaning in (line.partition("  ") for line in lines)]
    column = max((len(word) for word, _ in pairs), default=0) + 2
    rows: list[TextRow] = []
    for word, meaning in pairs:
        if width >= column + _LEAST_MEANING:
            first, *more = wrap(meaning, width - column) or [""]
            rows.append(TextRow(((f"{word:{column}}", "text"), (first, "muted"))))
            rows += [TextRow(((" " * column + line, "muted"),)) for line in more]
        else:
            rows.append(_row(word))
            rows += [TextRow((("  " + line, "muted"),)) for line in wrap(meaning, max(8, width - 2))]
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
    step = (end - start) / bars
    decimals = next((count for count in (1, 2) if step >= 10**-count), 3)
    rows = [_row("longest gap over time", "bold")]
    for index, gap in enumerate(longest):
        at = start + step * index
        filled = round(gap / most * room * 8) if most else 0
        bar = "█" * (filled // 8) + (_EIGHTHS[filled % 8 - 1] if filled % 8 else "")
        bar = bar if signs is UNICODE else signs.gauge * (filled // 8)
        label = f"{at:7.{decimals}f} s  "
        rows.append(TextRow(((label, "muted"), (f"{bar} ", "accent"), (milliseconds(gap), "text"))))
    return rows


def _header_rows(headers: Headers) -> list[TextRow]:
    return [TextRow(((f"{name}: ", "accent"), (value, "text")), whole=f"{name}: {value}") for name, value in headers]


def _pair(name: str, value: str, ink: Ink = "text") -> TextRow:
    return TextRow(((f"{name:24}", "muted"), (value, ink)))


def _row(text: str, ink: Ink = "text") -> TextRow:
    return TextRow(((text, ink),), whole=text if len(text) > 30 else "")
