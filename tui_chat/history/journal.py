"""Writes the events of a reply in progress as journal rows, and replays them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    Citation,
    Grown,
    Image,
    ModelNamed,
    Opaque,
    ReasoningDelta,
    RefusalDelta,
    ResponseStarted,
    Skipped,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.message import CitationPart, ImagePart, OpaquePart, TextPart, ToolCall
from tui_chat.history.columns import address, from_json, json_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import Change, Delta
    from tui_chat.chat.message import Message
    from tui_chat.history.columns import Column

log = logging.getLogger(__name__)

JournalEvent: TypeAlias = list[Any]
"""An event as a JSON list: its kind, then its fields. Consecutive deltas of the same text block are merged into one,
with their count and the times in seconds of the first and the last: `["text", part, "…", 12, 0.5, 0.6]`."""

_TEXTS: Final = {TextDelta: "text", ReasoningDelta: "reasoning", RefusalDelta: "refusal"}


def note(events: list[JournalEvent], change: Change) -> None:
    """Append a change to the events of the journal's next row; changes that leave no trace in a message are ignored."""
    match change:
        case Grown(deltas):
            for delta in deltas:
                _note_delta(events, delta)
        case ResponseStarted(status, url, sent):
            events.append(["opened", status, address(url), change.at, sent])
        case ModelNamed(name):
            events.append(["model", name])
        case Citation(url, title):
            events.append(["citation", url, title])
        case Image(url):
            events.append(["image", url])
        case Opaque(json_):
            events.append(["opaque", json_])
        case UsageReport(usage):
            counts = (usage.input, usage.output, usage.total, usage.reasoning, usage.cached, usage.cost)
            more = (usage.input_audio, usage.output_audio, usage.cached_apart, usage.reasoning_apart)
            events.append(["usage", *counts, *more, change.at])
        case Skipped(count, size):
            events.append(["skipped", count, size])
        case _:
            pass


def _note_delta(events: list[JournalEvent], delta: Delta) -> None:
    match delta:
        case TextDelta(text, part):
            _note_text(events, "text", part, text, delta.at)
        case ReasoningDelta(text, part):
            _note_text(events, "reasoning", part, text, delta.at)
        case RefusalDelta(text):
            _note_text(events, "refusal", 0, text, delta.at)
        case ToolCallDelta(index, id_, name, arguments):
            last = events[-1] if events else None
            if last is not None and last[0] == "call" and last[1] == index and not id_ and not name:
                last[4].append(arguments)
                last[5] += 1
                last[7] = delta.at
            else:
                events.append(["call", index, id_, name, [arguments], 1, delta.at, delta.at])


def _note_text(events: list[JournalEvent], kind: str, part: int, text: str, at: float) -> None:
    last = events[-1] if events else None
    if last is not None and last[0] == kind and last[1] == part:
        last[2].append(text)
        last[3] += 1
        last[5] = at
    else:
        events.append([kind, part, [text], 1, at, at])


def row(events: list[JournalEvent]) -> Column:
    """Return events as the content of one journal row."""
    return json_column([["".join(field) if isinstance(field, list) else field for field in event] for event in events])


def all_of(message: Message) -> list[JournalEvent]:
    """Return the events that would rebuild a message as it is."""
    events: list[JournalEvent] = []
    for part in message.parts:
        match part:
            case TextPart():
                events.append([part.kind, part.key, [part.text], 1, part.began, part.ended])
            case ToolCall(index, id_, name, arguments):
                at = message.timing.last_delta or 0.0
                events.append(["call", index, id_, name, [arguments], 1, at, at])
            case ImagePart(url):
                events.append(["image", url])
            case CitationPart(url, title):
                events.append(["citation", url, title])
            case OpaquePart(json_):
                events.append(["opaque", json_])
    return events


def replay(message: Message, rows: Iterable[Column]) -> None:
    """Apply the events of journal rows to a message; rows that cannot be read are skipped."""
    conversation = Conversation()
    for held in rows:
        try:
            for event in from_json(held):
                _replay(conversation, message, event)
        except (ValueError, TypeError) as error:
            log.warning("A row of the journal of a reply cannot be read: %s", error)


def _replay(conversation: Conversation, message: Message, event: JournalEvent) -> None:
    word, *said = event
    match word:
        case "text" | "reasoning" | "refusal":
            part, text, count, first, last = said
            _grown(conversation, message, _text_delta(word, part, text, first), count, last)
        case "call":
            index, id_, name, arguments, count, first, last = said
            _grown(conversation, message, ToolCallDelta(index, id_, name, arguments, at=first), count, last)
        case "opened":
            status, url, at, *sent = said
            conversation.apply(message, ResponseStarted(status, url, *sent, at=at))
        case "model":
            conversation.apply(message, ModelNamed(said[0]))
        case "citation":
            conversation.apply(message, Citation(*said))
        case "image":
            conversation.apply(message, Image(said[0]))
        case "opaque":
            conversation.apply(message, Opaque(said[0]))
        case "usage":
            *counts, at = said
            conversation.apply(message, UsageReport(Usage(*counts), at=at))
        case "skipped":
            conversation.apply(message, Skipped(*said))
        case _:
            raise ValueError(f"a journal has no events of the kind {word!r}")


def _text_delta(word: str, part: int, text: str, at: float) -> TextDelta | ReasoningDelta | RefusalDelta:
    if word == "refusal":
        return RefusalDelta(text, at=at)
    return (TextDelta if word == "text" else ReasoningDelta)(text, part, at=at)


def _grown(
    conversation: Conversation,
    message: Message,
    delta: TextDelta | ReasoningDelta | RefusalDelta | ToolCallDelta,
    count: int,
    last: float,
) -> None:
    """Apply one delta that stands for several: count them all and use the time of the last."""
    conversation.apply(message, delta)
    message.deltas += count - 1
    message.timing.last_delta = message.timing.last_heard = last
    if not isinstance(delta, ToolCallDelta):
        kind, key = ("refusal", 0) if isinstance(delta, RefusalDelta) else (_TEXTS[type(delta)], delta.part)
        for part in message.parts:
            if isinstance(part, TextPart) and part.kind == kind and part.key == key:
                part.ended = last
