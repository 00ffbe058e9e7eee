"""A question in the URL, answered over server-sent events: the smallest chat API that people build."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from tui_chat.chat.events import Alive, ReasoningDelta, TextDelta
from tui_chat.server.access import access_of
from tui_chat.server.asked import Asked, Said
from tui_chat.server.delivery import Stream
from tui_chat.server.formats.writing import to_json
from tui_chat.server.pacing import paced
from tui_chat.server.patterns.streams import EVENT_STREAM, SHUTTING_DOWN, event, event_of_shutdown, last_event_number
from tui_chat.server.requests import RequestError
from tui_chat.server.scripts import reply

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from starlette.middleware import Middleware
    from starlette.requests import Request

    from tui_chat.chat.events import ChatEvent
    from tui_chat.server.replies import Replies

DEFAULT_MESSAGE = "hello"
"""What `/chat/stream` answers when nothing is asked."""

END = "end"
"""The id of the last event, and its name; its data is `[DONE]`, for clients that look at data alone."""


class ChatByURL:
    """`/chat?message=TEXT` and `/chat/stream?message=TEXT`, both with `&model=NAME` and `&format=json` or `text`.

    Each piece of the answer is an event whose data is `{"content": "…"}` (`{"reasoning": "…"}` for reasoning), or with
    `format=text` the piece itself. Each has its number as its id: a client that lost the connection and comes back
    with `Last-Event-ID` gets the rest. After the event `end` it gets 204, so that a browser stops coming back.
    """

    def __init__(self, closing: asyncio.Event, replies: Replies) -> None:
        """`closing` is set to end the answers under way; `replies` has the models."""
        self._closing = closing
        self._replies = replies

    def routes(self, middleware: Sequence[Middleware]) -> list[Route]:
        """Both, each with `middleware` around it."""
        return [
            Route("/chat", self.chat, middleware=middleware),
            Route("/chat/stream", self.chat_stream, middleware=middleware),
        ]

    async def chat(self, request: Request) -> Response:
        """`/chat?message=TEXT`: without a message there is nothing to answer."""
        message = request.query_params.get("message", "")
        if not message.strip():
            raise RequestError("There is no message: ask with /chat?message=TEXT.")
        return self._answer(request, message)

    async def chat_stream(self, request: Request) -> Response:
        """`/chat/stream`: without a message the model is greeted."""
        return self._answer(request, request.query_params.get("message", "").strip() or DEFAULT_MESSAGE)

    def _answer(self, request: Request, message: str) -> Response:
        model = request.query_params.get("model", "demo")
        form = request.query_params.get("format", "json")
        if form not in {"json", "text"}:
            raise RequestError("`format` has to be `json` or `text`.")
        script, pace = self._replies.script(model)
        access_of(request.scope).model = model
        if request.headers.get("last-event-id") == END:
            return Response(status_code=204)
        heard = last_event_number(request)
        answer = reply(script, Asked((Said("user", message),)))
        pieces = _events(paced(_unheard(answer, heard), pace), heard, plain=form == "text")
        last_words = event_of_shutdown(SHUTTING_DOWN if form == "text" else None)
        return Stream(pieces, EVENT_STREAM, self._closing, last_words=last_words)


def _unheard(answer: Iterator[ChatEvent], heard: int) -> Iterator[ChatEvent]:
    """The answer without its first `heard` pieces. Scripts say the same again, so the rest fits."""
    left = heard
    for said in answer:
        if left and isinstance(said, TextDelta | ReasoningDelta):
            left -= 1
        else:
            yield said


async def _events(answer: AsyncGenerator[ChatEvent, None], heard: int, *, plain: bool) -> AsyncGenerator[bytes, None]:
    """The answer as server-sent events, numbered from behind `heard` on."""
    piece = heard
    async with aclosing(answer):
        async for said in answer:
            piece += isinstance(said, TextDelta | ReasoningDelta)
            match said:
                case TextDelta(text):
                    yield event(text if plain else to_json({"content": text}), id=str(piece))
                case ReasoningDelta(text) if not plain:
                    yield event(to_json({"reasoning": text}), id=str(piece))
                case Alive():
                    yield b": keep-alive\n\n"
                case _:
                    pass
    yield event("[DONE]", name=END, id=END)
