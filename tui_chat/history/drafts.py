"""Stores what a person left in each chat: the draft, the queue and the reading position."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.history_ports import Draft, ReadingPosition
from tui_chat.chat.message import Attachment
from tui_chat.history.columns import column, from_json, json_column, text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence


TABLES: Final = ("drafts", "places")


def put_back(database: sqlite3.Connection, table: str, rows: Iterable[Sequence[object]]) -> None:
    """Write whole rows into one of the tables, replacing rows with the same chat."""
    for row in rows:
        marks = ", ".join("?" * len(row))
        database.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)  # noqa: S608


def keep_draft(database: sqlite3.Connection, chat: str, draft: Draft) -> None:
    """Store a chat's draft and queue; an empty draft deletes the row."""
    if draft == Draft():
        database.execute("DELETE FROM drafts WHERE chat = ?", (chat,))
    else:
        database.execute(
            "INSERT OR REPLACE INTO drafts (chat, text, queue, changed) VALUES (?, ?, ?, ?)",
            (chat, column(draft.text), json_column(_queue_to_json(draft)), time()),
        )


def draft(database: sqlite3.Connection, chat: str) -> Draft:
    """Read a chat's draft and queue."""
    found = database.execute("SELECT text, queue FROM drafts WHERE chat = ?", (chat,)).fetchone()
    return Draft() if found is None else _draft_from(text(found[0]), from_json(found[1]))


def _queue_to_json(draft: Draft) -> object:
    """The queue; with attachments an object that also has their names, types and keys."""
    if not draft.files:
        return draft.queue
    files = [[[file.name, file.mime, file.kept] for file in group if file.kept] for group in draft.files]
    return {"queue": draft.queue, "files": files}


def _draft_from(typed: str, queue: Any) -> Draft:
    if not isinstance(queue, dict):
        return Draft(typed, tuple(queue))
    groups = (tuple(Attachment(name, mime, b"", kept) for name, mime, kept in group) for group in queue["files"])
    return Draft(typed, tuple(queue["queue"]), tuple(groups))


def keep_reading_position(database: sqlite3.Connection, chat: str, place: ReadingPosition | None) -> None:
    """Store a chat's reading position; `None`, the end of the chat, deletes the row."""
    if place is None:
        database.execute("DELETE FROM places WHERE chat = ?", (chat,))
    else:
        database.execute("INSERT OR REPLACE INTO places VALUES (?, ?, ?)", (chat, place.message, place.rows))


def reading_position(database: sqlite3.Connection, chat: str) -> ReadingPosition | None:
    """Read a chat's reading position."""
    found = database.execute("SELECT message, rows FROM places WHERE chat = ?", (chat,)).fetchone()
    return None if found is None else ReadingPosition(*found)
