"""What a person waits for besides the server, in the first turn of a program and in later ones."""

from __future__ import annotations

from statistics import median
from time import sleep
from typing import TYPE_CHECKING

from tests.benchmarks.job import Job
from tests.benchmarks.sitting import APP
from tests.benchmarks.table import Figure, Promise

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench, Sitting

_LATER = "later turn"
PROMISES = [
    Promise("turn-request", "first turn: Enter to the request at the server", "ms", 10, "value", _LATER),
    Promise("turn-token", "first turn: first token sent to its sight", "ms", 20, "value", _LATER),
]
TYPING = 0.5
"""Seconds between the first letter and Enter."""


def measure(bench: Bench, spawns: int = 9, later: int = 2) -> dict[str, Figure]:
    """The first turn of `spawns` programs, and some more turns in each; medians."""
    first: list[tuple[float, float]] = []
    others: list[tuple[float, float]] = []
    for _ in range(spawns):
        with bench.sit(APP) as sitting:
            first.append(_turn(sitting))
            others += [_turn(sitting) for _ in range(later)]
    return {
        key: Figure(median(turn[place] for turn in first), median(turn[place] for turn in others))
        for place, key in enumerate(("turn-request", "turn-token"))
    }


def _turn(sitting: Sitting) -> tuple[float, float]:
    """Milliseconds from Enter to the request, and from the first token sent to its sight."""
    endpoint, terminal = sitting.bench.endpoint, sitting.terminal
    job = endpoint.prepare(Job(0, deltas=1))
    terminal.send("go")
    sleep(TYPING)
    token = terminal.look_for(job.last_mark)
    entered = terminal.send("\r")
    asked = endpoint.told("asked", job.number).at
    sleep(TYPING)  # a server thinks before its first token
    endpoint.go()
    sent = endpoint.told("sent", job.number).at
    seen = token.wait().at
    endpoint.go()
    endpoint.told("over", job.number)
    sleep(TYPING)
    return (asked - entered) * 1000, (seen - sent) * 1000
