"""A minimal chat API: the question is in the URL, the answer comes as server-sent events."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from starlette.responses import Response
from starlette.routing import Route

from tui_chat.server.answer import ReplyResponse
from tui_chat.server.chat_input import ChatInput, InputMessage
from tui_chat.server.formats.url_chat import END, UrlChatEncoder
from tui_chat.server.http.access_log import access_of
from tui_chat.server.http.request_body import read_body
from tui_chat.server.patterns.streams import EVENT_STREAM, last_event_number
from tui_chat.server.request_error import RequestError
from tui_chat.server.requests import ChatRequest, parse_object
from tui_chat.server.scripted.behaviour import HEADER

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from starlette.middleware import Middleware
    from starlette.requests import Request

    from tui_chat.server.formats.style import Style
    from tui_chat.server.scripted.replies import Replies

DEFAULT_MESSAGE = "hello"
"""The question that `/chat/stream` answers when there is none."""

DEFAULT_MODEL = "demo"

Format: TypeAlias = Literal["chunks", "json", "text"]


class ChatByURL:
    """`/chat?message=TEXT` and `/chat/stream?message=TEXT`, both with `&model=NAME` and `&format=chunks|json|text`.

    `chunks`, the default, are chat completion chunks with token counts in each, ended by `[DONE]`. With `json` each
    event's data is `{"content": "…"}` (`{"reasoning": "…"}` for reasoning), with `text` the piece itself; these events
    are numbered, so that a client that lost the connection and comes back with `Last-Event-ID` gets the rest, and after
    the event `end` it gets 204, so that a browser stops coming back. A POST may hold the question in a JSON object:
    `{"message": "TEXT", "model": "NAME"}`.
    """

    def __init__(self, closing: asyncio.Event, replies: Replies) -> None:
        """`closing`: set to end running replies. `replies`: the models."""
        self._closing = closing
        self._replies = replies

    def routes(self, middleware: Sequence[Middleware]) -> list[Route]:
        """Both routes, each wrapped in `middleware`."""
        methods = ["GET", "POST"]
        return [
            Route("/chat", self.chat, methods=methods, middleware=middleware),
            Route("/chat/stream", self.chat_stream, methods=methods, middleware=middleware),
        ]

    async def chat(self, request: Request) -> Response:
        """Answer `/chat?message=TEXT`; a message is required."""
        fields = await _fields(request)
        if not fields.get("message", "").strip():
            raise RequestError("There is no message: ask with /chat?message=TEXT.")
        return self._answer(request, fields)

    async def chat_stream(self, request: Request) -> Response:
        """Answer `/chat/stream`; without a message, `hello` is asked."""
        fields = await _fields(request)
        if not fields.get("message", "").strip():
            fields["message"] = DEFAULT_MESSAGE
        return self._answer(request, fields)

    def _answer(self, request: Request, fields: dict[str, str]) -> Response:
        model = fields.get("model") or DEFAULT_MODEL
        form = _format(fields.get("format", "chunks"))
        access_of(request.scope).model = model
        options = request.headers.get(HEADER, "")
        chat_input = ChatInput((InputMessage("user", fields["message"]),))
        if form == "chunks":
            chat_request = ChatRequest(model, chat_input, stream=True, usage="every")
            reply = self._replies.prepare("openai-chat", chat_request, options)
        else:
            chat_request = ChatRequest(model, chat_input, stream=True)
            _, response_options = self._replies.options_for(model, options)
            _check_style(response_options.style, form)
            skipped = last_event_number(request)
            encoder = partial(UrlChatEncoder, form, first=skipped)
            reply = self._replies.prepare("simple-get", chat_request, options, encoder=encoder, skipped=skipped)
            if request.headers.get("last-event-id") == END:
                return Response(status_code=204)
        if request.method == "HEAD":
            return Response(media_type=EVENT_STREAM)
        return ReplyResponse(reply, self._closing)


async def _fields(request: Request) -> dict[str, str]:
    """The text fields of the query, and of the JSON object in a POST. Raises `RequestError`."""
    fields: dict[str, Any] = {}
    if request.method == "POST" and (body := await read_body(request)).strip():
        fields = parse_object(body)
    for name, value in fields.items():
        if name in {"message", "model", "format"} and not isinstance(value, str):
            raise RequestError(f"`{name}` has to be a string.")
    return {name: value for name, value in fields.items() if isinstance(value, str)} | dict(request.query_params)


def _format(text: str) -> Format:
    for form in get_args(Format):
        if text == form:
            return form  # type: ignore[no-any-return]
    raise RequestError(f"`format` has to be `chunks`, `json` or `text`, not `{text[:80]}`.")


def _check_style(style: Style, form: Format) -> None:
    """Reject options that the format cannot express. Raises `RequestError`."""
    if style.finish == "never":
        raise RequestError(f"The option `finish` is not for format={form}, which never gives a finish reason.")
    if form == "text" and style.usage in {"last", "every"}:
        raise RequestError("The option `usage` is not for format=text, which has no place for token counts.")
