"""uvicorn, adapted: stopped by an event, silent, and idle while there are no requests."""

from __future__ import annotations

import asyncio
import re
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tui_chat.server.http.streaming_response import CONNECTION

if TYPE_CHECKING:
    import socket
    from contextlib import AbstractContextManager

    from starlette.types import Receive, Scope, Send

    from tui_chat.server.app import EndpointApp

GRACE = 1
"""Seconds that a client has to read the end of its response when the server stops."""

KEEP_ALIVE = 75
"""Seconds an idle connection is kept; longer than clients keep theirs, so that none closes while a request is sent."""


HEAD_WAIT = 20
"""Seconds within which the head of a request must be complete."""

_MAX_LINE = 64 * 1024
"""The longest request line, in bytes; the parser refuses longer ones."""

_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_REQUEST_LINE = re.compile(rb"([!-~]+) (.+) (HTTP/[0-9.]+\r?\n)")
_UNSAFE = re.compile(rb"[^!-~]")


class ClientConnection(H11Protocol):
    """One client's connection, which routes can close in the middle of a response.

    Request lines may contain raw UTF-8 and spaces, as curl and Go's client send them. Connections whose request head is
    too slow, or that never send a request, are closed.
    """

    _line = b""
    """An incomplete request line."""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start waiting for the first request."""
        super().connection_made(transport)
        app = self.app

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, CONNECTION: transport}, receive, send)

        self.app = with_connection
        self._deadline = self.loop.call_later(KEEP_ALIVE, transport.close)

    def data_received(self, data: bytes) -> None:
        """Handle received bytes; a request line is collected until it is complete."""
        starts = self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]
        if starts:
            if not self._line:
                self._wait_for_head()
            data = self._line + data
            if b"\n" not in data and len(data) <= _MAX_LINE:
                self._line = data
                if hasattr(self, "_unset_keepalive_if_required"):  # uvicorn 0.54 has it; without, KEEP_ALIVE counts on
                    self._unset_keepalive_if_required()
                return
            self._line = b""
            data = escaped_target(data)
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._forget_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting for a request."""
        self._forget_deadline()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._forget_deadline()
        self._deadline = self.loop.call_later(HEAD_WAIT, self._give_up)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TIMED_OUT)
            self.transport.close()

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def escaped_target(data: bytes) -> bytes:
    """Percent-encode the characters of a request line that a URL may not contain; `data` is the beginning of the
    request."""
    end = data.find(b"\n") + 1
    line = _REQUEST_LINE.fullmatch(data[:end])
    if line is None or _UNSAFE.search(line[2]) is None:
        return data
    target = _UNSAFE.sub(lambda found: b"%%%02X" % found[0][0], line[2])
    return b"%b %b %b%b" % (line[1], target, line[3], data[end:])


class Server(uvicorn.Server):
    """Serves one endpoint until `endpoint.closing` is set."""

    def __init__(self, endpoint: EndpointApp) -> None:
        super().__init__(
            uvicorn.Config(
                endpoint.app,
                http=ClientConnection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=KEEP_ALIVE,
            )
        )
        self._closing = endpoint.closing

    async def main_loop(self) -> None:
        """Wait for the end. uvicorn's own loop wakes ten times a second to check for it and to update the date."""
        await self.on_tick(0)  # sets the default headers
        await self._closing.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the port, give clients `GRACE` seconds to read their responses, and then close their connections.

        uvicorn's own method always waits a tenth of a second, and cancels the remaining requests with a traceback in
        the log.
        """
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            await self._all_gone(GRACE)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        with suppress(TimeoutError):  # remaining tasks end with the event loop
            await self._all_gone(GRACE)

    async def _all_gone(self, patience: float) -> None:
        async with asyncio.timeout(patience):
            while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 (nothing tells of it)
                await asyncio.sleep(0.005)

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave signal handling to the program that runs the server."""
        return nullcontext()


async def serve(endpoint: EndpointApp, listening: socket.socket) -> None:
    """Serve on a listening socket until `endpoint.closing` is set; running replies are then ended."""
    await Server(endpoint).serve(sockets=[listening])
