"""Pause a replayed response and step through its pieces, from another thread than the one that sends them."""

from __future__ import annotations

import asyncio
from threading import Lock


class ReplayControl:
    """Says when each piece of a recorded response may be sent."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._paused = False
        self._steps = 0
        """Pieces that may be sent although it is paused."""
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    @property
    def paused(self) -> bool:
        """Whether pieces wait for steps."""
        return self._paused

    def pause(self, *, paused: bool) -> None:
        """Pause, or go on at the recorded pace."""
        with self._lock:
            self._paused, self._steps = paused, 0
        self._wake()

    def step(self) -> None:
        """Send the next piece now, and pause behind it."""
        with self._lock:
            self._paused = True
            self._steps += 1
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            waiting = [*self._waiting.items()]
        for event, loop in waiting:
            loop.call_soon_threadsafe(event.set)

    async def wait(self, seconds: float) -> None:
        """Wait until a piece that follows `seconds` after the one before may be sent."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        due = loop.time() + seconds
        with self._lock:
            self._waiting[changed] = loop
        try:
            while not self._may_go(due - loop.time()):
                left = None if self._paused else due - loop.time()
                try:
                    async with asyncio.timeout(left):
                        await changed.wait()
                except TimeoutError:
                    continue
                changed.clear()
        finally:
            with self._lock:
                self._waiting.pop(changed, None)

    def _may_go(self, left: float) -> bool:
        with self._lock:
            if not self._paused:
                return left <= 0
            if self._steps:
                self._steps -= 1
                return True
            return False
