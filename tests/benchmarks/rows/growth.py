"""Whether a delta costs more in a long message, or in a long chat."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from tests.benchmarks.job import Job
from tests.benchmarks.rows.streaming import FAST
from tests.benchmarks.sitting import APP, MARKDOWN_STREAM, long_chat
from tests.benchmarks.table import Figure, Promise
from tests.benchmarks.texts import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.sitting import Bench, Program
    from tests.benchmarks.texts import Kind

LENGTHS = (1_000, 10_000, 100_000)
"""Characters of a message before the measured deltas."""
CHATS = (0, 100, 1_000, 10_000)
"""Messages in a chat."""

_Point: TypeAlias = tuple[float, float]
"""CPU seconds per 1,000 deltas, and frames a second."""

PLAIN = {
    "prose": "prose",
    "mixed": "mixed Markdown",
    "fence": "one open code fence",
    "paragraph": "one huge paragraph",
    "list": "one item of a list",
    "quote": "one quote with code",
}
LENGTH_PROMISES = [
    *(
        Promise(
            f"length-{kind}",
            f"per 1,000 deltas at 100,000 / 1,000 characters: {PLAIN[kind]}",
            "s",
            1.15,
            "ratio",
            "1,000",
        )
        for kind in KINDS
    ),
    *(
        Promise(f"length-{kind}-frames", f"frames a second at 100,000 / 1,000: {PLAIN[kind]}", floor="1,000")
        for kind in KINDS
    ),
    Promise("length-stream", "the same in the minimal chat: mixed Markdown", "s", floor="1,000"),
]
CHAT_PROMISES = [
    Promise("chat", "per 1,000 deltas in a chat of 10,000 / 0 messages", "s", 1.25, "ratio", "0"),
]


def _reading(bench: Bench, program: Program, kind: Kind, before: int, *, deltas: int) -> _Point:
    with bench.sit(program) as sitting:
        reading = sitting.read(Job(0, kind=kind, before=before, deltas=deltas, rate=FAST))
    return reading.cpu_per_1000, reading.frames / reading.span


def _readings(one: Callable[[int], _Point], lengths: Sequence[int], rounds: int) -> dict[int, _Point]:
    """Every length, in rounds, so that what else the machine does falls on all alike; medians."""
    found = [{length: one(length) for length in lengths} for _ in range(rounds)]
    return {
        length: (median(each[length][0] for each in found), median(each[length][1] for each in found))
        for length in lengths
    }


def lengths(bench: Bench, deltas: int = 1500, stream_deltas: int = 300, rounds: int = 3) -> dict[str, Figure]:
    """Every kind of text at every length, each in a fresh app; the points between the ends are for the plot."""
    figures = {}
    for kind in KINDS:
        points = _readings(partial(_reading, bench, APP, kind, deltas=deltas), LENGTHS, rounds)
        first, last = points[LENGTHS[0]], points[LENGTHS[-1]]
        figures[f"length-{kind}"] = Figure(last[0], first[0])
        figures[f"length-{kind}-frames"] = Figure(last[1], first[1])
        figures |= {f"point-{kind}-{length}": Figure(point[0]) for length, point in points.items()}
    points = _readings(
        lambda length: _reading(bench, MARKDOWN_STREAM, "mixed", length, deltas=stream_deltas), LENGTHS, 1
    )
    figures["length-stream"] = Figure(points[LENGTHS[-1]][0], points[LENGTHS[0]][0])
    return figures | {f"point-stream-{length}": Figure(point[0]) for length, point in points.items()}


def chats(bench: Bench, deltas: int = 1500, rounds: int = 3) -> dict[str, Figure]:
    """A reply in chats of every length; the points between the ends are for the plot."""
    points = _readings(
        lambda messages: _reading(bench, long_chat(messages), "mixed", 1_000, deltas=deltas), CHATS, rounds
    )
    figures = {f"point-chat-{messages}": Figure(point[0]) for messages, point in points.items()}
    return figures | {"chat": Figure(points[CHATS[-1]][0], points[CHATS[0]][0])}
