"""One reply on its way to one client: streamed or whole, until it is done, the client hangs up, or the server stops."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.responses import Response

from tui_chat.chat.events import CutOff, Failed
from tui_chat.server.access import access_of
from tui_chat.server.delivery import STREAM_HEADERS, deliver
from tui_chat.server.formats.writing import to_json

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope, Send

    from tui_chat.chat.events import ChatEvent
    from tui_chat.server.access import Access, Outcome
    from tui_chat.server.formats import Encoder
    from tui_chat.server.formats.writing import Json

SHUTDOWN = Failed("The server is shutting down.", type="server_error", code="shutting_down", status=503)
"""How a reply ends that was under way when the server stopped."""


class Answer(Response):
    """A response that runs the events of one reply, and cancels them when nobody hears them any more."""

    def __init__(
        self, events: AsyncGenerator[ChatEvent, None], encoder: Encoder, *, stream: bool, closing: asyncio.Event
    ) -> None:
        """`closing` is set when the server stops."""
        super().__init__(media_type=encoder.media_type, headers=STREAM_HEADERS)
        del self.headers["content-length"]  # it was that of an empty body
        self._events = events
        self._encoder = encoder
        self._stream = stream
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the reply until one of the three comes first: its end, a hang-up, the end of the server."""
        access = access_of(scope)
        sending = self._send_stream(send, access) if self._stream else self._send_whole(scope, receive, send, access)
        access.outcome = await deliver(sending, receive, self._closing)
        if access.outcome == "shutdown":
            await self._send_shutdown(scope, receive, send, begun=access.status is not None)

    async def _send_stream(self, send: Send, access: Access) -> Outcome:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        outcome: Outcome = "finished"
        async with aclosing(self._events) as events:
            async for event in events:
                if piece := self._encoder.encode(event):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    access.chunks += 1
                outcome = _outcome(event)
        await send({"type": "http.response.body", "body": b""})
        return outcome

    async def _send_whole(self, scope: Scope, receive: Receive, send: Send, access: Access) -> Outcome:
        async with aclosing(self._events) as events:
            heard = [event async for event in events]
        status, body = self._encoder.whole(heard)
        await json_response(body, status)(scope, receive, send)
        access.chunks = 1
        return _outcome(heard[-1])

    async def _send_shutdown(self, scope: Scope, receive: Receive, send: Send, *, begun: bool) -> None:
        if not begun:
            status, body = self._encoder.whole([SHUTDOWN])
            await json_response(body, status)(scope, receive, send)
        elif self._stream:
            await send({"type": "http.response.body", "body": self._encoder.encode(SHUTDOWN)})


def json_response(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON that may hold any text, lone surrogates too."""
    return Response(to_json(body), status, headers, media_type="application/json")


def _outcome(last: ChatEvent) -> Outcome:
    match last:
        case CutOff():
            return "cut-off"
        case Failed():
            return "failed"
        case _:
            return "finished"
