"""When the pieces of an answer go out."""

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
"""The events that are pieces of an answer, and wait for their time."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an endpoint answers."""

    rate: float | None = 60.0
    """Deltas a second; `None` is as fast as they can be taken."""
    first: float = 0.2
    """Seconds from the response's head to the first delta."""
    jitter: float = 0.0
    """How uneven the gaps are: 0 is a clock, 1 lets each gap be anything between nothing and twice its length. The
    rate holds on average."""
    keep_alive: float = 0.0
    """Seconds of silence after which a sign of life goes out; 0: none does."""


AT_ONCE = Pace(rate=None, first=0.0)
"""No waiting at all."""


class Metronome:
    """Says when each piece is due.

    Piece n is due `first + n / rate` seconds after the start, jitter aside, so that the rate holds however late a timer
    fires; what is overdue goes out at once.
    """

    def __init__(self, pace: Pace, seed: str | None = None) -> None:
        """Starts to count. The same `seed` gives the same jitter."""
        self._pace = pace
        self._random = random.Random(seed)
        self._due = asyncio.get_running_loop().time() + pace.first

    async def silence(self) -> bool:
        """Wait until a sign of life is due, if one is before the next piece, and tell whether it is."""
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
    """Give the events in time; what is no piece of the answer does not wait. `KeepAlive` stands for signs of life."""
    metronome = Metronome(pace, seed)
    for event in events:
        if isinstance(event, DELTAS):
            while await metronome.silence():
                yield KeepAlive()
            await metronome.beat()
        yield event
