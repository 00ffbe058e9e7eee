"""Events to bytes: one encoder object writes one reply in one API's shape.

To add an API: an encoder here and a line in `ENCODERS`, how its requests are read in `requests.py`, its route in
`app.py`.
"""

from __future__ import annotations

import json
from time import time
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, assert_never
from uuid import uuid4

from tui_chat.chat.events import (
    Alive,
    ChatEvent,
    Citation,
    CutOff,
    Failed,
    Finished,
    Image,
    ModelNamed,
    Opaque,
    Opened,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

Json: TypeAlias = dict[str, Any]


class Encoder(Protocol):
    """Writes one reply; holds what has to be remembered from event to event."""

    media_type: str
    """The Content-Type of a streamed reply."""

    def encode(self, event: ChatEvent) -> bytes:
        """The bytes that say `event`; empty when there is nothing to say (yet)."""
        ...

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """The reply that is not streamed: an HTTP status and a body, of all events of a reply."""
        ...


def to_json(value: object) -> bytes:
    """Compact JSON in UTF-8. A lone surrogate has no UTF-8, so text with one is written in escapes throughout."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def openai_error(message: str, kind: str = "invalid_request_error", code: str | None = None) -> Json:
    """OpenAI's error body, which "compatible" servers share; it also stands in the middle of a stream."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class OpenAIChat:
    """Chat completions: chunks over server-sent events, ended by `[DONE]`, or one `chat.completion` object.

    Without a standard field, two things are written as most providers do: reasoning in `reasoning_content` (DeepSeek),
    pictures in `images` (OpenRouter). `Opaque` has no place in this API.
    """

    media_type = "text/event-stream"

    def __init__(self, model: str, *, include_usage: bool = False) -> None:
        """`include_usage` is the request's `stream_options.include_usage`."""
        self._id = f"chatcmpl-{uuid4().hex}"
        self._created = int(time())
        self._model = model
        self._include_usage = include_usage
        self._role_told = False
        self._usage: Usage | None = None

    def encode(self, event: ChatEvent) -> bytes:
        """One event as server-sent events."""
        match event:
            case TextDelta(text):
                return self._delta({"content": text})
            case ReasoningDelta(text):
                return self._delta({"content": None, "reasoning_content": text})
            case RefusalDelta(text):
                return self._delta({"refusal": text})
            case ToolCallDelta():
                return self._delta({"tool_calls": [_tool_call_delta(event)]})
            case Citation():
                return self._delta({"annotations": [_annotation(event)]})
            case Image():
                return self._delta({"images": [_image(event)]})
            case ModelNamed(name):
                self._model = name
                return b""
            case Alive():
                return b": keep-alive\n\n"
            case UsageReport(usage):
                self._usage = usage
                return b""
            case Finished():
                return self._end(event)
            case Failed():
                finish = self._delta({}, event.reason) if event.reason is not None else b""
                return finish + _data(_failure(event))
            case Opened() | Opaque() | Retrying() | CutOff():
                return b""
            case _:
                assert_never(event)

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """All events as one object. A reply that was cut off is a 502, as a gateway would put it."""
        message: Json = {"role": "assistant", "content": None}
        texts: dict[str, list[str]] = {}
        calls: dict[int, Json] = {}
        reason: str | None = None
        for event in events:
            match event:
                case TextDelta(text):
                    texts.setdefault("content", []).append(text)
                case ReasoningDelta(text):
                    texts.setdefault("reasoning_content", []).append(text)
                case RefusalDelta(text):
                    texts.setdefault("refusal", []).append(text)
                case ToolCallDelta(index, call, name, arguments):
                    function = {"name": name, "arguments": ""}
                    made = calls.setdefault(index, {"id": call, "type": "function", "function": function})
                    made["function"]["arguments"] += arguments
                case Citation():
                    message.setdefault("annotations", []).append(_annotation(event))
                case Image():
                    message.setdefault("images", []).append(_image(event))
                case ModelNamed(name):
                    self._model = name
                case UsageReport(usage):
                    self._usage = usage
                case Finished(given):
                    reason = given
                case Failed():
                    return event.status or 500, _failure(event)
                case CutOff(why):
                    return 502, openai_error(f"The answer broke off: {why}", "server_error")
                case Opened() | Opaque() | Retrying() | Alive():
                    pass
                case _:
                    assert_never(event)
        message |= {field: "".join(parts) for field, parts in texts.items()}
        if calls:
            message["tool_calls"] = [calls[index] for index in sorted(calls)]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        usage_object = {"usage": _usage(self._usage)} if self._usage else {}
        return 200, self._object("chat.completion", [choice]) | usage_object

    def _object(self, kind: str, choices: list[Json]) -> Json:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._model, "choices": choices}

    def _chunk(self, choices: list[Json], usage: Usage | None = None) -> bytes:
        told = {"usage": _usage(usage) if usage else None} if self._include_usage else {}
        return _data(self._object("chat.completion.chunk", choices) | told)

    def _delta(self, delta: Json, reason: str | None = None) -> bytes:
        if not self._role_told:
            delta = {"role": "assistant"} | delta
            self._role_told = True
        return self._chunk([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}])

    def _end(self, event: Finished) -> bytes:
        written = [self._delta({}, event.reason)] if event.reason is not None else []
        if self._include_usage and self._usage:
            written.append(self._chunk([], self._usage))
        if event.sign != "eof":
            written.append(b"data: [DONE]\n\n")
        return b"".join(written)


ENCODERS: dict[str, type[Encoder]] = {"openai-chat": OpenAIChat}
"""By the API's name, the same as the dialect that reads it."""


def _data(value: Json) -> bytes:
    return b"data: " + to_json(value) + b"\n\n"


def _failure(event: Failed) -> Json:
    return openai_error(event.message or event.problem, event.type or "server_error", event.code)


def _tool_call_delta(event: ToolCallDelta) -> Json:
    function: Json = {"name": event.name} if event.name else {}
    named: Json = {"id": event.id, "type": "function"} if event.id else {}
    return {"index": event.index} | named | {"function": function | {"arguments": event.arguments}}


def _annotation(event: Citation) -> Json:
    return {"type": "url_citation", "url_citation": {"url": event.url, "title": event.title}}


def _image(event: Image) -> Json:
    return {"type": "image_url", "image_url": {"url": event.url}}


def _usage(usage: Usage) -> Json:
    counts = {"prompt_tokens": usage.input, "completion_tokens": usage.output, "total_tokens": usage.total}
    written: Json = {name: count for name, count in counts.items() if count is not None}
    if usage.reasoning is not None:
        written["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning}
    if usage.cached is not None:
        written["prompt_tokens_details"] = {"cached_tokens": usage.cached}
    if usage.cost is not None:
        written["cost"] = usage.cost
    return written
