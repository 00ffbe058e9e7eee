"""Check the key of each request."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from starlette.datastructures import QueryParams
from starlette.requests import Request

from tui_chat.server.answer import json_response
from tui_chat.server.errors import error_body

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class KeyCheck:
    """Middleware that rejects requests without the key, sent as a bearer token or in Anthropic's or Google's own
    header."""

    def __init__(self, app: ASGIApp, key: str, *, in_query: bool = False) -> None:
        """`in_query`: also accept the key as `?key=`, for clients that cannot send headers. Queries are never
        logged."""
        self._app = app
        self._key = key.encode()
        self._in_query = in_query

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        headers = dict(scope["headers"])
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer":
            given = headers.get(b"x-api-key", headers.get(b"x-goog-api-key", b""))
        if not given and self._in_query:
            given = QueryParams(scope["query_string"]).get("key", "").encode()
        # A comparison that stops at the first difference would reveal by its duration how much of the key is right.
        if hmac.compare_digest(given.strip(), self._key):
            await self._app(scope, receive, send)
            return
        problem = "Incorrect API key provided." if given else "You didn't provide an API key."
        body = error_body(Request(scope), problem, 401, "invalid_api_key")
        await json_response(body, 401, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
