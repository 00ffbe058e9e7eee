"""The commands without a screen: from the start of the process to the first byte of a reply, `--help`, `--version`."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING

from tests.benchmarks import counters
from tests.benchmarks.job import Job
from tests.benchmarks.table import Figure, Promise

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench

_LOOP, _PYTHON = "httpx loop", "python -c pass"
PROMISES = [
    Promise("ask-cpu", "ask: spawn to first byte: CPU", "s", 1.25, "ratio", _LOOP),
    Promise("ask-wall", "the same: wall", "s", 1.25, "ratio", _LOOP),
    Promise("plain-cpu", "plain: spawn to first byte: CPU", "s", 1.25, "ratio", _LOOP),
    Promise("plain-wall", "the same: wall", "s", 1.25, "ratio", _LOOP),
    Promise("version-cpu", "--version: CPU", "s", 2.5, "ratio", _PYTHON),
    Promise("help-cpu", "--help: CPU", "s", 2.5, "ratio", _PYTHON),
]
PROGRAM = (sys.executable, "-m", "tui_chat")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds from the start of a process."""

    cpu: float
    wall: float


def measure(bench: Bench, spawns: int = 9) -> dict[str, Figure]:
    """Starts each in turn, `spawns` times after one of each that fills caches; medians."""
    asking = {
        "loop": (sys.executable, "-m", "tests.benchmarks.floors.bare_ask", bench.endpoint.url),
        "ask": (*PROGRAM, "ask", "go"),
        "plain": (*PROGRAM, "plain", "-q"),
    }
    ending = {
        "python": (sys.executable, "-c", "pass"),
        "version": (*PROGRAM, "--version"),
        "help": (*PROGRAM, "--help"),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in (*asking, *ending)}
    for _ in range(spawns + 1):
        for name, argv in asking.items():
            costs[name].append(_first_byte(bench, argv))
        for name, argv in ending.items():
            costs[name].append(_whole(bench, argv))
    cpu = {name: median(cost.cpu for cost in each[1:]) for name, each in costs.items()}
    wall = {name: median(cost.wall for cost in each[1:]) for name, each in costs.items()}
    figures = {f"{name}-cpu": Figure(cpu[name], cpu["loop"]) for name in ("ask", "plain")}
    figures |= {f"{name}-wall": Figure(wall[name], wall["loop"]) for name in ("ask", "plain")}
    return figures | {f"{name}-cpu": Figure(cpu[name], cpu["python"]) for name in ("version", "help")}


def _first_byte(bench: Bench, argv: tuple[str, ...]) -> Cost:
    """Until the first byte of a reply is read from its standard output."""
    bench.endpoint.prepare(Job(0, deltas=1))
    bench.endpoint.go()
    started = monotonic()
    with subprocess.Popen(argv, env=bench.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
        process.stdout.read(1)
        cost = Cost(counters.cpu_seconds(process.pid), monotonic() - started)
        bench.endpoint.go()  # until now the reply has no end, so the process is there to be asked
        process.stdout.read()
    return cost


def _whole(bench: Bench, argv: tuple[str, ...]) -> Cost:
    """Until it has ended."""
    started = monotonic()
    process = subprocess.Popen(argv, env=bench.environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(used.ru_utime + used.ru_stime, monotonic() - started)
