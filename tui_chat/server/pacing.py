"""When the pieces of an answer go out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_chat.chat.events import ReasoningDelta, TextDelta

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from tui_chat.chat.events import ChatEvent


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an endpoint answers."""

    rate: float | None = 60.0
    """Deltas a second; `None` is as fast as they can be taken."""
    first: float = 0.2
    """Seconds from the response's head to the first delta."""


AT_ONCE = Pace(rate=None, first=0.0)
"""No waiting at all."""


async def paced(events: Iterable[ChatEvent], pace: Pace) -> AsyncGenerator[ChatEvent, None]:
    """Give the events in time.

    Delta n is due `first + n / rate` seconds after the start, so that the rate holds however late a timer fires; what
    is overdue goes out at once. Other events do not wait.
    """
    loop = asyncio.get_running_loop()
    due = loop.time() + pace.first
    for event in events:
        if isinstance(event, TextDelta | ReasoningDelta):
            # A sleep of nothing still lets the loop notice a hang-up.
            await asyncio.sleep(max(0.0, due - loop.time()))
            due += 1 / pace.rate if pace.rate else 0.0
        yield event
