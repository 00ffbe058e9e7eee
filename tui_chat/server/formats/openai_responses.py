"""Encode OpenAI's Responses API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, assert_never

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
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.server.formats.openai_chat import openai_failure
from tui_chat.server.formats.style import PLAIN, EventWriter, Stamps, Style
from tui_chat.server.formats.writing import counts, gathered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.events import ChatEvent, Usage
    from tui_chat.server.formats.writing import Json

_STATUS = {"stop": "completed", "tool_calls": "completed", "length": "incomplete:max_output_tokens"} | {
    "content_filter": "incomplete:content_filter"
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """The fields and event names of one kind of output item."""

    item: str
    part: str = ""
    """Type of its content part; empty if the item has none (a tool call)."""
    text: str = ""
    """The field of the part that holds its text."""
    event: str = "response.function_call_arguments"
    """Prefix of the names of its text events."""

    @property
    def part_event(self) -> str:
        """Prefix of the names of its part events."""
        return "response.reasoning_summary_part" if self.item == "reasoning" else "response.content_part"


_KINDS = {
    "text": _Kind("message", "output_text", "text", "response.output_text"),
    "refusal": _Kind("message", "refusal", "refusal", "response.refusal"),
    "reasoning": _Kind("reasoning", "summary_text", "text", "response.reasoning_summary_text"),
}
_CALL = _Kind("function_call")


class OpenAIResponsesEncoder:
    """Typed events for output items, of which one is open at a time. Pictures are left out."""

    media_type = "text/event-stream"

    def __init__(self, model: str, style: Style = PLAIN) -> None:
        self._stamps = Stamps(style)
        self._id = f"resp_{self._stamps.identity()}"
        self._created = int(self._stamps.now())
        self._writer = EventWriter(style)
        self._model = model
        self._usage: Usage | None = None
        self._number = 0
        self._output: list[Json] = []
        """The items so far; the last may be open."""
        self._kind: _Kind | None = None
        """The kind of the open item."""
        self._holds: object = None
        """Name of the open item's kind, or a tool call's index."""
        self._said: list[str] = []
        self._sources: list[Json] = []
        self._started = False

    def encode(self, event: ChatEvent) -> bytes:
        """Encode one event as server-sent events."""
        match event:
            case TextDelta(text):
                return self._grow("text", text)
            case RefusalDelta(text):
                return self._grow("refusal", text)
            case ReasoningDelta(text):
                return self._grow("reasoning", text)
            case ToolCallDelta(index, identity, name, arguments):
                return self._grow(index, arguments, {"call_id": identity, "name": name})
            case Citation():
                return self._cite(event)
            case Opaque(text):
                return self._sealed(json.loads(text))
            case ModelNamed(name):
                self._model = name
                return b""
            case KeepAlive():
                return self._writer.comment()
            case UsageReport(usage):
                self._usage = usage
                return b""
            case Finished(reason, sign):
                return self._end(reason, with_event=sign != "eof")
            case Failed():
                return self._start() + self._fail(event)
            case CutOff():
                return self._start()
            case ResponseStarted() | Image() | Skipped() | Adapted() | Retrying():
                return b""
            case _:
                assert_never(event)

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """Encode all events as one response."""
        whole = gathered(events, self._model)
        if whole.failed is not None:
            return whole.failed.status or 500, openai_failure(whole.failed)
        self._model, self._usage = whole.model, whole.usage
        if whole.reasoning:
            self._output.append(self._item(_KINDS["reasoning"], [_part(_KINDS["reasoning"], whole.reasoning)]))
        self._output += [item for item in whole.opaque if item.get("type") == "reasoning"]
        if whole.text or whole.refusal:
            kind = _KINDS["text" if whole.text else "refusal"]
            part = _part(kind, whole.text or whole.refusal, [*map(_annotation, whole.sources)])
            self._output.append(self._item(kind, [part]))
        for call in whole.calls.values():
            named = {"call_id": call.id, "name": call.name, "arguments": call.arguments}
            self._output.append(self._item(_CALL) | named)
        for item in self._output:
            item.setdefault("status", "completed")
        return 200, self._response(whole.reason)

    # ---- objects

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
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": _usage(self._usage) if self._usage else None,
        }

    def _item(self, kind: _Kind, parts: list[Json] | None = None) -> Json:
        item: Json = {"id": f"{_PREFIXES[kind.item]}_{self._stamps.identity()}", "type": kind.item}
        match kind.item:
            case "message":
                item |= {"role": "assistant", "content": parts or []}
            case "reasoning":
                item |= {"summary": parts or []}
            case _:
                item |= {"arguments": ""}
        return item

    # ---- events

    def _event(self, kind: str, **fields: Any) -> bytes:
        written = self._writer.event({"type": kind, "sequence_number": self._number} | fields, kind)
        self._number += 1
        return written

    def _start(self) -> bytes:
        if self._started:
            return b""
        self._started = True
        response = {**self._response(None, "in_progress"), "output": [], "usage": None}
        kinds = ("response.created", "response.in_progress")
        return b"".join(self._event(kind, response=response) for kind in kinds)

    def _grow(self, holds: str | int, delta: str, named: Json | None = None) -> bytes:
        kind = _CALL if isinstance(holds, int) else _KINDS[holds]
        written = self._open(holds, kind, named or {})
        if not delta:
            return written
        self._said.append(delta)
        more: Json = {"logprobs": []} if holds == "text" else {}
        return written + self._event(f"{kind.event}.delta", **self._place(), delta=delta, **more)

    def _cite(self, source: Citation) -> bytes:
        opened = self._open("text", _KINDS["text"], {})
        self._sources.append(_annotation(source))
        number = len(self._sources) - 1
        annotation = {"annotation_index": number, "annotation": self._sources[-1]}
        return opened + self._event("response.output_text.annotation.added", **self._place(), **annotation)

    def _place(self) -> Json:
        """The fields that say which item and part an event is about."""
        place: Json = {"item_id": self._output[-1]["id"], "output_index": len(self._output) - 1}
        if self._kind is not None and self._kind.part:
            place["summary_index" if self._kind.item == "reasoning" else "content_index"] = 0
        return place

    def _open(self, holds: object, kind: _Kind, named: Json) -> bytes:
        written = self._start()
        if holds == self._holds:
            return written
        written += self._close()
        self._holds, self._kind = holds, kind
        self._output.append(self._item(kind) | named | {"status": "in_progress"})
        written += self._event(
            "response.output_item.added", output_index=len(self._output) - 1, item=dict(self._output[-1])
        )
        if kind.part:
            written += self._event(f"{kind.part_event}.added", **self._place(), part=_part(kind, ""))
        return written

    def _close(self) -> bytes:
        """Close the open item; its last events repeat its whole text."""
        if self._kind is None:
            return b""
        said, item, kind = "".join(self._said), self._output[-1], self._kind
        if kind.part:
            part = _part(kind, said, self._sources)
            item["summary" if kind.item == "reasoning" else "content"] = [part]
            written = self._event(f"{kind.event}.done", **self._place(), **{kind.text: said})
            written += self._event(f"{kind.part_event}.done", **self._place(), part=part)
        else:
            item["arguments"] = said
            written = self._event(f"{kind.event}.done", **self._place(), arguments=said)
        item["status"] = "completed"
        self._said, self._sources = [], []
        self._holds = self._kind = None
        return written + self._event("response.output_item.done", output_index=len(self._output) - 1, item=item)

    def _sealed(self, item: Json) -> bytes:
        """A reasoning item with encrypted content."""
        written = self._start() + self._close()
        self._output.append(item)
        return written + self._event("response.output_item.done", output_index=len(self._output) - 1, item=item)

    def _fail(self, event: Failed) -> bytes:
        error = {"code": event.code or "server_error", "message": event.message or event.problem}
        response = self._response(None, "failed") | {"error": error}
        return self._event("error", **openai_failure(event)) + self._event("response.failed", response=response)

    def _end(self, reason: str | None, *, with_event: bool) -> bytes:
        written = self._start() + self._close()
        if not with_event:
            return written
        response = self._response(reason)
        return written + self._event(f"response.{response['status']}", response=response)


_PREFIXES = {"message": "msg", "reasoning": "rs", "function_call": "fc"}


def _part(kind: _Kind, text: str, sources: Sequence[Json] = ()) -> Json:
    part: Json = {"type": kind.part, kind.text: text}
    return part | {"annotations": [*sources]} if kind.part == "output_text" else part


def _annotation(source: Citation) -> Json:
    return {"type": "url_citation", "url": source.url, "title": source.title, "start_index": 0, "end_index": 0}


def _usage(usage: Usage) -> Json:
    written = counts({"input_tokens": usage.input, "output_tokens": usage.output, "total_tokens": usage.total})
    if usage.reasoning is not None:
        written["output_tokens_details"] = {"reasoning_tokens": usage.reasoning}
    if usage.cached is not None:
        written["input_tokens_details"] = {"cached_tokens": usage.cached}
    return written
