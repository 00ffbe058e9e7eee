"""Helpers for all encoders: JSON as bytes, and a whole reply collected from its events."""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import ChatEvent, Usage

Json: TypeAlias = dict[str, Any]


def to_json(value: object) -> bytes:
    """Compact JSON in UTF-8. Lone surrogates cannot be encoded, so a text with one is escaped to ASCII."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def parsed(arguments: str) -> Any:
    """A tool call's arguments as an object, for APIs that need one; invalid JSON stays text."""
    try:
        return json.loads(arguments) if arguments.strip() else {}
    except (ValueError, RecursionError):
        return arguments


@dataclass(slots=True)
class Call:
    """A complete tool call."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Whole:
    """A complete reply, for responses that are not streamed."""

    model: str
    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: dict[int, Call] = field(default_factory=dict)
    sources: list[Citation] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    opaque: list[Json] = field(default_factory=list)
    usage: Usage | None = None
    reason: str | None = None
    detail: str | None = None
    failed: Failed | None = None
    """The error of a failed reply; a reply that was cut off becomes a 502, as from a gateway."""


def gathered(events: Iterable[ChatEvent], model: str) -> Whole:
    """Collect all events of a reply."""
    whole = Whole(model)
    for event in events:
        match event:
            case TextDelta(text):
                whole.text += text
            case ReasoningDelta(text):
                whole.reasoning += text
            case RefusalDelta(text):
                whole.refusal += text
            case ToolCallDelta(index, identity, name, arguments):
                call = whole.calls.setdefault(index, Call(identity, name))
                call.arguments += arguments
            case Citation():
                whole.sources.append(event)
            case Image(url):
                whole.pictures.append(url)
            case Opaque(text):
                whole.opaque.append(json.loads(text))
            case ModelNamed(name):
                whole.model = name
            case UsageReport(usage):
                whole.usage = usage
            case Finished(reason, _, detail):
                whole.reason, whole.detail = reason, detail
            case Failed():
                whole.failed = event
            case CutOff(why):
                whole.failed = Failed(f"The answer broke off: {why}", type="server_error", status=502)
            case ResponseStarted() | Skipped() | Adapted() | Retrying() | KeepAlive():
                pass
            case _:
                assert_never(event)
    return whole


def counts(named: dict[str, int | None]) -> Json:
    """The known token counts, by the API's field names."""
    return {name: count for name, count in named.items() if count is not None}
