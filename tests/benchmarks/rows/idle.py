"""What the program does while nobody does anything."""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING

from tests.benchmarks import counters
from tests.benchmarks.sitting import APP, BARE_TEXTUAL
from tests.benchmarks.table import Figure, Promise

if TYPE_CHECKING:
    from tests.benchmarks.sitting import Bench

PROMISES = [
    Promise("idle", "idle: context switches over 30 s", "", 1.2, "ratio", "bare Textual"),
    Promise("idle-cpu", "the same: CPU", "ms", floor="bare Textual"),
]


def measure(bench: Bench, seconds: float = 30.0, settle: float = 3.0) -> dict[str, Figure]:
    """Both programs at once, side by side."""
    with bench.sit(APP) as ours, bench.sit(BARE_TEXTUAL) as bare:
        sleep(settle)
        pids = [ours.terminal.pid, bare.terminal.pid]
        before = [(counters.context_switches(pid), counters.cpu_seconds(pid)) for pid in pids]
        sleep(seconds)
        after = [(counters.context_switches(pid), counters.cpu_seconds(pid)) for pid in pids]
        for sitting in (ours, bare):  # one that sleeps soundly, not one that hangs
            echo = sitting.terminal.look_for("ж")
            sitting.terminal.send("ж")
            echo.wait()
    switches = [later[0] - earlier[0] for earlier, later in zip(before, after, strict=True)]
    cpu = [(later[1] - earlier[1]) * 1000 for earlier, later in zip(before, after, strict=True)]
    return {"idle": Figure(switches[0], switches[1]), "idle-cpu": Figure(cpu[0], cpu[1])}
