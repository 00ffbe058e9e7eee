"""Signals that end the program, and whether a shell can take the terminal and give it back."""

from __future__ import annotations

import os
import signal
from typing import Final

ENDING: Final = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP")
"""Signals with which a person, a service manager or a closed terminal ends programs."""
ENDING_UNLESS_USED: Final = (
    "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPROF", "SIGXCPU", "SIGIO", "SIGPWR", "SIGSTKFLT", "SIGTRAP", "SIGSYS",
)  # fmt: skip
"""Further signals whose default ends the program at once, and would leave the terminal as it is. A debugger's or a
profiler's own handler stays."""


def end_signals() -> list[int]:
    """The numbers of the signals at which the terminal has to be given back before the program ends."""
    numbers: list[int] = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    others = [getattr(signal, name) for name in ENDING_UNLESS_USED if hasattr(signal, name)]
    return numbers + [number for number in others if signal.getsignal(number) is signal.SIG_DFL]


def has_shell() -> bool:
    """Whether this program was started from its own terminal session, by a shell or by what a shell started.

    Where it leads the session itself (a window that runs nothing else), its process group is orphaned (POSIX), SIGTSTP
    does nothing, and nobody would continue it.
    """
    try:
        return os.getsid(os.getppid()) == os.getsid(0)
    except OSError:  # the parent has ended, or is in a session that may not be looked into
        return False
