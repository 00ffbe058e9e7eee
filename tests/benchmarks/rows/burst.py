"""Many deltas as fast as they come: the network never waits for the screen, and the screen never stands still."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.job import Job
from tests.benchmarks.sitting import APP, BARE_LOOP
from tests.benchmarks.table import Figure, Promise

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench, Reading

PROMISES = [
    Promise("burst", "20,000 deltas at once: first sent to all seen", "s", floor="httpx loop"),
    Promise(
        "burst-lag", "the same: last sent to all seen, over the loop's reading time", "s", 1.5, "ratio", "httpx loop"
    ),
    Promise("burst-pause", "the same: longest pause in painting", "ms", 150, "value"),
    Promise("burst-frames", "the same: frames a second"),
]


def measure(bench: Bench, deltas: int = 20_000, rounds: int = 5) -> dict[str, Figure]:
    """One reply without pacing, here and in a loop that shows nothing, in turn; medians: each takes less than a second,
    and what else the machine does then is a third of it."""
    job = Job(0, deltas=deltas)
    loops: list[Reading] = []
    ours: list[Reading] = []
    for _ in range(rounds):
        for program, readings in ((BARE_LOOP, loops), (APP, ours)):
            with bench.sit(program) as sitting:
                readings.append(sitting.read(job))
    loop = median(reading.span for reading in loops)
    return {
        "burst": Figure(median(reading.span for reading in ours), loop),
        "burst-lag": Figure(median(reading.lag for reading in ours), loop),
        "burst-pause": Figure(median(reading.longest_pause for reading in ours) * 1000),
        "burst-frames": Figure(median(reading.frames / reading.span for reading in ours)),
    }
