"""Other programs of the kind beside the app, where they are installed and asked for by name.

Only what needs no account and no endpoint is compared: the start, and what is resident then.
"""

from __future__ import annotations

import shutil
from time import monotonic, sleep
from typing import TYPE_CHECKING

from tests.benchmarks.sitting import APP, Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.sitting import Bench

OTHERS = {"oterm": ("oterm",), "elia": ("elia",), "codex": ("codex",)}
"""Command lines by name; to compare another program, add it here."""
QUIET = 0.7
"""Seconds without output after which a program counts as started."""
PATIENCE = 60.0


def measure(bench: Bench, names: Sequence[str]) -> list[str]:
    """A line for each, the app's first; nothing if none is named."""
    if not names:
        return []
    lines = ["", f"Start until {QUIET} s without output (the last output counts):", _line(bench, APP)]
    for name in names:
        argv = OTHERS.get(name)
        if argv is None:
            lines.append(f"{name}: not known; known are {', '.join(OTHERS)}")
        elif shutil.which(argv[0]) is None:
            lines.append(f"{name}: not installed")
        else:
            lines.append(_line(bench, Program(name, argv, "")))
    return lines


def _line(bench: Bench, program: Program) -> str:
    with bench.spawn(program) as terminal:
        while not terminal.read_times or monotonic() - terminal.read_times[-1] < QUIET:
            if terminal.ended or monotonic() - terminal.started > PATIENCE:
                return f"{program.name}: did not come to rest"
            sleep(0.02)
        wall = terminal.read_times[-1] - terminal.started
        return f"{program.name}: {wall:.2f} s, {terminal.cpu():.2f} s CPU, {terminal.resident() / 1e6:.0f} MB"
