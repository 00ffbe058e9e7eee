"""From the start of the process to the first frame, and to the settings applied."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from time import monotonic, sleep
from typing import TYPE_CHECKING

from tests.benchmarks.pty_program import NeverSeenError
from tests.benchmarks.sitting import APP, BARE_TEXTUAL
from tests.benchmarks.table import Figure, Promise

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench, Program

_FLOOR = "bare Textual"
PROMISES = [
    Promise("frame-cpu", "spawn to first frame: CPU", "s", 1.0, "ratio", _FLOOR),
    Promise("frame-wall", "the same: wall", "s", 1.0, "ratio", _FLOOR),
    Promise("settings-cpu", "spawn to settings applied: CPU", "s", 1.3, "ratio", _FLOOR),
    Promise("settings-wall", "the same: wall", "s", 1.3, "ratio", _FLOOR),
    Promise("keys-lost", "starts that lost keys typed before the first frame", "%", 0, "value", _FLOOR),
]
FIRST_FRAME = "● Starting"
"""What the app's status bar says before the settings are read."""
TYPED = "typedbeforethefirstframe"
PATIENCE = 1.5
"""Seconds after which keys that are not shown were lost."""
QUIT = "\x11"
"""Ctrl+Q."""
PATIENCE_AT_END = 30.0
"""Seconds that the app may take to end."""


@dataclass(frozen=True, slots=True)
class _Start:
    """Seconds from the start of the process to each sight, and whether the keys typed meanwhile were kept."""

    cpu: list[float]
    wall: list[float]
    kept: bool


def measure(bench: Bench, spawns: int = 9) -> dict[str, Figure]:
    """Starts app and floor in turn, `spawns` times each after one of each that fills caches; medians."""
    _fill_caches(bench)
    ours, bare = [], []
    for _ in range(spawns + 1):
        bare.append(_start(bench, BARE_TEXTUAL, [BARE_TEXTUAL.ready]))
        ours.append(_start(bench, APP, [FIRST_FRAME, APP.ready]))
    del bare[0], ours[0]
    cpu, wall = median(start.cpu[0] for start in bare), median(start.wall[0] for start in bare)
    return {
        "frame-cpu": Figure(median(start.cpu[0] for start in ours), cpu),
        "frame-wall": Figure(median(start.wall[0] for start in ours), wall),
        "settings-cpu": Figure(median(start.cpu[1] for start in ours), cpu),
        "settings-wall": Figure(median(start.wall[1] for start in ours), wall),
        "keys-lost": Figure(_share_lost(ours), _share_lost(bare)),
    }


def _fill_caches(bench: Bench) -> None:
    """Start the app and quit it, because it writes its caches when everything is loaded or it ends."""
    with bench.spawn(APP, [APP.ready]) as terminal:
        terminal.first[0].wait()
        terminal.send(QUIT)
        end = monotonic() + PATIENCE_AT_END
        while not terminal.ended:
            if monotonic() > end:
                raise NeverSeenError("the app did not end after Ctrl+Q")
            sleep(0.05)


def _start(bench: Bench, program: Program, sights: list[str]) -> _Start:
    """When each of the sights is first seen, with keys typed before the program can read them."""
    with bench.spawn(program, [*sights, TYPED]) as terminal:
        terminal.send(TYPED)
        *seen, typed = terminal.first
        for sight in seen:
            sight.wait()
        try:
            typed.wait(PATIENCE)
        except NeverSeenError:
            kept = False
        else:
            kept = True
        return _Start([sight.cpu for sight in seen], [sight.at - terminal.started for sight in seen], kept)


def _share_lost(starts: list[_Start]) -> float:
    return 100 * sum(not start.kept for start in starts) / len(starts)
