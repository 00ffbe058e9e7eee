"""Opening a stored chat of 10,000 messages."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from time import sleep
from typing import TYPE_CHECKING

from tests.benchmarks.programs.stored import LAST_STORED
from tests.benchmarks.sitting import Program
from tests.benchmarks.table import Figure, Promise

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench

PROMISES = [
    Promise("open-cpu", "opening 10,000 stored messages: CPU", "s", 0.2, "value", "20 messages"),
    Promise("open-wall", "the same: key to last message seen", "s", floor="20 messages"),
    Promise("open-memory", "the same: memory, with the texts", "MB", 12, "value", "20 messages"),
    Promise("build-cpu", "building them in memory first: CPU", "s", floor="20 messages"),
    Promise("build-memory", "building them in memory first: memory", "MB", floor="20 messages"),
]
SETTLED = 0.7
"""Seconds after the sight in which what follows from it is done."""


@dataclass(frozen=True, slots=True)
class _Opening:
    cpu: float
    wall: float
    memory: float
    build_cpu: float
    build_memory: float


def measure(bench: Bench, messages: int = 10_000) -> dict[str, Figure]:
    """The pane alone over a conversation in memory, which stands in for one on disk."""
    few, many = _open(bench, 20), _open(bench, messages)
    return {
        "open-cpu": Figure(many.cpu, few.cpu),
        "open-wall": Figure(many.wall, few.wall),
        "open-memory": Figure(many.memory / 1e6, few.memory / 1e6),
        "build-cpu": Figure(many.build_cpu, few.build_cpu),
        "build-memory": Figure(many.build_memory / 1e6, few.build_memory / 1e6),
    }


def _open(bench: Bench, messages: int) -> _Opening:
    argv = (sys.executable, "-m", "tests.benchmarks.programs.open_pane", str(messages))
    with bench.sit(Program("pane", argv, "STARTED")) as sitting:
        terminal = sitting.terminal
        cpu, memory = terminal.cpu(), terminal.resident()
        built = terminal.look_for("BUILT")
        terminal.send("b")
        built.wait()
        sleep(SETTLED)
        built_cpu, built_memory = terminal.cpu(), terminal.resident()
        shown = terminal.look_for(LAST_STORED)
        asked = terminal.send("o")
        shown.wait()
        sleep(SETTLED)
        return _Opening(
            cpu=terminal.cpu() - built_cpu,
            wall=shown.at - asked,
            memory=terminal.resident() - memory,
            build_cpu=built_cpu - cpu,
            build_memory=built_memory - memory,
        )
