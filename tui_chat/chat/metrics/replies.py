"""The speed of replies, in the field's own metrics (as aiperf and genai-perf define them).

All times are seconds. "Deltas" are the pieces of text, reasoning or a tool call as they came; "arrivals" are the
moments at which at least one came, because several may come in one piece of the body.

- Time to first token (TTFT): from the request to the first delta.
- Request latency: from the request to the last delta.
- Inter-token latency (ITL): (request latency - TTFT) / (output tokens - 1). It does not depend on how the server packs
  tokens into deltas.
- Gap, the field's inter-chunk latency: the time between two arrivals. The wait for the first token is not a gap.
- Output token throughput: output tokens / request latency.
- Output token throughput per user: 1 / inter-token latency, the speed at which a reader sees tokens.
- Stall: a gap longer than a multiple of the median gap and longer than an absolute minimum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.message import Message

STALL_FACTOR: Final = 10.0
"""A gap counts as a stall if it is longer than this many times the median gap."""
STALL_SECONDS: Final = 1.0
"""A gap that is not longer than this is never a stall."""
DEFINITIONS: Final = """\
time to first token (TTFT)   from the request to the first piece of the reply
request latency              from the request to the last piece
inter-token latency (ITL)    (request latency - TTFT) / (output tokens - 1)
gap (inter-chunk latency)    time between two arrivals; TTFT is not a gap
output token throughput      output tokens / request latency
  per user                   1 / inter-token latency
stall                        a gap over 10 times the median gap, and over 1 s"""
"""The definitions as `--help` shows them."""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """The distribution of some values."""

    count: int
    mean: float
    shortest: float
    p50: float
    p90: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class Stall:
    """A long silence in a reply."""

    at: float
    """Its beginning, in seconds since the request."""
    seconds: float
    delta: int
    """The index of the first delta after it."""


@dataclass(frozen=True, slots=True)
class ReplyMetrics:
    """The metrics of one reply; `None`: unknown."""

    first_token: float | None
    """Time to first token."""
    latency: float | None
    """Seconds from the request to the last delta."""
    tokens: int
    """Output tokens, reasoning included."""
    estimated: bool
    """Whether `tokens` was not reported by the server."""
    deltas: int
    arrivals: int | None = None
    gaps: Percentiles | None = None
    """`None` too if there were fewer than two arrivals."""
    stalls: tuple[Stall, ...] = ()

    @property
    def inter_token(self) -> float | None:
        """Inter-token latency; `None` if there were fewer than two tokens or arrivals."""
        if self.first_token is None or self.latency is None or self.tokens < 2 or self.deltas < 2:
            return None
        return (self.latency - self.first_token) / (self.tokens - 1)

    @property
    def throughput(self) -> float | None:
        """Output token throughput, in tokens per second."""
        return self.tokens / self.latency if self.latency else None

    @property
    def throughput_per_user(self) -> float | None:
        """Output token throughput per user, in tokens per second; `None` if all tokens came at once."""
        latency = self.inter_token
        return 1 / latency if latency else None


@dataclass(frozen=True, slots=True)
class MetricsSummary:
    """The metrics of several replies, of a chat or of a model; `None`: no reply has them."""

    replies: int
    tokens: int
    estimated: bool
    """Whether some of `tokens` were not reported by a server."""
    first_token: Percentiles | None
    latency: Percentiles | None
    inter_token: Percentiles | None
    throughput: Percentiles | None
    throughput_per_user: Percentiles | None
    stalls: int


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of `ordered` lies, interpolated between neighbours. `ordered` is
    sorted and not empty."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def percentiles(values: Iterable[float]) -> Percentiles | None:
    """Return the distribution of some values; `None` if there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    p50, p90, p99 = (percentile(ordered, share) for share in (0.5, 0.9, 0.99))
    return Percentiles(len(ordered), sum(ordered) / len(ordered), ordered[0], p50, p90, p99, ordered[-1])


def reply_metrics(
    asked: float,
    deltas: Sequence[float],
    tokens: int | None = None,
    *,
    stall_factor: float = STALL_FACTOR,
    stall_seconds: float = STALL_SECONDS,
) -> ReplyMetrics:
    """Return the metrics of a reply. `asked` and `deltas` are seconds of one clock: when the request was made, and when
    each delta came, in order. `tokens`: output tokens as reported; `None`: the deltas are counted instead."""
    count = len(deltas) if tokens is None else tokens
    if not deltas:
        return ReplyMetrics(None, None, count, estimated=tokens is None, deltas=0)
    firsts = [index for index, at in enumerate(deltas) if index == 0 or at > deltas[index - 1]]
    gaps = [deltas[index] - deltas[index - 1] for index in firsts[1:]]
    spread = percentiles(gaps)
    stalls: tuple[Stall, ...] = ()
    if spread is not None:
        least = max(stall_factor * spread.p50, stall_seconds)
        stalls = tuple(
            Stall(deltas[index - 1] - asked, gap, index)
            for index, gap in zip(firsts[1:], gaps, strict=True)
            if gap > least
        )
    return ReplyMetrics(
        deltas[0] - asked,
        deltas[-1] - asked,
        count,
        estimated=tokens is None,
        deltas=len(deltas),
        arrivals=len(firsts),
        gaps=spread,
        stalls=stalls,
    )


def message_metrics(message: Message) -> ReplyMetrics | None:
    """Return the metrics that follow from the stored times of a reply: all but gaps. `None` for questions, copies of
    replies and replies without text."""
    timing = message.timing
    asked = timing.asked if timing.sent is None else timing.sent
    if message.role != "assistant" or message.copied or asked is None or timing.first_delta is None:
        return None
    last = timing.first_delta if timing.last_delta is None else timing.last_delta
    reported = message.completion_tokens
    return ReplyMetrics(
        timing.first_delta - asked,
        last - asked,
        message.output_estimate if reported is None else reported,
        estimated=reported is None,
        deltas=message.deltas,
    )


def summary(replies: Iterable[ReplyMetrics]) -> MetricsSummary:
    """Summarise the metrics of several replies."""
    known = list(replies)
    return MetricsSummary(
        len(known),
        sum(each.tokens for each in known),
        any(each.estimated for each in known),
        percentiles(each.first_token for each in known if each.first_token is not None),
        percentiles(each.latency for each in known if each.latency is not None),
        percentiles(value for each in known if (value := each.inter_token) is not None),
        percentiles(value for each in known if (value := each.throughput) is not None),
        percentiles(value for each in known if (value := each.throughput_per_user) is not None),
        sum(len(each.stalls) for each in known),
    )


def pace(asked: float, deltas: Sequence[float], tokens: int, buckets: int) -> tuple[float, list[float]]:
    """Return the length in seconds of each of `buckets` equal spans from the request to the last delta, and the tokens
    per second in each. Every delta counts as the same number of tokens."""
    whole = deltas[-1] - asked if deltas else 0.0
    if whole <= 0 or buckets < 1:
        return 0.0, []
    length = whole / buckets
    counts = [0] * buckets
    for at in deltas:
        counts[min(buckets - 1, max(0, int((at - asked) / length)))] += 1
    each = tokens / len(deltas)
    return length, [count * each / length for count in counts]
