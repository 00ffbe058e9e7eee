"""The chat APIs: which request goes to which reader and which encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from tui_chat.server.access import access_of
from tui_chat.server.answer import Answer, json_response
from tui_chat.server.formats import ENCODERS
from tui_chat.server.formats.openai_chat import OpenAIChat
from tui_chat.server.pacing import paced
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
    from collections.abc import Sequence

    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import Response

    from tui_chat.server.formats import Encoder
    from tui_chat.server.pacing import Pace
    from tui_chat.server.requests import ChatRequest

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a request's body; room for a long conversation with pictures in it."""

MAX_DISCARDED = 4 * MAX_BODY
"""Bytes of a body too large that are read and dropped, so that the client gets to read the answer."""


class ChatRoutes:
    """Five APIs over one set of scripts."""

    def __init__(self, closing: asyncio.Event, pace: Pace) -> None:
        """`closing` is set to end the replies under way; `pace` is that of models without options of their own."""
        self._closing = closing
        self._pace = pace

    def routes(self, middleware: Sequence[Middleware]) -> list[Mount]:
        """All of them, each with `middleware` around it."""
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
        return [
            Mount("/v1", routes=first, middleware=middleware),
            Mount("/v1beta", routes=gemini, middleware=middleware),
            Mount("/api", routes=ollama, middleware=middleware),
        ]

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
        return Answer(events, encoder, stream=asking.stream, closing=self._closing)

    async def _body(self, request: Request) -> bytes:
        kept = bytearray()
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size <= MAX_BODY:
                kept += chunk
            elif size > MAX_DISCARDED:
                break
        if size > MAX_BODY:
            raise RequestError(f"The request is larger than {MAX_BODY} bytes.", status=413)
        return bytes(kept)
