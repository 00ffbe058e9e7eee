"""Encode the answer to a question in a URL: server-sent events with small JSON objects or plain text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_chat.chat.events import Failed, Finished, KeepAlive, ReasoningDelta, TextDelta, UsageReport
from tui_chat.server.formats.openai_chat import openai_failure, openai_usage
from tui_chat.server.formats.style import PLAIN, EventWriter, Style
from tui_chat.server.formats.writing import gathered, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import ChatEvent, Usage
    from tui_chat.server.formats.writing import Json

UrlFormat: TypeAlias = Literal["json", "text"]

END = "end"
"""The id and name of the last event; its data is `[DONE]`, for clients that only read the data."""

_LINE_END = re.compile(r"\r\n|\r|\n")


class UrlChatEncoder:
    """Numbered events: `{"content": "…"}` and `{"reasoning": "…"}`, or only the text, without reasoning.

    Each piece has its number as its id, so a client that reconnects with `Last-Event-ID` gets the rest. Tool calls,
    sources and pictures are left out.
    """

    media_type = "text/event-stream"

    def __init__(self, form: UrlFormat, model: str, style: Style = PLAIN, first: int = 0) -> None:
        """`first`: how many pieces the client already has."""
        self._form = form
        self._model = model
        self._writer = EventWriter(style)
        self._end_mark = style.end
        self._usage_in_every = style.usage == "every"
        self._usage_in_last = style.usage == "last"
        self._usage: Usage | None = None
        self._number = first

    def encode(self, event: ChatEvent) -> bytes:
        """Encode one event as server-sent events."""
        match event:
            case TextDelta(text):
                return self._piece({"content": text}, text)
            case ReasoningDelta(text):
                return self._piece({"reasoning": text}, None)
            case KeepAlive():
                return self._writer.comment()
            case UsageReport(usage):
                self._usage = usage
                return b""
            case Failed():
                if self._form == "json":
                    return self._writer.event(openai_failure(event))
                return self._event(event.message or event.problem, name="failed")
            case Finished():
                return self._end(event)
            case _:
                return b""

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """Encode all events as one object."""
        whole = gathered(events, self._model)
        if whole.failed is not None:
            return whole.failed.status or 500, openai_failure(whole.failed)
        reasoning = {"reasoning": whole.reasoning} if whole.reasoning else {}
        return 200, {"content": whole.text} | reasoning | self._counts(whole.usage)

    def _piece(self, document: Json, text: str | None) -> bytes:
        self._number += 1  # reasoning counts in both forms, so that a number means the same piece in either
        if self._form == "text":
            return b"" if text is None else self._event(text, id=str(self._number))
        if self._usage_in_every:
            document = document | self._counts(self._usage)
        return self._event(to_json(document).decode(), id=str(self._number))

    def _counts(self, usage: Usage | None) -> Json:
        return {"usage": openai_usage(usage)} if usage else {}

    def _end(self, event: Finished) -> bytes:
        counts = self._writer.event(self._counts(self._usage)) if self._usage_in_last and self._usage else b""
        if event.sign == "eof" or self._end_mark == "none":
            return counts
        if self._end_mark == "empty":
            return counts + self._event("")
        return counts + self._event("[DONE]", name=END, id=END)

    def _event(self, data: str, *, name: str = "", id: str = "") -> bytes:  # noqa: A002 (the field's name)
        """One event; a text of several lines becomes several `data` lines, which the client joins again."""
        numbered = self._writer.field(b"id", id.encode()) if id else b""
        return numbered + self._writer.lines([line.encode() for line in _LINE_END.split(data)], name)
