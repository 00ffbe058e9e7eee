"""Encode Ollama's own chat API."""

from __future__ import annotations

from datetime import UTC, datetime
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
from tui_chat.server.formats.style import PLAIN, Stamps, Style
from tui_chat.server.formats.writing import Call, counts, gathered, parsed, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import ChatEvent, Usage
    from tui_chat.server.formats.writing import Json


class OllamaChatEncoder:
    """One JSON object per line, the last with `done`. Refusals are sent as text; a tool call is sent once it is
    complete; sources and opaque data are left out."""

    media_type = "application/x-ndjson"

    def __init__(self, model: str, style: Style = PLAIN) -> None:
        self._stamps = Stamps(style)
        self._newline = b"\r\n" if style.newline == "crlf" else b"\n"
        self._model = model
        self._usage: Usage | None = None
        self._calls: dict[int, Call] = {}

    def encode(self, event: ChatEvent) -> bytes:
        """Encode one event as a line."""
        match event:
            case TextDelta(text) | RefusalDelta(text):
                return self._line({"content": text})
            case ReasoningDelta(text):
                return self._line({"content": "", "thinking": text})
            case ToolCallDelta(index, identity, name, arguments):
                call = self._calls.setdefault(index, Call(identity, name))
                call.arguments += arguments
                return b""
            case Image(url):
                return self._line({"content": "", "images": [url.partition(";base64,")[2]]})
            case ModelNamed(name):
                self._model = name
                return b""
            case KeepAlive():
                return self._newline
            case UsageReport(usage):
                self._usage = usage
                return b""
            case Finished(reason, sign):
                calls = _calls(self._calls)
                written = self._line({"content": "", "tool_calls": calls}) if calls else b""
                done = to_json(self._object({"content": ""}) | self._done(reason)) + self._newline
                return written if sign == "eof" else written + done
            case Failed():
                return to_json(_failure(event)) + self._newline
            case ResponseStarted() | Citation() | Opaque() | Skipped() | Adapted() | Retrying() | CutOff():
                return b""
            case _:
                assert_never(event)

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """Encode all events as one object."""
        whole = gathered(events, self._model)
        if whole.failed is not None:
            return whole.failed.status or 500, _failure(whole.failed)
        message: Json = {"content": whole.text or whole.refusal}
        if whole.reasoning:
            message["thinking"] = whole.reasoning
        if whole.pictures:
            message["images"] = [url.partition(";base64,")[2] for url in whole.pictures]
        if calls := _calls(whole.calls):
            message["tool_calls"] = calls
        self._model, self._usage = whole.model, whole.usage
        return 200, self._object(message) | self._done(whole.reason)

    def _object(self, message: Json) -> Json:
        created = datetime.fromtimestamp(self._stamps.now(), UTC).isoformat().replace("+00:00", "Z")
        return {"model": self._model, "created_at": created, "message": {"role": "assistant", **message}, "done": False}

    def _line(self, message: Json) -> bytes:
        return to_json(self._object(message)) + self._newline

    def _done(self, reason: str | None) -> Json:
        written: Json = {"done": True} | ({"done_reason": reason} if reason is not None else {})
        written["total_duration"] = self._stamps.elapsed()
        usage = self._usage
        return written | (counts({"prompt_eval_count": usage.input, "eval_count": usage.output}) if usage else {})


def _failure(event: Failed) -> Json:
    return {"error": event.message or event.problem}


def _calls(calls: dict[int, Call]) -> list[Json]:
    return [
        {"function": {"name": call.name, "arguments": parsed(call.arguments)}} | ({"id": call.id} if call.id else {})
        for call in calls.values()
    ]
