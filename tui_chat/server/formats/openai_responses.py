"""OpenAI's Responses API."""

from __future__ import annotations

import json
from time import time
from typing import TYPE_CHECKING, Any, assert_never
from uuid import uuid4

from tui_chat.chat.events import (
    Alive,
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
    UsageReport,
)
from tui_chat.server.formats.openai_chat import openai_error
from tui_chat.server.formats.writing import counts, gathered, sse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import ChatEvent, Usage
    from tui_chat.server.formats.writing import Json

_STATUS = {"stop": "completed", "tool_calls": "completed", "length": "incomplete:max_output_tokens"} | {
    "content_filter": "incomplete:content_filter"
}


class OpenAIResponses:
    """Typed events around output items, of which one is open at a time. Pictures have no place."""

    media_type = "text/event-stream"

    def __init__(self, model: str) -> None:
        self._id = f"resp_{uuid4().hex}"
        self._created = int(time())
        self._model = model
        self._usage: Usage | None = None
        self._number = 0
        self._output: list[Json] = []
        """The items so far; the last one may be open."""
        self._holds: object = None
        """What the open item holds: its kind, and for tool calls the call's index."""
        self._parts: list[str] = []
        self._started = False

    def encode(self, event: ChatEvent) -> bytes:
        """One event as server-sent events."""
        match event:
            case TextDelta(text):
                return self._grow("message", "response.output_text.delta", text)
            case RefusalDelta(text):
                return self._grow("refusal", "response.refusal.delta", text)
            case ReasoningDelta(text):
                return self._grow("reasoning", "response.reasoning_summary_text.delta", text)
            case ToolCallDelta(index, identity, name, arguments):
                item = {"type": "function_call", "call_id": identity, "name": name, "arguments": ""}
                return self._grow(("call", index), "response.function_call_arguments.delta", arguments, item)
            case Citation():
                opened = self._open("message", _item("message"))
                return opened + self._event("response.output_text.annotation.added", annotation=_annotation(event))
            case Opaque(text):
                return self._sealed(json.loads(text))
            case ModelNamed(name):
                self._model = name
                return b""
            case Alive():
                return b": keep-alive\n\n"
            case UsageReport(usage):
                self._usage = usage
                return b""
            case Finished(reason):
                return self._end(reason)
            case Failed():
                error = openai_error(event.message or event.problem, event.type or "server_error", event.code)
                return self._start() + self._event("error", **error)
            case CutOff():
                return self._start()
            case Opened() | Image() | Retrying():
                return b""
            case _:
                assert_never(event)

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """All events as one response."""
        whole = gathered(events, self._model)
        if whole.failed is not None:
            failed = whole.failed
            error = openai_error(failed.message or failed.problem, failed.type or "server_error", failed.code)
            return failed.status or 500, error
        self._model, self._usage = whole.model, whole.usage
        if whole.reasoning:
            self._output.append(_item("reasoning") | {"summary": [{"type": "summary_text", "text": whole.reasoning}]})
        self._output += [item for item in whole.opaque if item.get("type") == "reasoning"]
        if whole.text or whole.refusal:
            part: Json = {
                "type": "output_text",
                "text": whole.text,
                "annotations": list(map(_annotation, whole.sources)),
            }
            if not whole.text:
                part = {"type": "refusal", "refusal": whole.refusal}
            self._output.append(_item("message") | {"content": [part]})
        for call in whole.calls.values():
            item = {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}
            self._output.append({"id": f"fc_{uuid4().hex}", **item})
        return 200, self._response(whole.reason)

    def _response(self, reason: str | None, status: str = "") -> Json:
        status, _, why = (status or _STATUS.get(reason or "stop", reason or "completed")).partition(":")
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "model": self._model,
            "output": self._output,
            "error": None,
            "incomplete_details": {"reason": why} if why else None,
            "usage": _usage(self._usage) if self._usage else None,
        }

    def _event(self, kind: str, **fields: Any) -> bytes:
        place = {"output_index": len(self._output) - 1} if self._holds is not None else {}
        written = sse({"type": kind, "sequence_number": self._number} | place | fields, kind)
        self._number += 1
        return written

    def _start(self) -> bytes:
        if self._started:
            return b""
        self._started = True
        response = {**self._response(None, "in_progress"), "output": [], "usage": None}
        return self._event("response.created", response=response)

    def _grow(self, holds: object, kind: str, delta: str, item: Json | None = None) -> bytes:
        written = self._open(holds, item or _item("reasoning" if holds == "reasoning" else "message"))
        self._parts.append(delta)
        return written + self._event(kind, item_id=self._output[-1]["id"], content_index=0, delta=delta)

    def _open(self, holds: object, item: Json) -> bytes:
        written = self._start()
        if holds == self._holds:
            return written
        written += self._close()
        self._holds = holds
        self._output.append({"id": f"item_{uuid4().hex}", **item})
        return written + self._event("response.output_item.added", item=dict(self._output[-1]))

    def _close(self) -> bytes:
        """The open item as a whole, which repeats its deltas."""
        if self._holds is None:
            return b""
        said, item = "".join(self._parts), self._output[-1]
        self._parts = []
        match self._holds:
            case "message":
                item["content"] = [{"type": "output_text", "text": said, "annotations": []}]
            case "refusal":
                item["content"] = [{"type": "refusal", "refusal": said}]
            case "reasoning":
                item["summary"] = [{"type": "summary_text", "text": said}]
            case _:
                item["arguments"] = said
        item["status"] = "completed"
        written = self._event("response.output_item.done", item=item)
        self._holds = None
        return written

    def _sealed(self, item: Json) -> bytes:
        """A reasoning item with what is encrypted."""
        written = self._start() + self._close()
        self._output.append(item)
        self._holds = "sealed"
        written += self._event("response.output_item.done", item=item)
        self._holds = None
        return written

    def _end(self, reason: str | None) -> bytes:
        written = self._start() + self._close()
        response = self._response(reason)
        return written + self._event(f"response.{response['status']}", response=response)


def _item(kind: str) -> Json:
    return {"type": kind} | ({"summary": []} if kind == "reasoning" else {"role": "assistant", "content": []})


def _annotation(source: Citation) -> Json:
    return {"type": "url_citation", "url": source.url, "title": source.title, "start_index": 0, "end_index": 0}


def _usage(usage: Usage) -> Json:
    written = counts({"input_tokens": usage.input, "output_tokens": usage.output, "total_tokens": usage.total})
    if usage.reasoning is not None:
        written["output_tokens_details"] = {"reasoning_tokens": usage.reasoning}
    if usage.cached is not None:
        written["input_tokens_details"] = {"cached_tokens": usage.cached}
    return written
