"""Handles the signals that end a program with an event loop: the commands without a screen, and the built-in
endpoint."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BY_SIGNAL: Final = 128
"""Added to a signal's number this is the exit status of a process it ended, as shells define it."""
ENDING: Final = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl+C, a polite request to end, and a closed terminal. Windows has no SIGHUP."""
TOGETHER: Final = 0.5
"""Seconds within which signals count as one: a service manager may send two, and a person may press Ctrl+C twice."""


@contextmanager
def woken_by_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Let every signal wake the event loop. Python runs signal handlers between two of its instructions, so a signal
    that comes just before the loop begins to wait would not be handled until something else wakes it."""
    if sys.platform == "win32":  # its event loop does that by itself
        yield
        return
    reading, writing = socket.socketpair()
    with reading, writing:
        reading.setblocking(False)
        writing.setblocking(False)
        loop.add_reader(reading, reading.recv, 64)
        before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(reading)


@contextmanager
def stopping_on_signals(stop: Callable[[int], None], names: Sequence[str] = ENDING) -> Iterator[None]:
    """Call `stop` with the signal's number, in the running event loop, at the first of the signals with these `names`;
    another one more than `TOGETHER` seconds later ends the program at once."""
    loop = asyncio.get_running_loop()
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    first = 0.0

    def on_signal(number: int, _frame: object) -> None:
        # The default handler is not restored for that, because a pending signal would then cause an error message.
        nonlocal first
        if not first:
            first = monotonic()
            loop.call_soon_threadsafe(stop, number)
        elif monotonic() - first > TOGETHER:
            os._exit(BY_SIGNAL + number)

    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        with woken_by_signals(loop):
            yield
    finally:
        if not first:  # otherwise the program is ending, and further signals must not change how
            for number, handler in before.items():
                signal.signal(number, handler)
