"""Stream a response until it is complete, the client hangs up or the server stops."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.responses import Response

from tui_chat.server.http.access_log import access_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Mapping

    from starlette.types import Receive, Scope, Send

    from tui_chat.server.http.access_log import Access, RequestOutcome

STREAM_HEADERS = {
    "Cache-Control": "no-cache",
    "Connection": "keep-alive",  # what HTTP/1.1 does anyway; some proxies and clients look for the word
    "X-Accel-Buffering": "no",  # nginx and its kin would hold the pieces back
}

CONNECTION = "tui_chat.connection"
"""The key in an ASGI scope for the `asyncio.Transport` of the connection."""


async def deliver(
    sending: Coroutine[None, None, RequestOutcome], receive: Receive, closing: asyncio.Event
) -> RequestOutcome:
    """Run `sending` until it ends, the client hangs up or `closing` is set, whichever comes first.

    In the last two cases `sending` is cancelled and has cleaned up when this returns. Starlette's own
    `StreamingResponse` does not fit: a hang-up ends it silently, and it cannot be ended properly from outside.
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
    """Wait until the client hangs up or the response has been sent."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def break_off(scope: Scope, receive: Receive) -> None:
    """Close the connection in the middle of a response. The client can tell, because the last chunk or some of the
    Content-Length is missing."""
    scope[CONNECTION].abort()
    await _hang_up(receive)  # a response left open before the connection is known to be lost would be logged as a bug


class BrokenOffError(Exception):
    """The rest of the body is no longer available; the text says why."""


class StreamedBody(Response):
    """A response that sends each piece from an async generator as soon as it is produced.

    If the client hangs up, the generator is cancelled at its current `await`, so it can release resources in a
    `finally`.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        media_type: str,
        closing: asyncio.Event,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        last_words: bytes = b"",
    ) -> None:
        """`closing` is set when the server stops; the body then ends with `last_words`, unless the headers include a
        `Content-Length`. If `pieces` raises `BrokenOffError`, the connection is closed."""
        super().__init__(None, status, {**STREAM_HEADERS, **(headers or {})}, media_type)
        if "Content-Length" not in (headers or {}):
            del self.headers["content-length"]  # set for the empty body by the base class
        self._pieces = pieces
        self._closing = closing
        self._last_words = last_words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response piece by piece."""
        access = access_of(scope)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        access.outcome = await deliver(self._send(send, access), receive, self._closing)
        if access.outcome == "cut-off" or (access.outcome == "shutdown" and "content-length" in self.headers):
            await break_off(scope, receive)
        elif access.outcome == "shutdown":
            await send({"type": "http.response.body", "body": self._last_words})

    async def _send(self, send: Send, access: Access) -> RequestOutcome:
        try:
            async with aclosing(self._pieces) as pieces:
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    access.chunks += 1
        except BrokenOffError:
            return "cut-off"
        await send({"type": "http.response.body", "body": b""})
        return "finished"
