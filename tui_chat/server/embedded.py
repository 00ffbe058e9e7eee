"""The endpoint inside another program, in its own thread and event loop, on a free loopback port.

It answers when no endpoint is configured, and serves as a fixture for tests of programs that talk to one:

    with EmbeddedServer() as server:
        client = Client(server.base_url, server.key)

Importing this module is cheap: the thread imports the web framework.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import threading
from typing import TYPE_CHECKING

from tui_chat.chat.model_ports import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from tui_chat.server.http.access_log import AccessListener
    from tui_chat.server.http.request_log import RequestListener
    from tui_chat.server.scripted.replies import Replies

log = logging.getLogger(__name__)


class EmbeddedServer:
    """One endpoint in a thread. Stopping it twice does nothing."""

    def __init__(
        self,
        *,
        replies: Replies | None = None,
        file: Path | None = None,
        cors: Sequence[str] = (),
        on_finish: AccessListener | None = None,
        on_request: RequestListener | None = None,
        key: str | None = "",
    ) -> None:
        """`replies`: the models and how they answer. `file`: the large file to download. `cors`: origins whose pages
        may use the endpoint. `on_request` is called when a request begins, `on_finish` when it has ended (in place of
        logging it); both in the server's thread. `key`: the bearer key; an empty one is replaced by a generated one,
        `None` requires none."""
        self.key = secrets.token_urlsafe(24) if key == "" else key or ""
        """The bearer key; empty if the endpoint asks for none."""
        self.base_url = ""
        """`http://127.0.0.1:PORT/v1`; empty before the server starts."""
        self._replies = replies
        self._file = file
        self._cors = cors
        self._on_finish = on_finish
        self._on_request = on_request
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = asyncio.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen, and serve from a thread. Clients may connect at once: they wait in the socket's queue until the
        framework is imported. Raises `SetupError` if no port is free."""
        try:
            listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        except OSError as error:
            raise SetupError(f"The demo endpoint could not listen on this machine: {error.strerror}") from error
        self.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        loop = self._loop = asyncio.new_event_loop()
        # A daemon: a program that crashes is not kept alive by its demo.
        self._thread = threading.Thread(target=self._run, args=(loop, listening), name="tui-chat-server", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """End running replies, close the port, and wait at most `timeout` seconds for the thread."""
        if self._thread is None or self._loop is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has stopped already
            self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(timeout)
        if self._thread.is_alive():
            log.warning("The embedded server did not stop within %s s", timeout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, loop: asyncio.AbstractEventLoop, listening: socket.socket) -> None:
        with listening, asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._serve(listening))

    async def _serve(self, listening: socket.socket) -> None:
        from tui_chat.server.app import EndpointApp
        from tui_chat.server.http.access_log import log_access
        from tui_chat.server.http.uvicorn_server import serve

        on_finish = self._on_finish or log_access
        endpoint = EndpointApp(
            self._closing,
            key=self.key or None,
            replies=self._replies,
            file=self._file,
            cors=self._cors,
            on_finish=on_finish,
            on_request=self._on_request,
        )
        await serve(endpoint, listening)
