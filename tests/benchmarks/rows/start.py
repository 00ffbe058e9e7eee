"""From the start of the process to the first frame, and to the settings applied."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.sitting import APP, BARE_TEXTUAL
from tests.benchmarks.table import Figure, Promise

if TYPE_CHECKING:
    from tests.benchmarks.pty_program import Sight
    from tests.benchmarks.sitting import Bench, Program

_FLOOR = "bare Textual"
PROMISES = [
    Promise("frame-cpu", "spawn to first frame, keys kept: CPU", "s", 1.1, "ratio", _FLOOR),
    Promise("frame-wall", "the same: wall", "s", 1.1, "ratio", _FLOOR),
    Promise("settings-cpu", "spawn to settings applied: CPU", "s", 1.6, "ratio", _FLOOR),
    Promise("settings-wall", "the same: wall", "s", 1.6, "ratio", _FLOOR),
]
FIRST_FRAME = "● starting"
"""What the app's status bar says before the settings are read."""
TYPED = "typedbeforethefirstframe"


@dataclass(frozen=True, slots=True)
class _Start:
    """Seconds from the start of the process."""

    cpu: float
    wall: float


def measure(bench: Bench, spawns: int = 9) -> dict[str, Figure]:
    """Starts app and floor in turn, `spawns` times each after one of each that fills caches; medians."""
    frames, settings, bare = [], [], []
    for number in range(spawns + 1):
        floor = _start(bench, BARE_TEXTUAL, [BARE_TEXTUAL.ready])[0]
        frame, applied = _start(bench, APP, [FIRST_FRAME, APP.ready])
        if number:
            bare.append(floor)
            frames.append(frame)
            settings.append(applied)
    return {
        "frame-cpu": Figure(median(start.cpu for start in frames), median(start.cpu for start in bare)),
        "frame-wall": Figure(median(start.wall for start in frames), median(start.wall for start in bare)),
        "settings-cpu": Figure(median(start.cpu for start in settings), median(start.cpu for start in bare)),
        "settings-wall": Figure(median(start.wall for start in settings), median(start.wall for start in bare)),
    }


def _start(bench: Bench, program: Program, sights: list[str]) -> list[_Start]:
    """When each of the sights is first seen. Keys are typed before the program can read them, and have to show up."""
    with bench.spawn(program, [*sights, TYPED]) as terminal:
        terminal.send(TYPED)
        seen: list[Sight] = [sight.wait() for sight in terminal.first]
        return [_Start(sight.cpu, sight.at - terminal.started) for sight in seen[:-1]]
