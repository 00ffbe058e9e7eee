"""The response that sends one reply, streamed or whole."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.responses import Response

from tui_chat.chat.events import Failed
from tui_chat.server.formats.writing import to_json
from tui_chat.server.http.access_log import access_of
from tui_chat.server.http.streaming_response import CONNECTION, STREAM_HEADERS, break_off, deliver
from tui_chat.server.reply_steps import BodyPiece, BreakOffError, ReplyEnd, ReplyHead

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from tui_chat.server.formats.writing import Json
    from tui_chat.server.http.access_log import Access, RequestOutcome
    from tui_chat.server.scripted.replies import PreparedReply

SHUTDOWN = Failed("The server is shutting down.", type="server_error", code="shutting_down", status=503)
"""The error that ends a reply still running when the server stops."""

PAUSE_EVERY = 64 * 1024
"""Bytes of one reply after which other requests get a turn on the event loop."""

_NO_LINGERING = struct.pack("ii", 1, 0)
"""The `SO_LINGER` value that makes closing a socket reset the connection."""


class ReplyResponse(Response):
    """A response that sends the steps of one reply and cancels the reply when the client hangs up."""

    def __init__(self, reply: PreparedReply, closing: asyncio.Event) -> None:
        """`closing` is set when the server stops."""
        super().__init__()
        self._reply = reply
        self._closing = closing
        self._broken: BreakOffError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the reply until it ends, the client hangs up or the server stops, whichever comes first."""
        access = access_of(scope)
        access.outcome = await deliver(self._send(send, access), receive, self._closing)
        if self._broken is not None:
            connection = scope[CONNECTION]
            connection.write(self._broken.last)
            if self._broken.reset:
                connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
            await break_off(scope, receive)
        elif access.outcome == "shutdown":
            await self._send_shutdown(scope, receive, send, begun=access.status is not None)

    async def _send(self, send: Send, access: Access) -> RequestOutcome:
        outcome: RequestOutcome = "fault"
        unpaused = 0
        try:
            async with aclosing(self._reply.steps) as steps:
                async for step in steps:
                    match step:
                        case ReplyHead():
                            await send(_start(step))
                        case BodyPiece(data):
                            await send({"type": "http.response.body", "body": data, "more_body": True})
                            access.chunks += 1
                            unpaused += len(data)
                            if unpaused >= PAUSE_EVERY:  # `send` never waits if the client reads quickly
                                unpaused = 0
                                await asyncio.sleep(0)
                        case ReplyEnd():
                            outcome = step.outcome
        except BreakOffError as error:
            self._broken = error
            return "fault"
        await send({"type": "http.response.body", "body": b""})
        return outcome

    async def _send_shutdown(self, scope: Scope, receive: Receive, send: Send, *, begun: bool) -> None:
        if not begun:
            status, body = self._reply.encoder.whole([SHUTDOWN])
            await json_response(body, status)(scope, receive, send)
        elif self._reply.stream:
            await send({"type": "http.response.body", "body": self._reply.encoder.encode(SHUTDOWN)})
        else:  # half a document
            await break_off(scope, receive)


def json_response(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON response; its text may contain lone surrogates."""
    return Response(to_json(body), status, headers, media_type="application/json")


def _start(head: ReplyHead) -> dict[str, object]:
    media_type = head.media_type
    if media_type is not None and media_type.startswith("text/") and "charset=" not in media_type:
        media_type += "; charset=utf-8"
    own = {name.lower() for name in head.headers}  # a recorded head has its own spelling
    stream = {name: value for name, value in STREAM_HEADERS.items() if name.lower() not in own}
    headers = {**({} if media_type is None else {"Content-Type": media_type}), **stream, **head.headers}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": head.status, "headers": raw}
