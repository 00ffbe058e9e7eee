"""The routes of the endpoint, its key, and its bounds."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from tui_chat import __version__
from tui_chat.server.access import AccessLog, access_of, log_access
from tui_chat.server.answer import Answer, json_response
from tui_chat.server.formats import ENCODERS
from tui_chat.server.formats.anthropic_messages import anthropic_error
from tui_chat.server.formats.gemini import gemini_error
from tui_chat.server.formats.openai_chat import OpenAIChat, openai_error
from tui_chat.server.pacing import Pace, paced
from tui_chat.server.requests import (
    RequestError,
    choose,
    read_anthropic_messages,
    read_gemini,
    read_ollama_chat,
    read_openai_chat,
    read_openai_responses,
)
from tui_chat.server.scripts import SCRIPTS, reply

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send

    from tui_chat.server.access import AccessListener
    from tui_chat.server.formats import Encoder
    from tui_chat.server.formats.writing import Json
    from tui_chat.server.requests import ChatRequest

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a request's body; room for a long conversation with pictures in it."""

_ANTHROPIC = {401: "authentication_error", 404: "not_found_error", 413: "request_too_large"}
_GOOGLE = {401: "UNAUTHENTICATED", 404: "NOT_FOUND"}
"""Each API's words for a status."""

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
        guarded = [Middleware(KeyCheck, key)] if key else []
        generate = Route("/models/{model:path}:{operation}", self.gemini, methods=["POST"])
        first = [
            Route("/models", self.models),
            Route("/chat/completions", self.chat_completions, methods=["POST"]),
            Route("/responses", self.responses, methods=["POST"]),
            Route("/messages", self.messages, methods=["POST"]),
            generate,  # Google has its models under /v1 as well
        ]
        gemini = [Route("/models", self.gemini_models), generate]
        ollama = [Route("/tags", self.ollama_tags), Route("/chat", self.ollama_chat, methods=["POST"])]
        self.app = Starlette(
            routes=[
                Route("/", self.index),
                Route("/health", self.health),
                Mount("/v1", routes=first, middleware=guarded),
                Mount("/v1beta", routes=gemini, middleware=guarded),
                Mount("/api", routes=ollama, middleware=guarded),
            ],
            middleware=[Middleware(AccessLog, tell)],
            exception_handlers={
                HTTPException: _http_error,
                RequestError: _request_error,
                ClientDisconnect: _hung_up,
            },
        )

    async def index(self, _request: Request) -> Response:
        """One line for whoever looks with a browser."""
        where = "Its APIs are under /v1, /v1beta and /api."
        return PlainTextResponse(f"tui-chat {__version__}: an endpoint with scripted replies. {where}\n")

    async def health(self, _request: Request) -> Response:
        """For scripts that wait until the server is up."""
        return json_response({"status": "ok"})

    async def models(self, _request: Request) -> Response:
        """The scripts, as OpenAI lists models."""
        described = [{"id": name, "object": "model", "created": 0, "owned_by": "tui-chat"} for name in SCRIPTS]
        return json_response({"object": "list", "data": described})

    async def gemini_models(self, _request: Request) -> Response:
        """The scripts, as Gemini lists models."""
        methods = ["generateContent"]
        described = [{"name": f"models/{name}", "supportedGenerationMethods": methods} for name in SCRIPTS]
        return json_response({"models": described})

    async def ollama_tags(self, _request: Request) -> Response:
        """The scripts, as Ollama lists models."""
        return json_response({"models": [{"name": name, "model": name, "size": 0} for name in SCRIPTS]})

    async def chat_completions(self, request: Request) -> Response:
        """OpenAI's chat completions, streamed or not."""
        asking = read_openai_chat(await self._body(request))
        return self._answer(request, asking, OpenAIChat(asking.model, include_usage=asking.include_usage))

    async def responses(self, request: Request) -> Response:
        """OpenAI's Responses, streamed or not."""
        asking = read_openai_responses(await self._body(request))
        return self._answer(request, asking, ENCODERS["openai-responses"](asking.model))

    async def messages(self, request: Request) -> Response:
        """Anthropic's Messages, streamed or not."""
        asking = read_anthropic_messages(await self._body(request))
        return self._answer(request, asking, ENCODERS["anthropic-messages"](asking.model))

    async def gemini(self, request: Request) -> Response:
        """Gemini's generateContent and streamGenerateContent (as events, with or without `alt=sse`)."""
        operation = request.path_params["operation"]
        if operation not in {"generateContent", "streamGenerateContent"}:
            raise HTTPException(404)
        stream = operation == "streamGenerateContent"
        asking = read_gemini(await self._body(request), request.path_params["model"], stream=stream)
        return self._answer(request, asking, ENCODERS["gemini"](asking.model))

    async def ollama_chat(self, request: Request) -> Response:
        """Ollama's chat, streamed or not."""
        asking = read_ollama_chat(await self._body(request))
        return self._answer(request, asking, ENCODERS["ollama-chat"](asking.model))

    def _answer(self, request: Request, asking: ChatRequest, encoder: Encoder) -> Response:
        access_of(request.scope).model = asking.model
        script, pace = choose(asking.model, self._pace)
        events = paced(reply(script, asking.asked), pace)
        return Answer(events, encoder, stream=asking.stream, closing=self.closing)

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
    """Middleware that lets nobody through without the key: as a bearer, or in Anthropic's or Google's own header."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        headers = dict(scope["headers"])
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer":
            given = headers.get(b"x-api-key", headers.get(b"x-goog-api-key", b""))
        # A comparison that stopped at the first difference would tell by its time how much of a key was right.
        if hmac.compare_digest(given.strip(), self._key):
            await self._app(scope, receive, send)
            return
        problem = "Incorrect API key provided." if given else "You didn't provide an API key."
        body = _error_body(Request(scope), problem, 401, "invalid_api_key")
        await json_response(body, 401, {"WWW-Authenticate": "Bearer"})(scope, receive, send)


def _error_body(request: Request, problem: str, status: int, code: str | None = None) -> Json:
    """An error in the shape of the API that was asked."""
    path = request.url.path
    if path.startswith(("/v1beta/", "/v1/models/")):
        return gemini_error(problem, status, _GOOGLE.get(status, "INVALID_ARGUMENT"))
    if path.startswith("/api/"):
        return {"error": problem}
    if path == "/v1/messages":
        return anthropic_error(problem, _ANTHROPIC.get(status, "invalid_request_error"))
    return openai_error(problem, code=code)


def _request_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 (the table of handlers says so)
    return json_response(_error_body(request, str(error), error.status, error.code), error.status)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (the table of handlers says so)
    problem = f"{error.detail}: {request.method} {request.url.path}"
    return json_response(_error_body(request, problem, error.status_code), error.status_code, dict(error.headers or {}))


def _hung_up(request: Request, _error: Exception) -> Response:
    access_of(request.scope).outcome = "hang-up"
    return Response(status_code=400)  # nobody hears it
