"""uvicorn as it is run here: told when to stop, silent, and asleep when nobody asks."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext, suppress
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


async def serve(endpoint: Endpoint, listening: socket.socket) -> None:
    """Serve on a socket that listens already, until `endpoint.closing` is set; replies under way are ended."""
    await Server(endpoint).serve(sockets=[listening])
