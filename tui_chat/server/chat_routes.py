"""The routes of the chat APIs: each reads its request and picks the encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from tui_chat.server.answer import ReplyResponse, json_response
from tui_chat.server.http.access_log import access_of
from tui_chat.server.http.request_body import read_body
from tui_chat.server.model_lists import anthropic_models, gemini_models, ollama_models, openai_models
from tui_chat.server.requests import (
    read_anthropic_messages,
    read_gemini,
    read_ollama_chat,
    read_openai_chat,
    read_openai_responses,
)
from tui_chat.server.scripted.behaviour import HEADER

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import Response

    from tui_chat.server.requests import ChatRequest
    from tui_chat.server.scripted.replies import Replies


class ChatRoutes:
    """The five chat APIs, which share one set of scripts."""

    def __init__(self, closing: asyncio.Event, replies: Replies) -> None:
        """`closing` is set when the server stops and ends running replies; `replies` has the models."""
        self._closing = closing
        self._replies = replies

    def routes(self, middleware: Sequence[Middleware]) -> list[Mount]:
        """All routes, each wrapped in `middleware`."""
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

    async def models(self, request: Request) -> Response:
        """List the models as OpenAI does, or as Anthropic or Google when the headers show one of their clients."""
        if "x-goog-api-key" in request.headers:
            return await self.gemini_models(request)
        if "anthropic-version" in request.headers:
            return json_response(anthropic_models(self._replies.models("anthropic-messages")))
        return json_response(openai_models(self._replies.models("openai-chat", "openai-responses")))

    async def gemini_models(self, _request: Request) -> Response:
        """List the models as Gemini does."""
        return json_response(gemini_models(self._replies.models("gemini")))

    async def ollama_tags(self, _request: Request) -> Response:
        """List the models as Ollama does."""
        return json_response(ollama_models(self._replies.models("ollama-chat")))

    async def chat_completions(self, request: Request) -> Response:
        """Answer OpenAI's chat completions, streamed or not."""
        chat_request = read_openai_chat(await read_body(request))
        return self._answer(request, "openai-chat", chat_request)

    async def responses(self, request: Request) -> Response:
        """Answer OpenAI's Responses API, streamed or not."""
        chat_request = read_openai_responses(await read_body(request))
        return self._answer(request, "openai-responses", chat_request)

    async def messages(self, request: Request) -> Response:
        """Answer Anthropic's Messages API, streamed or not."""
        chat_request = read_anthropic_messages(await read_body(request))
        return self._answer(request, "anthropic-messages", chat_request)

    async def gemini(self, request: Request) -> Response:
        """Answer Gemini's generateContent and streamGenerateContent (as events, with or without `alt=sse`)."""
        operation = request.path_params["operation"]
        if operation not in {"generateContent", "streamGenerateContent"}:
            raise HTTPException(404)
        stream = operation == "streamGenerateContent"
        chat_request = read_gemini(await read_body(request), request.path_params["model"], stream=stream)
        return self._answer(request, "gemini", chat_request)

    async def ollama_chat(self, request: Request) -> Response:
        """Answer Ollama's chat API, streamed or not."""
        chat_request = read_ollama_chat(await read_body(request))
        return self._answer(request, "ollama-chat", chat_request)

    def _answer(self, request: Request, api: str, chat_request: ChatRequest) -> Response:
        access_of(request.scope).model = chat_request.model
        return ReplyResponse(self._replies.prepare(api, chat_request, request.headers.get(HEADER, "")), self._closing)
