"""Protect an endpoint without a key from web pages: against DNS rebinding and requests from other sites."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request

from tui_chat.server.answer import json_response
from tui_chat.server.errors import error_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class HostCheck:
    """Middleware that answers only requests whose `Host` names this machine.

    With DNS rebinding, a page's own host name is made to resolve to 127.0.0.1, so the browser takes this server for the
    page's origin and lets it read the responses; the `Host` header reveals it. If a key is required, such a page cannot
    know it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        host = dict(scope.get("headers", ())).get(b"host", b"").decode("latin-1")
        if scope["type"] != "http" or _is_local(host):
            await self._app(scope, receive, send)
            return
        problem = "Without a key this endpoint answers only to localhost and to IP addresses; set TUI_CHAT_SERVE_KEY."
        await json_response(error_body(Request(scope), problem, 421), 421)(scope, receive, send)


class OriginCheck:
    """Middleware that refuses requests from pages of other sites when no key protects the endpoint.

    A browser lets any page send a plain-text POST to any address without asking first; only the `Origin` header (Fetch
    Standard, section 3.1) says where it came from.
    """

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        """`allowed`: the origins whose pages may use the endpoint, `*` for all."""
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] in _READING or self._is_allowed(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        problem = "A page of another site sent this request: allow its origin with --cors, or set TUI_CHAT_SERVE_KEY."
        await json_response(error_body(Request(scope), problem, 403), 403)(scope, receive, send)

    def _is_allowed(self, headers: Headers) -> bool:
        origin = headers.get("origin", "").lower()
        if not origin or "*" in self._allowed or origin in self._allowed:
            return True
        return origin.partition("://")[2] == headers.get("host", "").lower()


def _is_local(host: str) -> bool:
    """Whether a `Host` names this machine without using the DNS."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name in {"", "localhost"} or name.endswith(".localhost"):  # RFC 6761: never asked of the DNS
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
