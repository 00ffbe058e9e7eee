"""What a request was, for whoever tests a client against the endpoint."""

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
    """One request, from the moment its head has come."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    """By lower-case names, the key among them."""
    access: Access
    """What becomes of it, still growing while the request runs: `status`, `model`, `chunks`, `bytes`."""
    body: bytes | None = None
    """As far as it has been read; `None` where bodies are not kept."""

    @property
    def json(self) -> Any:
        """The body's JSON. Raises `ValueError` where it is none."""
        return json.loads(self.body or b"")

    @property
    def ended(self) -> bool:
        """Whether the response has been sent, or given up."""
        return self.access.ended is not None

    @property
    def outcome(self) -> RequestOutcome:
        """How it ended, `hang-up` where the client left in the middle; means nothing before it has."""
        return self.access.outcome


RequestListener: TypeAlias = "Callable[[ReceivedRequest], bool]"
"""Told of each request at its beginning, in the server's thread; says whether its body is to be kept."""


class RequestLog:
    """Middleware that tells of each request."""

    def __init__(self, app: ASGIApp, on_request: RequestListener) -> None:
        self._app = app
        self._on_request = on_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
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
