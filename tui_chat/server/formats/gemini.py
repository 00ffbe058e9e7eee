"""Encode Google's Gemini API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, assert_never

from tui_chat.chat.events import (
    Adapted,
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
    UsageReport,
)
from tui_chat.server.formats.style import PLAIN, EventWriter, Stamps, Style
from tui_chat.server.formats.writing import Call, counts, gathered, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import ChatEvent, Usage
    from tui_chat.server.formats.writing import Json

_REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""The API's error statuses by HTTP status."""


def gemini_error(message: str, status: int = 400, kind: str = "INVALID_ARGUMENT") -> Json:
    """The body of an error response, and the data of an error within a stream."""
    return {"error": {"code": status, "message": message, "status": kind}}


class GeminiEncoder:
    """Complete response objects with CRLF line ends, without a final marker. Refusals are sent as text; a tool call is
    sent once it is complete."""

    media_type = "text/event-stream"

    def __init__(self, model: str, style: Style = PLAIN) -> None:
        self._id = Stamps(style).identity()
        self._writer = EventWriter(style, "crlf")
        self._model = model
        self._usage: Usage | None = None
        self._calls: dict[int, Call] = {}
        self._sources: list[Citation] = []

    def encode(self, event: ChatEvent) -> bytes:
        """Encode one event as server-sent events."""
        match event:
            case TextDelta(text) | RefusalDelta(text):
                return self._parts({"text": text})
            case ReasoningDelta(text):
                return self._parts({"text": text, "thought": True})
            case ToolCallDelta(index, identity, name, arguments):
                call = self._calls.setdefault(index, Call(identity, name))
                call.arguments += arguments
                return b""
            case Citation():
                self._sources.append(event)
                return b""
            case Image(url):
                return self._parts(_inline(url))
            case Opaque(text):
                return self._parts(json.loads(text))
            case ModelNamed(name):
                self._model = name
                return b""
            case KeepAlive():
                return self._writer.comment()
            case UsageReport(usage):
                self._usage = usage
                return b""
            case Finished(reason, _, detail):
                return self._write({"candidates": [self._candidate(self._left(), reason, detail)]})
            case Failed():
                finish = self._write({"candidates": [self._candidate([], event.reason)]}) if event.reason else b""
                return finish + self._writer.event(_failure(event))
            case ResponseStarted() | Skipped() | Adapted() | Retrying() | CutOff():
                return b""
            case _:
                assert_never(event)

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """Encode all events as one response object."""
        whole = gathered(events, self._model)
        if whole.failed is not None:
            return whole.failed.status or 500, _failure(whole.failed)
        parts: list[Json] = [{"text": whole.reasoning, "thought": True}] if whole.reasoning else []
        if said := whole.text or whole.refusal:
            parts.append({"text": said})
        parts += [*map(_inline, whole.pictures), *whole.opaque]
        self._model, self._usage, self._calls, self._sources = whole.model, whole.usage, whole.calls, whole.sources
        return 200, self._object({"candidates": [self._candidate([*parts, *self._left()], whole.reason, whole.detail)]})

    def _left(self) -> list[Json]:
        """The collected tool calls, which are only complete at the end."""
        calls = [*self._calls.values()]
        self._calls = {}
        return [
            {"functionCall": {"name": call.name, "args": parsed(call.arguments)} | ({"id": call.id} if call.id else {})}
            for call in calls
        ]

    def _candidate(self, parts: list[Json], reason: str | None, detail: str | None = None) -> Json:
        candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if reason is not None:
            candidate["finishReason"] = _REASONS.get(reason, reason)
        if detail is not None:
            candidate["finishMessage"] = detail
        if self._sources and reason is not None:
            web = [{"web": {"uri": source.url, "title": source.title}} for source in self._sources]
            candidate["groundingMetadata"] = {"groundingChunks": web}
        return candidate

    def _object(self, fields: Json) -> Json:
        usage = {"usageMetadata": _usage(self._usage)} if self._usage else {}
        return fields | usage | {"modelVersion": self._model, "responseId": self._id}

    def _write(self, fields: Json) -> bytes:
        return self._writer.event(self._object(fields))

    def _parts(self, *parts: Json) -> bytes:
        return self._write({"candidates": [self._candidate(list(parts), None)]})


def _failure(event: Failed) -> Json:
    status = int(event.code) if event.code and event.code.isdigit() else event.status or 500
    return gemini_error(event.message or event.problem, status, event.type or STATUSES.get(status, "INTERNAL"))


def _inline(url: str) -> Json:
    mime, _, data = url.removeprefix("data:").partition(";base64,")
    if not data:
        return {"fileData": {"fileUri": url}}
    return {"inlineData": {"mimeType": mime, "data": data}}


def _usage(usage: Usage) -> Json:
    return counts(
        {
            "promptTokenCount": usage.input,
            "candidatesTokenCount": usage.output,
            "totalTokenCount": usage.total,
            "thoughtsTokenCount": usage.reasoning,
            "cachedContentTokenCount": usage.cached,
        }
    )
