"""How long the screen stands still while text comes: the times between two paintings, seen at the pty."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.job import Job
from tests.benchmarks.sitting import APP, long_chat
from tests.benchmarks.table import Figure, Promise, percentile

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench, Program


class Case(NamedTuple):
    """A reply whose paintings are looked at."""

    key: str
    what: str
    program: Program
    job: Job
    most: float
    """Milliseconds that are promised."""


CASES = [
    Case("50", "at 50/s, everything that a reply can hold", APP, Job(0, "first", deltas=900, rate=50), 100),
    Case("500", "at 500/s, the same", APP, Job(0, "first", deltas=2500, rate=500), 100),
    Case("burst", "20,000 at once, the same", APP, Job(0, "first", deltas=20_000), 150),
    Case("long", "at 50/s after 100,000 characters", APP, Job(0, before=100_000, deltas=250, rate=50), 100),
    Case("chat", "at 50/s in a chat of 10,000 messages", long_chat(10_000), Job(0, "first", deltas=900, rate=50), 100),
]
PROMISES = [
    promise
    for key, what, _, _, most in CASES
    for promise in (
        Promise(f"gap-{key}", f"longest time between two paintings {what}", "ms", most, "value"),
        Promise(f"gap-{key}-99", "the same: 99 of 100 are shorter than", "ms"),
        Promise(f"gap-{key}-half", "the same: half are shorter than", "ms"),
    )
]


def measure(bench: Bench) -> dict[str, Figure]:
    """A reply of each case, in a program of its own: what is met for the first time is loaded then."""
    figures = {}
    for case in CASES:
        with bench.sit(case.program) as sitting:
            pauses = [1000 * seconds for seconds in sitting.read(case.job).pauses]
        figures[f"gap-{case.key}"] = Figure(max(pauses))
        figures[f"gap-{case.key}-99"] = Figure(percentile(pauses, 0.99))
        figures[f"gap-{case.key}-half"] = Figure(percentile(pauses, 0.5))
    return figures
