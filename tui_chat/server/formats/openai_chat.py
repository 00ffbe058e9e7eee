"""Encode OpenAI chat completions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from tui_chat.chat.events import (
    Adapted,
    ChatEvent,
    Citation,
    CutOff,
    Failed,
    Finished,
    Image,
    KeepAlive,
    ModelNamed,
    Opaque,
    ReasoningDelta,
    RefusalDelta,
    ResponseStarted,
    Retrying,
    Skipped,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.server.formats.style import PLAIN, EventWriter, Stamps, Style
from tui_chat.server.formats.writing import counts, gathered, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.server.formats.writing import Json


ErrorShape: TypeAlias = Literal["own", "event", "chunk", "string", "line"]
"""The form in which "compatible" servers report an error in the middle of a stream: as OpenAI does; as an event named
`error` (Groq); in a chunk beside `choices`, followed by `[DONE]` (OpenRouter); as a bare text (proxies); in a field
`error:` of the event stream (llama.cpp's derivatives)."""


TYPES = {402: "insufficient_quota", 429: "rate_limit_error"}
"""The API's error types for these statuses; all others have one type below 500 and one from 500."""


def openai_error(message: str, kind: str = "invalid_request_error", code: str | None = None) -> Json:
    """OpenAI's error body, which "compatible" servers share; it is also used within a stream."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class OpenAIChatEncoder:
    """Chat completions: chunks as server-sent events ended by `[DONE]`, or one `chat.completion` object.

    Two fields are not in the standard and are written as most providers do: reasoning in `reasoning_content`
    (DeepSeek), pictures in `images` (OpenRouter). `Opaque` events are left out.
    """

    media_type = "text/event-stream"

    def __init__(self, model: str, style: Style = PLAIN) -> None:
        """With the usage style `asked`, no usage is sent: only the caller knows whether the request asks for it."""
        self._stamps = Stamps(style)
        self._id = f"chatcmpl-{self._stamps.identity()}"
        self._created = int(self._stamps.now())
        self._model = model
        self._writer = EventWriter(style)
        self._usage_in_last = style.usage == "last"
        self._usage_in_every = style.usage == "every"
        self._end_mark = {"done": b"[DONE]", "empty": b"", "none": None}[style.end]
        self._role_told = False
        self._usage: Usage | None = None

    def encode(self, event: ChatEvent) -> bytes:
        """Encode one event as server-sent events."""
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
            case Image(url):
                return self._delta({"images": [_image(url)]})
            case ModelNamed(name):
                self._model = name
                return b""
            case KeepAlive():
                return self._writer.comment()
            case UsageReport(usage):
                self._usage = usage
                return b""
            case Finished():
                return self._end(event)
            case Failed():
                finish = self._delta({}, event.reason) if event.reason is not None else b""
                return finish + self.error(event)
            case ResponseStarted() | Opaque() | Skipped() | Adapted() | Retrying() | CutOff():
                return b""
            case _:
                assert_never(event)

    def error(self, event: Failed, shape: ErrorShape = "own") -> bytes:
        """Encode an error in the middle of a stream."""
        document = openai_failure(event)
        match shape:
            case "own":
                return self._writer.event(document)
            case "event":
                return self._writer.event(document, "error")
            case "chunk":
                choice = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "error"}
                chunk = self._object("chat.completion.chunk", [choice]) | document
                return self._writer.event(chunk) + self._writer.raw(b"[DONE]")
            case "string":
                return self._writer.event({"error": event.message or event.problem})
            case "line":
                return self._writer.field(b"error", to_json(document)) + self._writer.newline
            case _:
                assert_never(shape)

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """Encode all events as one object."""
        whole = gathered(events, self._model)
        if whole.failed is not None:
            return whole.failed.status or 500, openai_failure(whole.failed)
        message: Json = {"role": "assistant", "content": whole.text or None}
        if whole.reasoning:
            message["reasoning_content"] = whole.reasoning
        if whole.refusal:
            message["refusal"] = whole.refusal
        if whole.sources:
            message["annotations"] = [_annotation(source) for source in whole.sources]
        if whole.pictures:
            message["images"] = [_image(url) for url in whole.pictures]
        if whole.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for _, call in sorted(whole.calls.items())
            ]
        self._model = whole.model
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": whole.reason}
        usage = {"usage": openai_usage(whole.usage)} if whole.usage else {}
        return 200, self._object("chat.completion", [choice]) | usage

    def _object(self, kind: str, choices: list[Json]) -> Json:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._model, "choices": choices}

    def _chunk(self, choices: list[Json], usage: Usage | None = None) -> bytes:
        chunk = self._object("chat.completion.chunk", choices)
        if self._usage_in_every:
            chunk["system_fingerprint"] = ""
            usage = self._usage
        if self._usage_in_last or self._usage_in_every:
            chunk["usage"] = openai_usage(usage) if usage else None
        return self._writer.event(chunk)

    def _delta(self, delta: Json, reason: str | None = None) -> bytes:
        if self._usage_in_every:
            delta = {"content": "", "reasoning_content": None, "role": "assistant"} | delta
        elif not self._role_told:
            delta = {"role": "assistant"} | delta
            self._role_told = True
        return self._chunk([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}])

    def _end(self, event: Finished) -> bytes:
        written = [self._delta({}, event.reason)] if event.reason is not None else []
        if self._usage_in_last and self._usage:
            written.append(self._chunk([], self._usage))
        if event.sign != "eof" and self._end_mark is not None:
            written.append(self._writer.raw(self._end_mark))
        return b"".join(written)


def openai_failure(event: Failed) -> Json:
    """A failure as OpenAI's error body."""
    status = event.status or 500
    kind = "server_error" if status >= 500 else TYPES.get(status, "invalid_request_error")
    return openai_error(event.message or event.problem, event.type or kind, event.code)


def _tool_call_delta(event: ToolCallDelta) -> Json:
    function: Json = {"name": event.name} if event.name else {}
    named: Json = {"id": event.id, "type": "function"} if event.id else {}
    return {"index": event.index} | named | {"function": function | {"arguments": event.arguments}}


def _annotation(event: Citation) -> Json:
    return {"type": "url_citation", "url_citation": {"url": event.url, "title": event.title}}


def _image(url: str) -> Json:
    return {"type": "image_url", "image_url": {"url": url}}


def openai_usage(usage: Usage) -> Json:
    """Token counts in the format of chat completions."""
    written = counts({"prompt_tokens": usage.input, "completion_tokens": usage.output, "total_tokens": usage.total})
    if usage.reasoning is not None:
        written["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning}
    if usage.cached is not None:
        written["prompt_tokens_details"] = {"cached_tokens": usage.cached}
    if usage.cost is not None:
        written["cost"] = usage.cost
    return written
