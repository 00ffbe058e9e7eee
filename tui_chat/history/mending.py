"""Makes rows that were rescued whole again: what is missing between them is filled with what can be told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid4

from tui_chat.history import search
from tui_chat.history.chat_rows import recount

if TYPE_CHECKING:
    import sqlite3

LOST: Final = "(This message was lost when the history was damaged.)"
TITLE: Final = "Rescued"
"""The title of a chat of which only messages were left."""


def mend(database: sqlite3.Connection) -> bool:
    """Give messages that others rest on, or of which only the text is there, their places again, and chats their
    counts; index the words of all. Gives whether nothing was missing. In a transaction."""
    missing = _missing(database)
    for key in missing:
        _fill_in(database, key)
    emptied = _mark_emptied(database)
    chats = _chats(database)
    database.execute("DELETE FROM journal WHERE message NOT IN (SELECT key FROM messages WHERE instance IS NOT NULL)")
    database.execute("DELETE FROM trash WHERE chat NOT IN (SELECT key FROM chats)")
    database.execute(
        "UPDATE chats SET leaf = (SELECT max(key) FROM messages WHERE chat = chats.key AND removed IS NULL)"
        " WHERE leaf IS NULL OR leaf NOT IN (SELECT key FROM messages)"
    )
    for (key,) in database.execute("SELECT key FROM messages WHERE instance IS NULL").fetchall():
        search.index(database, key)
    for (key,) in database.execute("SELECT key FROM chats").fetchall():
        recount(database, key)
    return not missing and not emptied and not chats


def _missing(database: sqlite3.Connection) -> list[int]:
    """The keys of messages without a row that others are below of, or that have parts."""
    rows = database.execute(
        "SELECT parent FROM messages WHERE parent IS NOT NULL UNION SELECT message FROM parts"
        " UNION SELECT message FROM attachments EXCEPT SELECT key FROM messages ORDER BY 1"
    )
    return [key for (key,) in rows]


def _fill_in(database: sqlite3.Connection, key: int) -> None:
    """Write a row for a message. Messages of a chat mostly follow one another, so it belongs below the last one before
    it."""
    child = database.execute("SELECT chat, role, created FROM messages WHERE parent = ? LIMIT 1", (key,)).fetchone()
    before = database.execute(
        "SELECT key, chat, role, created FROM messages WHERE key < ?1 AND (?2 IS NULL OR chat = ?2)"
        " ORDER BY key DESC LIMIT 1",
        (key, child[0] if child is not None else None),
    ).fetchone()
    if child is not None:
        chat, role, created = child[0], _other(child[1]), child[2]
    elif before is not None:
        chat, role, created = before[1], _other(before[2]), before[3]
    else:
        chat, role, created = 1, "user", 0.0
    if database.execute("SELECT 1 FROM parts WHERE message = ? AND began > 0", (key,)).fetchone():
        role = "assistant"
    database.execute(
        "INSERT INTO messages (key, chat, id, parent, role, created, ending) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            key,
            chat,
            uuid4().hex,
            before[0] if before is not None else None,
            role,
            created,
            '{"ended": "cut-off", "why": "parts of it were lost when the history was damaged"}'
            if role == "assistant"
            else None,
        ),
    )
    if not database.execute("SELECT 1 FROM parts WHERE message = ?", (key,)).fetchone():
        database.execute("INSERT INTO parts (message, position, kind, text) VALUES (?, 0, 'text', ?)", (key, LOST))
    database.execute(
        "UPDATE messages SET characters = (SELECT coalesce(sum(length(text)), 0) FROM parts WHERE message = ?1"
        " AND kind IN ('text', 'reasoning', 'refusal')) WHERE key = ?1",
        (key,),
    )


def _mark_emptied(database: sqlite3.Connection) -> bool:
    """Say it in messages of which parts are missing; gives whether there are any."""
    rows = database.execute(
        "SELECT key, coalesce(max(position), -1) + 1 AS next FROM messages LEFT JOIN parts ON message = key"
        " WHERE instance IS NULL GROUP BY key HAVING next <> count(position) OR (next = 0 AND characters > 0)"
    ).fetchall()
    database.executemany(
        "INSERT INTO parts (message, position, kind, text) VALUES (?, ?, 'text', ?)",
        [(key, position, LOST) for key, position in rows],
    )
    return bool(rows)


def _other(role: str) -> str:
    return "user" if role == "assistant" else "assistant"


def _chats(database: sqlite3.Connection) -> list[int]:
    """Make the chats of which only messages are there."""
    rows = database.execute(
        "SELECT chat, min(created), max(created) FROM messages WHERE chat NOT IN (SELECT key FROM chats) GROUP BY chat"
    ).fetchall()
    database.executemany(
        "INSERT INTO chats (key, id, created, changed, title) VALUES (?, ?, ?, ?, ?)",
        [(key, uuid4().hex, created, changed, TITLE) for key, created, changed in rows],
    )
    return [key for key, _, _ in rows]
