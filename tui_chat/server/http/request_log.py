"""The requests an endpoint received, for programs that test a client against it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.server.http.access_log import access_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tui_chat.server.http.access_log import Access, RequestOutcome


@dataclass(slots=True)
class ReceivedRequest:
    """One request; it exists as soon as its head has arrived."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    """By lower-case name, including the key."""
    access: Access
    """The record of the response, updated while the request runs: `status`, `model`, `chunks`, `bytes`."""
    body: bytes | None = None
    """The part of the body read so far; `None` if bodies are not kept."""

    @property
    def json(self) -> Any:
        """The body parsed as JSON. Raises `ValueError` if it is not JSON."""
        return json.loads(self.body or b"")

    @property
    def ended(self) -> bool:
        """Whether the response has been sent completely or was abandoned."""
        return self.access.ended is not None

    @property
    def outcome(self) -> RequestOutcome:
        """The end of the request (`hang-up` if the client left early); meaningless before it has ended."""
        return self.access.outcome


RequestListener: TypeAlias = "Callable[[ReceivedRequest], bool]"
"""Called in the server's thread when a request begins; returns whether to keep its body."""


class RequestLog:
    """Middleware that passes every request to a listener."""

    def __init__(self, app: ASGIApp, on_request: RequestListener) -> None:
        self._app = app
        self._on_request = on_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, and keep it for tests."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        request = ReceivedRequest(scope["method"], scope["path"], query, headers, access_of(scope))
        if self._on_request(request):
            request.body = b""

        async def keep() -> Message:
            message = await receive()
            if request.body is not None and message["type"] == "http.request":
                request.body += message.get("body", b"")
            return message

        await self._app(scope, keep, send)
