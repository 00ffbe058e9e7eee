"""The routes of the endpoint, its key, and its bounds."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from tui_chat import __version__
from tui_chat.server.access import AccessLog, access_of, log_access
from tui_chat.server.answer import Answer, json_response
from tui_chat.server.formats import OpenAIChat, openai_error
from tui_chat.server.pacing import Pace, paced
from tui_chat.server.requests import RequestError, choose, read_openai_chat
from tui_chat.server.scripts import SCRIPTS, reply

if TYPE_CHECKING:
    import asyncio

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from tui_chat.server.access import AccessListener

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a request's body; room for a long conversation with pictures in it."""

MAX_DISCARDED = 4 * MAX_BODY
"""Bytes of a body too large that are read and dropped, so that the client gets to read the answer."""


class Endpoint:
    """What the routes share."""

    def __init__(
        self,
        closing: asyncio.Event,
        *,
        key: str | None = None,
        pace: Pace | None = None,
        max_body: int = MAX_BODY,
        tell: AccessListener = log_access,
    ) -> None:
        """`closing` is set, in the server's loop, to end the replies under way. `key`: the bearer key the API
        asks for; `None` asks for none. `tell` hears of each request at its end."""
        self.closing = closing
        self._pace = pace or Pace()
        self._max_body = max_body
        api = Mount(
            "/v1",
            routes=[
                Route("/models", self.models),
                Route("/chat/completions", self.chat_completions, methods=["POST"]),
            ],
            middleware=[Middleware(KeyCheck, key)] if key else [],
        )
        self.app = Starlette(
            routes=[Route("/", self.index), Route("/health", self.health), api],
            middleware=[Middleware(AccessLog, tell)],
            exception_handlers={
                HTTPException: _http_error,
                RequestError: _request_error,
                ClientDisconnect: _hung_up,
            },
        )

    async def index(self, _request: Request) -> Response:
        """One line for whoever looks with a browser."""
        return PlainTextResponse(f"tui-chat {__version__}: an endpoint with scripted replies. The API is under /v1.\n")

    async def health(self, _request: Request) -> Response:
        """For scripts that wait until the server is up."""
        return json_response({"status": "ok"})

    async def models(self, _request: Request) -> Response:
        """The scripts, as OpenAI lists models."""
        described = [{"id": name, "object": "model", "created": 0, "owned_by": "tui-chat"} for name in SCRIPTS]
        return json_response({"object": "list", "data": described})

    async def chat_completions(self, request: Request) -> Response:
        """OpenAI's chat completions, streamed or not."""
        asking = read_openai_chat(await self._body(request))
        access_of(request.scope).model = asking.model
        script, pace = choose(asking.model, self._pace)
        return Answer(
            paced(reply(script, asking.asked), pace),
            OpenAIChat(asking.model, include_usage=asking.include_usage),
            stream=asking.stream,
            closing=self.closing,
        )

    async def _body(self, request: Request) -> bytes:
        kept = bytearray()
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size <= self._max_body:
                kept += chunk
            elif size > MAX_DISCARDED:
                break
        if size > self._max_body:
            raise RequestError(f"The request is larger than {self._max_body} bytes.", status=413)
        return bytes(kept)


class KeyCheck:
    """Middleware that lets nobody through without the bearer key."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        scheme, _, given = dict(scope["headers"]).get(b"authorization", b"").partition(b" ")
        # A comparison that stopped at the first difference would tell by its time how much of a key was right.
        if hmac.compare_digest(given.strip(), self._key) and scheme.lower() == b"bearer":
            await self._app(scope, receive, send)
            return
        problem = "Incorrect API key provided." if given else "You didn't provide an API key."
        refusal = json_response(openai_error(problem, code="invalid_api_key"), 401, {"WWW-Authenticate": "Bearer"})
        await refusal(scope, receive, send)


def _request_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 (the table of handlers says so)
    return json_response(openai_error(str(error), code=error.code), error.status)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (the table of handlers says so)
    problem = f"{error.detail}: {request.method} {request.url.path}"
    return json_response(openai_error(problem), error.status_code, dict(error.headers or {}))


def _hung_up(request: Request, _error: Exception) -> Response:
    access_of(request.scope).outcome = "hang-up"
    return Response(status_code=400)  # nobody hears it
