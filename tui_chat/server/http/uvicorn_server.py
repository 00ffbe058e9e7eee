"""uvicorn as it is run here: told when to stop, silent, and asleep when nobody asks."""

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
"""Seconds a client that does not read has to take its last words."""

KEEP_ALIVE = 75
"""Seconds an idle connection is kept; longer than clients keep theirs, so that none closes under a request."""


HEAD_WAIT = 20
"""Seconds that the head of a request may take once it has begun."""

_MAX_LINE = 64 * 1024
"""Bytes of a request line; the parser refuses what is longer."""

_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_REQUEST_LINE = re.compile(rb"([!-~]+) (.+) (HTTP/[0-9.]+\r?\n)")
_UNSAFE = re.compile(rb"[^!-~]")


class ClientConnection(H11Protocol):
    """One client's connection, which the routes get to hold, so that they can break it off.

    A URL may hold raw UTF-8 and spaces, as curl and Go's client send them; and a head that does not come in time, or a
    connection that never asks, is dropped.
    """

    _line = b""
    """A request line that has not ended."""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        app = self.app

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, CONNECTION: transport}, receive, send)

        self.app = with_connection
        self._deadline = self.loop.call_later(KEEP_ALIVE, transport.close)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        starts = self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]
        if starts:
            if not self._line:
                self._wait_for_head()
            data = self._line + data
            if b"\n" not in data and len(data) <= _MAX_LINE:
                self._line = data
                self._unset_keepalive_if_required()
                return
            self._line = b""
            data = escaped_target(data)
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._forget_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
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
    """The first bytes of a request with what a URL may not hold percent-encoded, in the request line alone."""
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
        """Wait for the end. uvicorn's own loop wakes ten times a second to look for it and to write the date."""
        await self.on_tick(0)  # sets the default headers
        await self._closing.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the port, give the responses under way `GRACE` seconds to be read, and drop who has not read his.

        uvicorn's own waits a tenth of a second in any case, and then cancels what is left, with a traceback in the log.
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
        with suppress(TimeoutError):  # what does not end without its client is left to the end of the loop
            await self._all_gone(GRACE)

    async def _all_gone(self, patience: float) -> None:
        async with asyncio.timeout(patience):
            while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 (nothing tells of it)
                await asyncio.sleep(0.005)

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave the signals to whoever runs the server."""
        return nullcontext()


async def serve(endpoint: EndpointApp, listening: socket.socket) -> None:
    """Serve on a socket that listens already, until `endpoint.closing` is set; replies under way are ended."""
    await Server(endpoint).serve(sockets=[listening])
