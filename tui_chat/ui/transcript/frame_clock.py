"""One clock that decides when message views repaint.

A delta only marks its view. Marked views catch up together, at most at the frame rate. If frames are expensive, the
next one waits up to eight times as long as they took, so that painting leaves the processor to others for most texts.
The wait ends early when no more text arrives, so the last word of a burst is visible at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic, thread_time
from typing import TYPE_CHECKING, Protocol

from tui_chat.ui.garbage import collect_if_due

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.terminal.streaming_scroll import StreamingScroll

COST_FACTOR = 8
MOST_WAIT = 0.045
"""The longest wait in seconds, however expensive a frame was, so that the text never seems to stand still."""

QUIET = 0.005
"""Seconds without new text after which what a frame has left is rendered: a burst that is being read brings more
sooner."""

SETTLE_TURN = 0.005
"""Seconds of settling per turn of the event loop: a key takes some ten turns from the terminal to its echo."""


class FrameListener(Protocol):
    """Something that the clock drives."""

    def catch_up(self) -> None:
        """Process everything new and request a repaint."""
        ...

    def tick(self) -> bool:
        """Called once a second; returns whether to be called again."""
        ...


class FrameClock:
    """Lets views catch up at a frame rate, count seconds, and settle when idle. Nothing is scheduled while nothing
    happens.

    The work runs for `owner`, so its errors reach the app.
    """

    def __init__(self, owner: StreamingScroll, frames_per_second: float = 30) -> None:
        self.frames_per_second = frames_per_second
        self._owner = owner
        self._marked: dict[FrameListener, None] = {}
        self._ticking: dict[FrameListener, None] = {}
        self._settling: deque[Iterator[None]] = deque()
        self._next_frame = 0.0
        self._frame: asyncio.TimerHandle | None = None
        self._marks = self._marks_seen = 0
        """The number of marks so far, and the number at the last check for more."""
        self._second: asyncio.TimerHandle | None = None
        self._posted = False
        self._painting = False
        self._cost = 0.0
        """CPU seconds of the last frame."""

    @property
    def busy(self) -> bool:
        """Whether anything is scheduled."""
        return bool(self._frame or self._second or self._settling or self._posted)

    def mark(self, view: FrameListener, *, at_once: bool = False) -> None:
        """Let `view` catch up in the next frame, or with `at_once` in this turn of the event loop."""
        self._marked[view] = None
        self._marks += 1
        if self._painting:
            return
        if at_once:
            self._cancel_frame()
            self._post()
        elif self._frame is None and not self._posted:
            self._check(1 / self.frames_per_second)

    def count_seconds(self, view: FrameListener) -> None:
        """Call `view.tick` every second until it returns false."""
        self._ticking[view] = None
        if self._second is None:
            self._second = asyncio.get_running_loop().call_later(1, self._owner.call_next, self._tick)

    def settle(self, slices: Iterator[None]) -> None:
        """Run through `slices`, a few per turn of the event loop, after other waiting work."""
        self._settling.append(slices)
        if len(self._settling) == 1:
            self._owner.call_later(self._settle_slice)

    def forget(self, view: FrameListener) -> None:
        """Drop everything that is scheduled for a removed view."""
        self._marked.pop(view, None)
        self._ticking.pop(view, None)

    def close(self) -> None:
        """Cancel all timers and tasks."""
        self._cancel_frame()
        if self._second is not None:
            self._second.cancel()
        self._marked.clear()
        self._ticking.clear()
        self._settling.clear()

    def _cancel_frame(self) -> None:
        if self._frame is not None:
            self._frame.cancel()
            self._frame = None

    def _check(self, quiet: float) -> None:
        """Paint if it is time, or if nothing has arrived for `quiet` seconds; else check again later."""
        self._frame = None
        wait = self._next_frame - monotonic()
        if wait <= 0 or self._marks == self._marks_seen:
            self._post()
            return
        self._marks_seen = self._marks
        self._frame = asyncio.get_running_loop().call_later(min(wait, quiet), self._check, quiet)

    def _post(self) -> None:
        if not self._posted:
            self._posted = True
            self._owner.run_soon(self._paint)

    def _paint(self) -> None:
        self._posted = False
        started = thread_time()
        marked, self._marked = list(self._marked), {}
        self._painting = True  # what views mark now is for the next frame
        try:
            for view in marked:
                view.catch_up()
        finally:
            self._painting = False
        before, self._cost = self._cost, thread_time() - started
        cost = min(before, self._cost)  # one expensive frame (something is loaded, a block is laid out) is no reason
        self._next_frame = monotonic() + max(1 / self.frames_per_second, min(COST_FACTOR * cost, MOST_WAIT))
        if self._marked and self._frame is None and not self._posted:
            # An expensive frame has left text. A cheap one only waits for a lexer, which others load.
            self._check(QUIET if self._cost > QUIET else 1 / self.frames_per_second)

    def _tick(self) -> None:
        self._second = None
        ticking, self._ticking = list(self._ticking), {}
        for view in ticking:
            if view.tick():
                self.count_seconds(view)

    def _settle_slice(self) -> None:
        end = monotonic() + SETTLE_TURN
        while self._settling:
            try:
                next(self._settling[0])
            except StopIteration:
                self._settling.popleft()
                continue
            if monotonic() > end:
                # A message pump that has another message waiting handles it before any other task runs.
                asyncio.get_running_loop().call_soon(self._owner.call_later, self._settle_slice)
                return
        collect_if_due()
