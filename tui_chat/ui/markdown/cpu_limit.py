"""Interrupt code that takes too long, even within a regular expression.

Python looks for signals every few thousand steps of a regular expression, and their handler may raise an exception. A
timer of CPU time that sends such a signal is the only way to stop an expression of a foreign lexer.
"""

from __future__ import annotations

import signal
from threading import current_thread, main_thread
from time import thread_time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

Result = TypeVar("Result")

SHORTEST = 0.001
"""The least seconds for which the timer is set: 0 would stop it."""


class TookTooLongError(BaseException):
    """Raised within code that has used up its time; a lexer's `except Exception` does not catch it."""


class _Timer:
    """The process's timer of CPU time. Its handler stays installed, since a signal may be handled after its call."""

    def __init__(self) -> None:
        self._installed = False
        self._end: float | None = None
        """The CPU time of the main thread at which the running call is interrupted."""
        self._more = 0.0
        """The CPU seconds that the call may use after that."""

    def run(self, call: Callable[[], Result], seconds: float) -> Result:
        if not self._installed:
            signal.signal(signal.SIGVTALRM, self._interrupt)
            self._installed = True
        try:
            self._end, self._more = thread_time() + seconds, seconds
            signal.setitimer(signal.ITIMER_VIRTUAL, max(seconds, SHORTEST))
            return call()
        finally:
            self._end = None
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._end is None:
            return
        now = thread_time()
        if now >= self._end and self._more:
            self._end, self._more = now + self._more, 0.0
        if now < self._end:  # more is left, or other threads have used some of the process's time
            signal.setitimer(signal.ITIMER_VIRTUAL, max(self._end - now, SHORTEST))
        else:
            self._end = None
            raise TookTooLongError


_timer = _Timer()


def limited(call: Callable[[], Result], seconds: float) -> Result:
    """Call `call` and return its result.

    Raises `TookTooLongError` when it has used `seconds` of CPU time twice: a collection of garbage, which nothing can
    interrupt, may have used them once. Where the call could not be interrupted, it is raised at once: outside the main
    thread, and on systems without such a timer (Windows).
    """
    if current_thread() is not main_thread() or not hasattr(signal, "SIGVTALRM"):
        raise TookTooLongError
    return _timer.run(call, seconds)
