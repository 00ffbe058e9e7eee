"""The built-in endpoint as one Starlette application: its routes and middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from tui_chat.server.answer import json_response
from tui_chat.server.chat_routes import ChatRoutes
from tui_chat.server.errors import HANDLERS
from tui_chat.server.http.access_log import AccessLog, log_access
from tui_chat.server.http.auth import KeyCheck
from tui_chat.server.http.host_check import HostCheck, OriginCheck
from tui_chat.server.http.request_log import RequestLog
from tui_chat.server.pages import page_routes
from tui_chat.server.patterns import pattern_routes
from tui_chat.server.scripted.replies import Replies

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from tui_chat.server.http.access_log import AccessListener
    from tui_chat.server.http.request_log import RequestListener


READABLE = ("Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Retry-After")
"""Response headers that scripts of an allowed origin may read, in addition to those that CORS always allows."""


class EndpointApp:
    """The Starlette application of one endpoint, and the event that closes it."""

    def __init__(
        self,
        closing: asyncio.Event,
        *,
        key: str | None = None,
        replies: Replies | None = None,
        file: Path | None = None,
        cors: Sequence[str] = (),
        on_finish: AccessListener = log_access,
        on_request: RequestListener | None = None,
    ) -> None:
        """`closing`: set, in the server's loop, to end running replies. `key`: the bearer key that all routes except
        the pages and `/health` require; with `None` no key is required, and only requests addressed to this machine are
        answered. `replies`: the models. `file`: the large file to download. `cors`: origins whose pages may use the
        endpoint from a browser, `*` for all. `on_request` is called when a request begins, `on_finish` when it has
        ended."""
        self.closing = closing
        replies = replies or Replies()
        guarded = [Middleware(KeyCheck, key)] if key else []
        # A browser's EventSource cannot send headers, and a link to a download cannot either.
        guarded_by_url = [Middleware(KeyCheck, key, in_query=True)] if key else []
        allowed = Middleware(
            CORSMiddleware,
            allow_origins=cors,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["*"],
            expose_headers=READABLE,
        )
        self.app = Starlette(
            routes=[
                *page_routes(),
                Route("/health", _health),
                *ChatRoutes(closing, replies).routes(guarded),
                *pattern_routes(closing, replies, file, guarded_by_url),
            ],
            middleware=[
                Middleware(AccessLog, on_finish),
                *([Middleware(RequestLog, on_request)] if on_request else []),
                *([] if key else [Middleware(HostCheck), Middleware(OriginCheck, cors)]),
                *([allowed] if cors else []),
            ],
            exception_handlers=dict(HANDLERS),
        )


async def _health(_request: Request) -> Response:
    """Answer scripts that poll until the server is up."""
    return json_response({"status": "ok"})
