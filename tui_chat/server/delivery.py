"""What every streamed response has in common: it goes on until it is done, the client hangs up, or the server stops."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.types import Receive

    from tui_chat.server.access import Outcome

STREAM_HEADERS = {
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",  # nginx and its kin would hold the pieces back
}


async def deliver(sending: Coroutine[None, None, Outcome], receive: Receive, closing: asyncio.Event) -> Outcome:
    """Run `sending` until the first of three: its own end, a hang-up, or `closing`, the end of the server.

    In the other two cases it is cancelled and has cleaned up when this returns. Starlette's own `StreamingResponse` is
    not used for this: a hang-up would end it without a word, and there is no way to end it properly from outside.
    """
    sender = asyncio.ensure_future(sending)
    hang_up = asyncio.ensure_future(_hang_up(receive))
    close = asyncio.ensure_future(closing.wait())
    tasks = {sender, hang_up, close}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    if not sender.cancelled():
        return sender.result()
    return "shutdown" if hang_up.cancelled() else "hang-up"


async def _hang_up(receive: Receive) -> None:
    """Return when the client has hung up (or has been answered in full)."""
    while (await receive())["type"] != "http.disconnect":
        pass
