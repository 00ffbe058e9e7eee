"""Hostile Markdown: how long a key waits for its echo while it streams, and how the cost grows with its length."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING

from tests.benchmarks.job import Job
from tests.benchmarks.sitting import APP, Program
from tests.benchmarks.table import Figure, Promise
from tests.hostile_markdown import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.pty_program import PtyProgram
    from tests.benchmarks.sitting import Bench, Sitting

PROMISES = [
    Promise("hostile-key", "hostile Markdown: the longest that a key waits for its echo", "ms", 250, "value"),
    Promise("hostile-key-cpu", "the same: CPU that the program uses meanwhile", "ms"),
    Promise("hostile-growth", "hostile Markdown: CPU for 100 KB over that for 10 KB: the most", "", 15, "value"),
    Promise("hostile-cpu", "hostile Markdown: CPU for 100 KB: the most", "s"),
    Promise("hostile-open", "hostile Markdown, reopened: the longest that a key waits", "ms", 250, "value"),
]
SIZES = (1_000, 10_000, 100_000)
RATE = 200
"""Pieces a second."""
LETTERS = "".join(map(chr, [*range(0x430, 0x450), *range(0x410, 0x430), *range(0x561, 0x587), *range(0x3B1, 0x3C9)]))
"""Each is typed once in a sitting, and in no text: when it is written it is the echo."""
STILL = 0.02
"""CPU seconds within `LOOK` below which a program does nothing more."""
LOOK = 0.4
REOPENED = Program("tui_chat -c", (sys.executable, "-m", "tui_chat", "-c"), "● Ready")


@dataclass(frozen=True, slots=True)
class _Echo:
    wall: float
    """Milliseconds to the echo."""
    cpu: float
    """Milliseconds of CPU that the program used meanwhile."""


def measure(bench: Bench, number: int = 12, seed: int | None = None) -> dict[str, Figure]:
    """Of so many patterns, taken by chance (0: all): each in three sizes in one sitting, and reopened."""
    seed = random.randrange(1 << 32) if seed is None else seed
    chance = random.Random(seed)
    chosen = names() if not number else chance.sample(names(), number)
    print(f"hostile Markdown: {len(chosen)} patterns, --seed {seed}", file=sys.stderr)
    echoes: list[_Echo] = []
    reopened: list[_Echo] = []
    growths: list[float] = []
    costs: list[float] = []
    for name in chosen:
        letters = iter(LETTERS)
        with bench.sit(APP) as sitting:
            replies = [_reply(sitting, name, size, letters, chance) for size in SIZES]
        with bench.sit(REOPENED) as sitting:
            reopened += [_type(sitting.terminal, next(letters)) for _ in range(5)]
        mine = [echo for found, _ in replies for echo in found]
        cpu = [cost for _, cost in replies]
        echoes += mine
        growths.append(cpu[2] / cpu[1])
        costs.append(cpu[2])
        worst = max(mine, key=lambda echo: echo.wall)
        print(
            f"{name}: key {worst.wall:.0f} ms (CPU {worst.cpu:.0f} ms), reopened"
            f" {max(echo.wall for echo in reopened[-5:]):.0f} ms, CPU {' '.join(f'{cost:.2f}' for cost in cpu)} s",
            file=sys.stderr,
        )
    return {
        "hostile-key": Figure(max(echo.wall for echo in echoes)),
        "hostile-key-cpu": Figure(max(echo.cpu for echo in echoes)),
        "hostile-growth": Figure(max(growths)),
        "hostile-cpu": Figure(max(costs)),
        "hostile-open": Figure(max(echo.wall for echo in reopened)),
    }


def _reply(
    sitting: Sitting, name: str, size: int, letters: Iterator[str], chance: random.Random
) -> tuple[list[_Echo], float]:
    """One reply: the echoes of the keys typed until the program is still, and the CPU seconds it took without those of
    a program that is only looked at."""
    terminal = sitting.terminal
    job = Job(0, hostile=name, length=size, seed=chance.randrange(1 << 32), rate=RATE, held=False)
    asked = sitting.ask(job)
    before = terminal.cpu()
    sitting.bench.endpoint.go()
    echoes: list[_Echo] = []
    most = {1_000: 6, 10_000: 12, 100_000: 40}[size]
    while True:
        used, since = terminal.cpu(), monotonic()
        if len(echoes) < most:
            echoes.append(_type(terminal, next(letters)))
            sleep(chance.uniform(0.02, 0.1))
        else:
            sleep(LOOK)
            if terminal.cpu() - used < STILL * (monotonic() - since) / LOOK:
                break
    sitting.bench.endpoint.told("over", asked.job.number)
    return echoes, terminal.cpu() - before


def _type(terminal: PtyProgram, letter: str) -> _Echo:
    echo = terminal.look_for(letter)
    before = terminal.cpu()
    at = terminal.send(letter)
    seen = echo.wait()
    return _Echo((seen.at - at) * 1000, (seen.cpu - before) * 1000)
