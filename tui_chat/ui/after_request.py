"""Postpones work of the screen until the request of a question that was just asked has been sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump

TURNS: Final = 12
"""Turns of the event loop. A request on an open connection is written within six; they take less than a millisecond if
nothing else has to be done."""


def after_request(owner: MessagePump, callback: Callable[[], object], turns: int = TURNS) -> None:
    """Call `callback` as a message of `owner` in a later turn of the event loop."""
    if turns:
        asyncio.get_running_loop().call_soon(after_request, owner, callback, turns - 1)
    else:
        owner.call_next(callback)
