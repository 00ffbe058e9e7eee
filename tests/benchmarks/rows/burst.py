"""Many deltas as fast as they come: the network never waits for the screen, and the screen never stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.job import Job
from tests.benchmarks.sitting import APP, BARE_LOOP
from tests.benchmarks.table import Figure, Promise

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench

PROMISES = [
    Promise("burst", "20,000 deltas at once: first sent to all seen", "s", floor="httpx loop"),
    Promise(
        "burst-lag", "the same: last sent to all seen, over the loop's reading time", "s", 1.5, "ratio", "httpx loop"
    ),
    Promise("burst-pause", "the same: longest pause in painting", "ms", 250, "value"),
    Promise("burst-frames", "the same: frames a second"),
]


def measure(bench: Bench, deltas: int = 20_000) -> dict[str, Figure]:
    """One reply without pacing, here and in a loop that shows nothing."""
    job = Job(0, deltas=deltas)
    with bench.sit(BARE_LOOP) as sitting:
        loop = sitting.read(job)
    with bench.sit(APP) as sitting:
        reading = sitting.read(job)
    return {
        "burst": Figure(reading.span, loop.span),
        "burst-lag": Figure(reading.lag, loop.span),
        "burst-pause": Figure(reading.longest_pause * 1000),
        "burst-frames": Figure(reading.frames / reading.span),
    }
