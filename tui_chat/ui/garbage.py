"""When the garbage collector searches the whole heap.

What is rendered leaves almost no cycles, so a search finds little, but among the rows of a long reply it takes as long
as several frames. It is done when a reply has settled, and most of those rows are gone.
"""

from __future__ import annotations

import gc

THRESHOLDS = (700, 10, 1_000)
"""Python's own, but the whole heap is searched without being asked a hundred times less often."""

DUE = 10
"""The number of searches among young objects after which the whole heap is searched when a reply has settled: some
70,000 new objects."""


def begin_collecting() -> None:
    """Enable the collector, and leave out all objects that there are: imported modules stay as long as the program."""
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()


def collect_if_due() -> None:
    """Search the whole heap if there are many new objects since the last time."""
    if gc.isenabled() and gc.get_count()[2] >= DUE:
        gc.collect()
