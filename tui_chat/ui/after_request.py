"""Postpones work of the screen until the request of a question that was just asked has been sent."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.message_pump import MessagePump

TURNS: Final = 12
"""Turns of the event loop. A request on an open connection is written within six; they take less than a millisecond if
nothing else has to be done."""


def after_request(owner: MessagePump, callback: Callable[[], object]) -> None:
    """Call `callback` as a message of `owner` once a request that is being sent has been written."""
    _in_later_turn(lambda: owner.call_next(callback))


def paint_after_request(app: App[Any]) -> None:
    """Paint no frame until a request that is about to be sent has been written."""
    held = ExitStack()
    held.enter_context(app.batch_update())

    def paint() -> None:
        held.close()
        if app.screen_stack:
            app.screen.check_idle()

    _in_later_turn(paint)


def _in_later_turn(callback: Callable[[], object], turns: int = TURNS) -> None:
    if turns:
        asyncio.get_running_loop().call_soon(_in_later_turn, callback, turns - 1)
    else:
        callback()
