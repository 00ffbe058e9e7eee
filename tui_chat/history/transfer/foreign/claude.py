"""Reads a chat of Claude's data export (`conversations.json`).

A chat is a list of `chat_messages`, each with a sender, blocks of content and attachments. Newer exports name the
parent of each message, so that branches are known; otherwise each message follows the one before it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.events import Finished
from tui_chat.chat.message import Attachment, CitationPart, TextPart, ToolCall
from tui_chat.history.transfer.foreign.chats import (
    ForeignChat,
    fields,
    identity,
    listed,
    new_chat,
    seconds,
    words,
)

if TYPE_CHECKING:
    from tui_chat.chat.message import Part, Role

ENDPOINT: Final = "claude.ai"


def is_chat(item: object) -> bool:
    """Whether an element of a list is such a chat."""
    return isinstance(item, dict) and isinstance(item.get("chat_messages"), list)


def read_chat(item: dict[str, Any]) -> ForeignChat:
    """Read one chat. Raises `ForeignError`."""
    created = seconds(item.get("created_at"))
    chat = new_chat(ENDPOINT, item.get("uuid"), item.get("name"), created, item.get("updated_at"))
    model = words(item.get("model"))
    known: set[str] = set()
    last: str | None = None
    at = created
    for number, piece in enumerate(item["chat_messages"]):
        entry = fields(piece)
        role = _role(entry)
        own = identity(entry.get("uuid"), chat.head.id, str(number))
        if role is None or own in known:
            chat.lost["messages of an unknown kind"] += 1
            continue
        parts = _parts(entry, chat)
        attachments = _attachments(entry, chat) if role == "user" else []
        at = seconds(entry.get("created_at"), at)
        parent = entry.get("parent_message_uuid")
        if not parts and not attachments:
            chat.lost["empty messages"] += 1
            continue
        named = isinstance(parent, str)
        chat.add(
            own,
            (parent if parent in known else None if not known or number == 0 else last) if named else last,
            role,
            at,
            parts or [TextPart("text")],
            ending=Finished(words(entry.get("stop_reason")) or "stop", "eof", at=0.0),
            model=model,
            attachments=attachments,
        )
        known.add(own)
        last = own
    leaf = item.get("current_leaf_message_uuid")
    return chat.finish(leaf if isinstance(leaf, str) and leaf in known else last)


def _role(entry: dict[str, Any]) -> Role | None:
    sender = words(entry.get("sender"))
    if sender in {"human", "user"}:
        return "user"
    return "assistant" if sender == "assistant" else None


def _parts(entry: dict[str, Any], chat: ForeignChat) -> list[Part]:
    parts: list[Part] = []
    calls = 0
    for block in listed(entry.get("content")):
        piece = fields(block)
        match piece.get("type"):
            case "text" if words(piece.get("text")):
                parts.append(TextPart("text", len(parts), text=piece["text"]))
                parts += _sources(piece)
            case "thinking" if words(piece.get("thinking")):
                parts.append(TextPart("reasoning", len(parts), text=piece["thinking"]))
            case "tool_use":
                arguments = json.dumps(piece.get("input"), ensure_ascii=False)
                parts.append(ToolCall(calls, words(piece.get("id")), words(piece.get("name")), arguments))
                calls += 1
            case "tool_result":
                chat.lost["tool results"] += 1
            case "text" | "thinking" | "token_budget":
                pass
            case _:
                chat.lost["parts of an unknown kind"] += 1
    if not any(isinstance(part, TextPart) and part.kind == "text" for part in parts) and words(entry.get("text")):
        parts.append(TextPart("text", len(parts), text=entry["text"]))
    return parts


def _sources(piece: dict[str, Any]) -> list[CitationPart]:
    """The sources that a block of text cites."""
    cited = [{**fields(fields(each).get("details")), **fields(each)} for each in listed(piece.get("citations"))]
    return [CitationPart(each["url"], words(each.get("title"))) for each in cited if words(each.get("url"))]


def _attachments(entry: dict[str, Any], chat: ForeignChat) -> list[Attachment]:
    found = []
    for attachment in listed(entry.get("attachments")):
        given = fields(attachment)
        text = words(given.get("extracted_content"))
        if text:
            name = words(given.get("file_name")) or "attachment.txt"
            found.append(Attachment(name, "text/plain", text.encode("utf-8", "surrogatepass")))
        else:
            chat.lost["attached files"] += 1
    extracted = {attachment.name for attachment in found}
    names = [words(fields(file).get("file_name")) for file in listed(entry.get("files"))]
    chat.lost["attached files"] += len([name for name in names if name not in extracted])
    return found
