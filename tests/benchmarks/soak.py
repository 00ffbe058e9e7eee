"""Minutes of streaming with typing, scrolling and resizing: does anything grow that should not?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import cycle
from time import monotonic, sleep
from typing import TYPE_CHECKING

from tests.benchmarks.job import Job
from tests.benchmarks.pty_program import COLUMNS, ROWS
from tests.benchmarks.sitting import APP
from tests.benchmarks.texts import KINDS

if TYPE_CHECKING:
    from tests.benchmarks.pty_program import PtyProgram
    from tests.benchmarks.sitting import Bench

RATE = 360
"""Deltas a second."""
PER_REPLY = 5_000
PAGE_UP, PAGE_DOWN, TO_END = "\x1b[5~", "\x1b[6~", "\x1b[1;5F"
WORDS = "typed while it streams "
BACKSPACE = "\x7f"
SIZES = [(80, 24), (100, 30), (140, 50), (60, 40), (COLUMNS, ROWS)]


@dataclass(frozen=True, slots=True)
class _Sample:
    """At the end of a reply."""

    at: float
    deltas: int
    cpu: float
    resident: float


def run(bench: Bench, minutes: float) -> int:
    """Stream for so long, print what was measured, and give exit status 0."""
    print(f"{minutes:g} minutes at {RATE} deltas/s with typing, scrolling and resizing; load {os.getloadavg()[0]:.1f}")
    with bench.sit(APP) as sitting:
        terminal = sitting.terminal
        start = monotonic()
        samples = [_sample(terminal, start, 0)]
        kinds, sizes = cycle(KINDS), cycle(SIZES)
        while samples[-1].at < minutes * 60:
            asked = sitting.ask(Job(0, kind=next(kinds), deltas=PER_REPLY, rate=RATE, held=False))
            asked.go()
            end = monotonic() + PER_REPLY / RATE - 1
            while monotonic() < end:
                _disturb(terminal, next(sizes))
            terminal.send(TO_END)
            terminal.resize(COLUMNS, ROWS)
            asked.finish()
            samples.append(_sample(terminal, start, samples[-1].deltas + PER_REPLY))
    minute = min(60.0, samples[-1].at / 2)
    first = next(sample for sample in samples if sample.at >= minute)
    late = [sample for sample in samples if sample.at <= samples[-1].at - minute][-1]
    middle = min(samples, key=lambda sample: abs(sample.at - samples[-1].at / 2))
    print(f"{samples[-1].deltas} deltas in {samples[-1].at:.0f} s")
    print(
        "resident, MB: "
        + ", ".join(f"{sample.resident:.1f} at {sample.at:.0f} s" for sample in (samples[0], middle, samples[-1]))
    )
    begin, end_ = _per_1000(samples[0], first), _per_1000(late, samples[-1])
    print(f"CPU s per 1,000 deltas: {begin:.3f} in the first minute, {end_:.3f} in the last: ratio {end_ / begin:.2f}")
    return 0


def _sample(terminal: PtyProgram, start: float, deltas: int) -> _Sample:
    return _Sample(monotonic() - start, deltas, terminal.cpu(), terminal.resident() / 1e6)


def _per_1000(earlier: _Sample, later: _Sample) -> float:
    return (later.cpu - earlier.cpu) * 1000 / (later.deltas - earlier.deltas)


def _disturb(terminal: PtyProgram, size: tuple[int, int]) -> None:
    """Two seconds of a restless person."""
    for letter in WORDS:
        terminal.send(letter)
        sleep(0.03)
    terminal.send(BACKSPACE * len(WORDS))
    for key in (PAGE_UP, PAGE_UP, PAGE_UP, PAGE_DOWN, TO_END):
        terminal.send(key)
        sleep(0.15)
    terminal.resize(*size)
    sleep(0.5)
