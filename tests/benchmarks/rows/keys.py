"""Typing and stopping while a reply streams."""

from __future__ import annotations

import random
from statistics import median
from time import sleep
from typing import TYPE_CHECKING

from tests.benchmarks.job import Job
from tests.benchmarks.sitting import APP, MARKDOWN_STREAM
from tests.benchmarks.table import Figure, Promise, percentile

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench, Program

RATES = (200, 500)
_STREAM = "MarkdownStream"
KEY_PROMISES = [
    promise
    for rate in RATES
    for promise in (
        Promise(f"key-{rate}", f"key to echo during {rate} deltas/s: median", "ms", 16, "value", _STREAM),
        Promise(f"key-{rate}-95", "the same: 95 %", "ms", 40, "value", _STREAM),
    )
]
ESC_PROMISES = [
    Promise("esc", "Esc to hang-up at the server: median", "ms", 25, "value"),
    Promise("esc-95", "the same: 95 %", "ms", 40, "value"),
]
LETTERS = "абвгдежзиклмнопрстуфхцчшщыэюя"
"""Each is typed once: it is in no reply, so when it is written it is the echo."""


def keys(bench: Bench, number: int = len(LETTERS) * 2) -> dict[str, Figure]:
    """Keys at uneven times during a stream, in two sittings."""
    figures = {}
    for rate in RATES:
        echoes = []
        for program in (APP, MARKDOWN_STREAM):
            sittings = -(-number // len(LETTERS))
            echoes.append([echo for _ in range(sittings) for echo in _echoes(bench, program, rate, number // sittings)])
        ours, floor = echoes
        figures[f"key-{rate}"] = Figure(median(ours), median(floor))
        figures[f"key-{rate}-95"] = Figure(percentile(ours, 0.95), percentile(floor, 0.95))
    return figures


def _echoes(bench: Bench, program: Program, rate: int, number: int) -> list[float]:
    """Milliseconds from each key to its echo."""
    uneven = random.Random(rate)
    with bench.sit(program) as sitting:
        asked = sitting.ask(Job(0, deltas=int(rate * (0.5 + 0.3 * number)), rate=rate, before=4000))
        asked.go()
        sleep(0.3)
        times = []
        for letter in LETTERS[:number]:
            echo = sitting.terminal.look_for(letter)
            at = sitting.terminal.send(letter)
            times.append((echo.wait().at - at) * 1000)
            sleep(uneven.uniform(0.05, 0.2))
        asked.finish()
        return times


def esc(bench: Bench, number: int = 20) -> dict[str, Figure]:
    """Stop a stream at uneven times, again and again in one sitting."""
    uneven = random.Random(0)
    times = []
    with bench.sit(APP) as sitting:
        for _ in range(number):
            asked = sitting.ask(Job(0, deltas=2_000, rate=200, before=800))
            asked.go()
            sleep(uneven.uniform(0.2, 0.5))
            at = sitting.terminal.send("\x1b")
            times.append((sitting.bench.endpoint.told("hung-up", asked.job.number).at - at) * 1000)
            sleep(0.3)
    return {"esc": Figure(median(times)), "esc-95": Figure(percentile(times, 0.95))}
