"""What a streamed reply costs at the pace of a model, and how soon its last word is seen."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.job import Job
from tests.benchmarks.sitting import APP, BARE_LOOP, BARE_TEXTUAL, MARKDOWN_STREAM
from tests.benchmarks.table import Figure, Promise, percentile

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench, Program, Reading

_STREAM = "MarkdownStream"
SLOW, FAST = 50, 500
"""Deltas a second."""

SLOW_PROMISES = [
    Promise("slow", "CPU per 1,000 deltas at 50/s", "s", 0.15, "ratio", _STREAM),
    Promise("slow-loop", "the same beside a loop that shows nothing", "s", 2.0, "ratio", "httpx loop"),
    Promise("slow-bytes", "bytes to the terminal per delta at 50/s", "", 640, "value", _STREAM),
    Promise("slow-frames", "frames a second at 50/s", "", floor=_STREAM),
    Promise("memory", "resident after 1,000 deltas", "MB", 2.0, "ratio", "bare Textual"),
]
FAST_PROMISES = [
    Promise("fast", "CPU per 1,000 deltas at 500/s", "s", 2.0, "ratio", "httpx loop"),
    Promise("fast-stream", "the same beside the minimal chat", "s", floor=_STREAM),
    Promise("fast-frames", "frames a second at 500/s", "", floor=_STREAM),
]
LAG_PROMISES = [
    Promise("lag-50", "last delta sent to seen at 50/s", "ms", 45, "value", _STREAM),
    Promise("lag-500", "last delta sent to seen at 500/s", "ms", 45, "value", _STREAM),
    Promise("lag-500-most", "the same, the worst of a run", "ms", floor=_STREAM),
]


def slow(bench: Bench, deltas: int = 1000) -> dict[str, Figure]:
    """A reply at 50 deltas a second: here, in a loop that shows nothing, and in the minimal chat."""
    job = Job(0, deltas=deltas, rate=SLOW)
    with bench.sit(BARE_TEXTUAL) as sitting:
        bare = sitting.terminal.resident()
    with bench.sit(MARKDOWN_STREAM) as sitting:
        floor = sitting.read(job)
    loop = _one(bench, BARE_LOOP, job)
    with bench.sit(APP) as sitting:
        reading = sitting.read(job)
        resident = sitting.terminal.resident()
    return {
        "slow": Figure(reading.cpu_per_1000, floor.cpu_per_1000),
        "slow-loop": Figure(reading.cpu_per_1000, loop.cpu_per_1000),
        "slow-bytes": Figure(reading.written / deltas, floor.written / deltas),
        "slow-frames": Figure(reading.frames / reading.span, floor.frames / floor.span),
        "memory": Figure(resident / 1e6, bare / 1e6),
    }


def fast(bench: Bench, deltas: int = 2500, rounds: int = 3) -> dict[str, Figure]:
    """A reply at 500 deltas a second, here and in a loop that shows nothing, in turn; once in the minimal chat.
    Medians."""
    job = Job(0, deltas=deltas, rate=FAST)
    pairs = [(_one(bench, BARE_LOOP, job), _one(bench, APP, job)) for _ in range(rounds)]
    stream = _one(bench, MARKDOWN_STREAM, job)
    cost = median(ours.cpu_per_1000 for _, ours in pairs)
    return {
        "fast": Figure(cost, median(loop.cpu_per_1000 for loop, _ in pairs)),
        "fast-stream": Figure(cost, stream.cpu_per_1000),
        "fast-frames": Figure(median(ours.frames / ours.span for _, ours in pairs), stream.frames / stream.span),
    }


def _one(bench: Bench, program: Program, job: Job) -> Reading:
    with bench.sit(program) as sitting:
        return sitting.read(job)


def lag(bench: Bench, replies: int = 7, seconds: float = 1.5) -> dict[str, Figure]:
    """Several short replies at each pace, which end as servers end them: with the last delta. Medians."""
    figures = {}
    for rate in (SLOW, FAST):
        job = Job(0, deltas=int(rate * seconds), rate=rate, held=False)
        lags = []
        for program in (APP, MARKDOWN_STREAM):
            with bench.sit(program) as sitting:
                lags.append([sitting.read(job).lag * 1000 for _ in range(replies)])
        figures[f"lag-{rate}"] = Figure(median(lags[0]), median(lags[1]))
        figures[f"lag-{rate}-most"] = Figure(percentile(lags[0], 1), percentile(lags[1], 1))
    return figures
