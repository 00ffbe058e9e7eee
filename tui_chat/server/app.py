"""The endpoint as one application: its routes, and what stands around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tui_chat import __version__
from tui_chat.server.access import AccessLog, log_access
from tui_chat.server.answer import json_response
from tui_chat.server.chat_routes import ChatRoutes
from tui_chat.server.errors import HANDLERS
from tui_chat.server.key_check import KeyCheck
from tui_chat.server.pacing import Pace

if TYPE_CHECKING:
    import asyncio

    from starlette.requests import Request
    from starlette.responses import Response

    from tui_chat.server.access import AccessListener


class Endpoint:
    """What `running.serve` serves."""

    def __init__(
        self,
        closing: asyncio.Event,
        *,
        key: str | None = None,
        pace: Pace | None = None,
        tell: AccessListener = log_access,
    ) -> None:
        """`closing` is set, in the server's loop, to end the replies under way. `key`: the bearer key the API
        asks for; `None` asks for none. `tell` hears of each request at its end."""
        self.closing = closing
        guarded = [Middleware(KeyCheck, key)] if key else []
        self.app = Starlette(
            routes=[
                Route("/", _index),
                Route("/health", _health),
                *ChatRoutes(closing, pace or Pace()).routes(guarded),
            ],
            middleware=[Middleware(AccessLog, tell)],
            exception_handlers=dict(HANDLERS),
        )


async def _index(_request: Request) -> Response:
    """One line for whoever looks with a browser."""
    where = "Its APIs are under /v1, /v1beta and /api."
    return PlainTextResponse(f"tui-chat {__version__}: an endpoint with scripted replies. {where}\n")


async def _health(_request: Request) -> Response:
    """For scripts that wait until the server is up."""
    return json_response({"status": "ok"})
