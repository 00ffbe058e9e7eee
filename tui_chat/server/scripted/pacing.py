"""Send the pieces of a reply at a given pace."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from tui_chat.chat.events import KeepAlive, ReasoningDelta, TextDelta, ToolCallDelta
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from tui_chat.chat.events import ChatEvent

DELTAS = (TextDelta, ReasoningDelta, ToolCallDelta)
"""The events that are pieces of a reply, and are paced."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The speed at which an endpoint answers."""

    rate: float | None = 60.0
    """Deltas per second; `None`: as fast as the client reads."""
    first: float = 0.2
    """Seconds from the response's head to the first delta."""
    jitter: float = 0.0
    """Unevenness of the gaps: with 0 they are all equal, with 1 each is between zero and twice its length. The average
    rate is the same."""
    keep_alive: float = 0.0
    """Seconds of silence before a keep-alive is sent; 0: none is sent."""


AT_ONCE = Pace(rate=None, first=0.0)
"""A pace without any waiting."""


class Metronome:
    """Waits until each piece is due.

    Piece n is due `first + n / rate` seconds after the start (apart from jitter), so late timers do not change the
    rate; overdue pieces are sent at once.
    """

    def __init__(self, pace: Pace, seed: str | None = None) -> None:
        """Starts the clock. The same `seed` gives the same jitter."""
        self._pace = pace
        self._random = random.Random(seed)
        self._due = asyncio.get_running_loop().time() + pace.first

    async def silence(self) -> bool:
        """If a keep-alive is due before the next piece, wait for it and return true."""
        silence = self._pace.keep_alive
        if not silence or self._due - asyncio.get_running_loop().time() <= silence:
            return False
        await asyncio.sleep(silence)
        return True

    async def beat(self) -> None:
        """Wait until the next piece is due."""
        # A sleep of nothing still lets the loop notice a hang-up.
        await asyncio.sleep(max(0.0, self._due - asyncio.get_running_loop().time()))
        if self._pace.rate:
            jitter = self._pace.jitter
            self._due += self._random.uniform(1 - jitter, 1 + jitter) / self._pace.rate


async def paced(events: Iterable[ChatEvent], pace: Pace, seed: str | None = None) -> AsyncGenerator[ChatEvent, None]:
    """Yield the events at the given pace, with `KeepAlive` events in long gaps; only pieces of the reply are
    delayed."""
    metronome = Metronome(pace, seed)
    for event in events:
        if isinstance(event, DELTAS):
            while await metronome.silence():
                yield KeepAlive()
            await metronome.beat()
        yield event
