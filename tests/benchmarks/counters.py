"""What the system has counted for a process and its descendants. Linux only: from /proc and the processes' clocks."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_CPU_OF_PROCESS = 2
"""CPUCLOCK_SCHED in the kernel's clock numbers: the exact run time of all threads, those that have ended too."""


def _tree(pid: int) -> list[int]:
    """The process and its living descendants."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*"):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _ended_children(pid: int) -> float:
    """CPU seconds of children that have been waited for (`cutime` and `cstime` of proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / _CLOCK_TICKS


def cpu_seconds(pid: int) -> float:
    """User and system time of the whole tree so far. Raises `OSError` when the process has ended."""
    total = 0.0
    for member in _tree(pid):
        # clock_getcpuclockid(3): the clock's number is made from the process's.
        total += time.clock_gettime((~member << 3) | _CPU_OF_PROCESS) + _ended_children(member)
    return total


def resident_bytes(pid: int) -> int:
    """Resident memory of the tree; what members share is counted for each."""
    return sum(_status(Path(f"/proc/{member}/status"), r"VmRSS:\s+(\d+) kB") * 1024 for member in _tree(pid))


def context_switches(pid: int) -> int:
    """Of all threads of the tree, voluntary or not."""
    return sum(
        _status(task / "status", r"voluntary_ctxt_switches:\s+(\d+)")
        + _status(task / "status", r"nonvoluntary_ctxt_switches:\s+(\d+)")
        for member in _tree(pid)
        for task in Path(f"/proc/{member}/task").glob("*")
    )


def _status(path: Path, pattern: str) -> int:
    found = re.search("^" + pattern, path.read_text(), re.MULTILINE)
    if found is None:
        raise OSError(f"{path} does not tell {pattern}")
    return int(found[1])
