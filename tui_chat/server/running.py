"""uvicorn as it is run here: told when to stop, silent, and asleep when nobody asks."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tui_chat.server.delivery import CONNECTION

if TYPE_CHECKING:
    import socket
    from contextlib import AbstractContextManager

    from starlette.types import Receive, Scope, Send

    from tui_chat.server.app import Endpoint

GRACE = 1
"""Seconds a client that does not read has to take its last words."""

KEEP_ALIVE = 75
"""Seconds an idle connection is kept; longer than clients keep theirs, so that none closes under a request."""


class Connection(H11Protocol):
    """One client's connection, which the routes get to hold, so that they can break it off."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        app = self.app

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, CONNECTION: transport}, receive, send)

        self.app = with_connection


class Server(uvicorn.Server):
    """Serves one endpoint until `endpoint.closing` is set."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(
            uvicorn.Config(
                endpoint.app,
                http=Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._closing = endpoint.closing

    async def main_loop(self) -> None:
        """Wait for the end. uvicorn's own loop wakes ten times a second to look for it and to write the date."""
        await self.on_tick(0)  # sets the default headers
        await self._closing.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as uvicorn does, and then drop the clients that have not read their last words."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # the sockets are closed in the loop's next turn

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave the signals to whoever runs the server."""
        return nullcontext()


async def serve(endpoint: Endpoint, listening: socket.socket) -> None:
    """Serve on a socket that listens already, until `endpoint.closing` is set; replies under way are ended."""
    await Server(endpoint).serve(sockets=[listening])
