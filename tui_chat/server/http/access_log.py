"""Log one line for each request, without its body, query or key."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import field
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("tui_chat.server.access_log")

RequestOutcome: TypeAlias = Literal["answered", "finished", "cut-off", "failed", "fault", "hang-up", "shutdown", "bug"]
"""The end of a request: an ordinary response, the ending of a reply, a requested fault, the client hung up, the server
stopped, or a bug in the server."""


@dataclass(slots=True)
class Access:
    """The record of one request."""

    client: str
    method: str
    path: str
    began: float = field(default_factory=monotonic)
    """Start time, in monotonic seconds."""
    ended: float | None = None
    """End time, in monotonic seconds; `None` while the request runs."""
    status: int | None = None
    model: str = ""
    """The requested model; empty if the request is not for a reply."""
    chunks: int = 0
    """Number of pieces sent in a streamed response."""
    bytes: int = 0
    """Length of the body sent, in bytes."""
    outcome: RequestOutcome = "answered"

    def __str__(self) -> str:
        seconds = (self.ended or monotonic()) - self.began
        model = f" model={clean_line(self.model)[:80]!r}" if self.model else ""
        streamed = f" bytes={self.bytes} chunks={self.chunks}" if self.outcome != "answered" else ""
        head = f"{self.client} {self.method} {self.path} {self.status or '-'}"
        return f"{head}{model}{streamed} {self.outcome} after {seconds:.3f} s"


AccessListener: TypeAlias = "Callable[[Access], None]"
"""Called in the server's thread when a request has ended."""


def log_access(access: Access) -> None:
    """Write one line to the log."""
    log.info("%s", access)


_KEY = "tui_chat.access"


def access_of(scope: Scope) -> Access:
    """The record of the request in this ASGI scope."""
    access = scope[_KEY]
    assert isinstance(access, Access)  # noqa: S101 (put there by `AccessLog`, around every route)
    return access


class AccessLog:
    """Middleware that records every request and calls a listener when it ends."""

    def __init__(self, app: ASGIApp, on_finish: AccessListener) -> None:
        self._app = app
        self._on_finish = on_finish

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = scope["client"][0] if scope.get("client") else "-"
        access = Access(host, scope["method"], clean_line(scope["path"])[:200])

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                access.status = message["status"]
            else:
                access.bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app({**scope, _KEY: access}, receive, note)
        except asyncio.CancelledError:
            access.outcome = "shutdown"
            raise
        except BaseException:  # re-raised; only the access log line must not call it an answer
            access.outcome = "bug"
            raise
        finally:
            access.ended = monotonic()
            self._on_finish(access)
