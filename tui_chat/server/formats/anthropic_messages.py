"""Encode Anthropic's Messages API."""

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
from tui_chat.server.formats.writing import counts, gathered, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import ChatEvent, Usage
    from tui_chat.server.formats.writing import Json

_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""The API's error types by HTTP status."""


def anthropic_error(message: str, kind: str = "invalid_request_error") -> Json:
    """The body of an error response, and the data of an error event within a stream."""
    return {"type": "error", "error": {"type": kind, "message": message}}


class AnthropicMessagesEncoder:
    """Named events: the start of a message, content blocks one after another, and the end of the message.

    Refusals are sent as text. A reply without a finish reason ends without one. Pictures are left out.
    """

    media_type = "text/event-stream"

    def __init__(self, model: str, style: Style = PLAIN) -> None:
        self._id = f"msg_{Stamps(style).identity()}"
        self._writer = EventWriter(style)
        self._model = model
        self._usage: Usage | None = None
        self._started = False
        self._index = -1
        self._block: object = None
        """The kind of the open block, or for a tool call its index."""

    def encode(self, event: ChatEvent) -> bytes:
        """Encode one event as server-sent events."""
        match event:
            case TextDelta(text) | RefusalDelta(text):
                return self._grow("text", {"type": "text", "text": ""}, {"type": "text_delta", "text": text})
            case ReasoningDelta(text):
                thinking = {"type": "thinking", "thinking": "", "signature": ""}
                return self._grow("thinking", thinking, {"type": "thinking_delta", "thinking": text})
            case ToolCallDelta(index, identity, name, arguments):
                call = {"type": "tool_use", "id": identity, "name": name, "input": {}}
                return self._grow(("call", index), call, {"type": "input_json_delta", "partial_json": arguments})
            case Citation(url, title):
                cited = {"type": "web_search_result_location", "url": url, "title": title, "cited_text": ""}
                text_block: Json = {"type": "text", "text": "", "citations": []}
                return self._grow("text", text_block, {"type": "citations_delta", "citation": cited})
            case Opaque(text):
                return self._sealed(json.loads(text))
            case ModelNamed(name):
                self._model = name
                return b""
            case KeepAlive():
                return self._event({"type": "ping"})
            case UsageReport(usage):
                self._usage = usage
                return b""
            case Finished():
                return self._end(event)
            case Failed():
                finish = self._reason(event.reason) if event.reason is not None else b""
                return self._start() + finish + self._event(_failure(event))
            case CutOff():
                return self._start()
            case ResponseStarted() | Image() | Skipped() | Adapted() | Retrying():
                return b""
            case _:
                assert_never(event)

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """Encode all events as one message."""
        whole = gathered(events, self._model)
        if whole.failed is not None:
            return whole.failed.status or 500, _failure(whole.failed)
        content: list[Json] = [{"type": "thinking", "thinking": whole.reasoning}] if whole.reasoning else []
        if whole.opaque:
            content = [block for block in whole.opaque if block.get("type") in {"thinking", "redacted_thinking"}]
        if said := whole.text or whole.refusal:
            block: Json = {"type": "text", "text": said}
            if whole.sources:
                block["citations"] = [
                    {"type": "web_search_result_location", "url": source.url, "title": source.title}
                    for source in whole.sources
                ]
            content.append(block)
        for call in whole.calls.values():
            content.append({"type": "tool_use", "id": call.id, "name": call.name, "input": parsed(call.arguments)})
        self._model, self._usage = whole.model, whole.usage
        reason = _REASONS.get(whole.reason or "", whole.reason)
        return 200, {**self._message(), "content": content, "stop_reason": reason}

    def _message(self) -> Json:
        message = {"id": self._id, "type": "message", "role": "assistant", "model": self._model, "content": []}
        return {**message, "stop_reason": None, "stop_sequence": None, "usage": self._counted()}

    def _counted(self) -> Json:
        usage = self._usage
        if usage is None:
            return {}
        named = {"input_tokens": usage.input, "output_tokens": usage.output, "cache_read_input_tokens": usage.cached}
        return counts(named)

    def _start(self) -> bytes:
        if self._started:
            return b""
        self._started = True
        return self._event({"type": "message_start", "message": self._message()})

    def _grow(self, holds: object, block: Json, delta: Json) -> bytes:
        written = self._start()
        if holds != self._block:
            written += self._stop()
            self._index += 1
            self._block = holds
            written += self._event({"type": "content_block_start", "index": self._index, "content_block": block})
        return written + self._event({"type": "content_block_delta", "index": self._index, "delta": delta})

    def _sealed(self, block: Json) -> bytes:
        """A block of signed or redacted thinking. If its text has already been sent, only the signature follows."""
        if block.get("type") == "thinking" and self._block == "thinking":
            delta = {"type": "signature_delta", "signature": block.get("signature", "")}
            return self._grow("thinking", {}, delta) + self._stop()
        written = self._start() + self._stop()
        self._index += 1
        self._block = "sealed"
        return (
            written
            + self._event({"type": "content_block_start", "index": self._index, "content_block": block})
            + self._stop()
        )

    def _stop(self) -> bytes:
        if self._block is None:
            return b""
        self._block = None
        return self._event({"type": "content_block_stop", "index": self._index})

    def _reason(self, reason: str | None, detail: str | None = None) -> bytes:
        delta: Json = {"stop_reason": _REASONS.get(reason or "", reason), "stop_sequence": None}
        if detail is not None:
            delta["stop_details"] = {"explanation": detail}
        return self._event({"type": "message_delta", "delta": delta, "usage": self._counted()})

    def _event(self, value: Json) -> bytes:
        return self._writer.event(value, str(value["type"]))

    def _end(self, event: Finished) -> bytes:
        written = self._start() + self._stop() + self._reason(event.reason, event.detail)
        return written if event.sign == "eof" else written + self._event({"type": "message_stop"})


def _failure(event: Failed) -> Json:
    return anthropic_error(event.message or event.problem, event.type or TYPES.get(event.status or 500, "api_error"))
