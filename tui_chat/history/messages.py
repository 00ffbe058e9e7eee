"""Writes and reads one message as database rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_chat.chat.message import (
    Attachment,
    CitationPart,
    ImagePart,
    Message,
    OpaquePart,
    TextPart,
    ToolCall,
)
from tui_chat.history import columns, journal, search
from tui_chat.history.columns import column, number_column, text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from tui_chat.chat.message import Part


def characters(message: Message) -> int:
    """Return the length of a message's text, reasoning and refusal."""
    return sum(len(part) for part in message.parts if isinstance(part, TextPart))


def insert(
    database: sqlite3.Connection, chat: int, message: Message, parent: int | None, instance: str | None = None
) -> int:
    """Write a message and return its key. With an `instance`, which is still receiving it, only its first row is
    written; otherwise all its parts too."""
    cursor = database.execute(
        "INSERT INTO messages (chat, id, parent, role, created, instance, model, endpoint, usage, timing)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            chat,
            message.id,
            parent,
            message.role,
            message.created,
            instance,
            column(message.model),
            column(message.endpoint),
            columns.usage_json(message),
            columns.timing_json(message.timing),
        ),
    )
    key = cursor.lastrowid
    if key is None:
        raise RuntimeError("SQLite gives each inserted row a key")
    database.executemany(
        "INSERT INTO attachments (message, position, name, mime, data) VALUES (?, ?, ?, ?, ?)",
        [
            (key, position, column(attachment.name), column(attachment.mime), attachment.data)
            for position, attachment in enumerate(message.attachments)
        ],
    )
    if instance is None:
        fill(database, key, message)
    return key


def fill(database: sqlite3.Connection, key: int, message: Message) -> None:
    """Write the parts and numbers of a message that has settled, and delete its journal."""
    database.execute(
        "UPDATE messages SET instance = NULL, model = ?, status = ?, url = ?, deltas = ?, content_bytes = ?,"
        " characters = ?, usage = ?, timing = ?, ending = ? WHERE key = ?",
        (
            column(message.model),
            message.status,
            column(columns.address(message.url)),
            message.deltas,
            message.content_bytes,
            characters(message),
            columns.usage_json(message),
            columns.timing_json(message.timing),
            columns.ending_json(message.ending, message.skipped),
            key,
        ),
    )
    database.execute("DELETE FROM journal WHERE message = ?", (key,))
    database.executemany(
        "INSERT INTO parts (message, position, kind, number, text, name, call, began, ended)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(key, position, *_part_columns(part)) for position, part in enumerate(message.parts)],
    )


def empty(database: sqlite3.Connection, key: int) -> None:
    """Delete the parts of a settled message and its words in the search index, so that it can be filled again."""
    search.forget(database, [key])
    database.execute("DELETE FROM parts WHERE message = ?", (key,))


def _part_columns(part: Part) -> tuple[object, ...]:
    """Return a part's `kind`, `number`, `text`, `name`, `call`, `began` and `ended`."""
    match part:
        case TextPart():
            return part.kind, number_column(part.key), column(part.text), "", "", part.began, part.ended
        case ToolCall(index, id_, name, arguments):
            return "call", number_column(index), column(arguments), column(name), column(id_), 0.0, 0.0
        case ImagePart(url):
            return "image", 0, column(url), "", "", 0.0, 0.0
        case CitationPart(url, title):
            return "citation", 0, column(url), column(title), "", 0.0, 0.0
        case OpaquePart(json):
            return "opaque", 0, column(json), "", "", 0.0, 0.0


def read(database: sqlite3.Connection, key: int) -> tuple[Message, str | None]:
    """Read a message, and the id of the instance that is receiving it, or `None` if it has settled. An unsettled
    message has no ending and contains what has been written so far. Raises `KeyError` if there is no such message."""
    found = database.execute(
        "SELECT m.id, p.id, m.role, m.created, m.instance, m.model, m.endpoint, m.status, m.url, m.deltas,"
        " m.content_bytes, m.usage, m.timing, m.ending"
        " FROM messages AS m LEFT JOIN messages AS p ON p.key = m.parent WHERE m.key = ?",
        (key,),
    ).fetchone()
    if found is None:
        raise KeyError(key)
    id_, parent, role, created, instance, model, endpoint, status, url, deltas, size, usage, timing, ending = found
    message = Message(
        id=id_,
        parent=parent,
        role=role,
        created=created,
        model=text(model),
        endpoint=text(endpoint),
        attachments=tuple(_attachments(database, key)),
        timing=columns.timing_from(timing),
        status=status,
        url=text(url),
        ending=columns.ending_from(ending),
        skipped=columns.skipped_from(ending),
        deltas=deltas,
        content_bytes=size,
    )
    columns.take_usage(usage, message)
    if instance is None:
        message.parts += _parts(database, key)
    else:
        rows = database.execute("SELECT events FROM journal WHERE message = ? ORDER BY key", (key,))
        journal.replay(message, (events for (events,) in rows))
    return message, instance


def _attachments(database: sqlite3.Connection, key: int) -> Iterator[Attachment]:
    rows = database.execute("SELECT name, mime, data FROM attachments WHERE message = ? ORDER BY position", (key,))
    for name, mime, data in rows:
        yield Attachment(text(name), text(mime), data)


def _parts(database: sqlite3.Connection, key: int) -> Iterator[Part]:
    rows = database.execute(
        "SELECT kind, number, text, name, call, began, ended FROM parts WHERE message = ? ORDER BY position", (key,)
    )
    for row in rows:
        yield _part(*row)


def _part(kind: str, number: Any, held: Any, name: Any, call: Any, began: float, ended: float) -> Part:
    match kind:
        case "text" | "reasoning" | "refusal":
            part = TextPart(kind, int(number), text(held), began)
            part.ended = ended
            return part
        case "call":
            return ToolCall(int(number), text(call), text(name), text(held))
        case "image":
            return ImagePart(text(held))
        case "citation":
            return CitationPart(text(held), text(name))
        case "opaque":
            return OpaquePart(text(held))
        case _:
            raise ValueError(f"messages have no parts of the kind {kind!r}")
