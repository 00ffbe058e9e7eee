"""Completes rescued rows: fills gaps between them with what can be inferred."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from tui_chat.history import search
from tui_chat.history.columns import text
from tui_chat.history.writing.row_writer import recount

if TYPE_CHECKING:
    import sqlite3

LOST: Final = "\n\n(The rest of this message was lost when the history was damaged.)"
ALL_LOST: Final = "(This message was lost when the history was damaged.)"
NOBODY: Final = "rescued"
"""Stands for an instance that has ended."""


def mend(database: sqlite3.Connection) -> bool:
    """Restore the parents of messages, add missing messages and chats, update counts and rebuild the search index.
    Returns whether nothing was missing. Needs a transaction."""
    whole = not database.execute(
        "SELECT 1 FROM chats WHERE messages <>"
        " (SELECT count(*) FROM messages WHERE chat = chats.key AND removed IS NULL)"
    ).fetchall()
    missing = _missing(database)
    for key in missing:
        _fill_in(database, key)
    shortened = _mark_shortened(database)
    chats = _chats(database)
    database.execute("DELETE FROM journal WHERE message NOT IN (SELECT key FROM messages WHERE instance IS NOT NULL)")
    database.execute("INSERT INTO trash (instance, chat) SELECT ?, key FROM chats WHERE deleted", (NOBODY,))
    database.execute(
        "INSERT INTO trash (instance, chat, message)"
        " SELECT DISTINCT ?, chat, removed FROM messages WHERE removed IS NOT NULL",
        (NOBODY,),
    )
    database.execute(
        "UPDATE chats SET leaf = (SELECT max(key) FROM messages WHERE chat = chats.key AND removed IS NULL)"
        " WHERE leaf IS NULL OR leaf NOT IN (SELECT key FROM messages)"
    )
    for (key,) in database.execute("SELECT key FROM messages WHERE instance IS NULL").fetchall():
        search.index(database, key)
    for (key,) in database.execute("SELECT key FROM chats").fetchall():
        recount(database, key)
    return whole and not (missing or shortened or chats)


def _missing(database: sqlite3.Connection) -> list[int]:
    """Return the keys of messages that have no row of their own but have children or parts."""
    rows = database.execute(
        "SELECT parent FROM messages WHERE parent IS NOT NULL UNION SELECT message FROM parts"
        " UNION SELECT message FROM attachments EXCEPT SELECT key FROM messages ORDER BY 1"
    )
    return [key for (key,) in rows]


def _fill_in(database: sqlite3.Connection, key: int) -> None:
    """Add a row for a missing message, below the last message before it: the messages of a chat mostly follow one
    another."""
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
        database.execute("INSERT INTO parts (message, position, kind, text) VALUES (?, 0, 'text', ?)", (key, ALL_LOST))
    database.execute(
        "UPDATE messages SET characters = (SELECT coalesce(sum(length(text)), 0) FROM parts WHERE message = ?1"
        " AND kind IN ('text', 'reasoning', 'refusal')) WHERE key = ?1",
        (key,),
    )


def _mark_shortened(database: sqlite3.Connection) -> bool:
    """Add a note to messages that are incomplete; return whether there are any."""
    shortened = []
    rows = database.execute(
        "SELECT key, characters, position, kind IN ('text', 'reasoning', 'refusal'), text FROM messages"
        " LEFT JOIN parts ON message = key WHERE instance IS NULL ORDER BY key, position"
    )
    for (key, length), parts in groupby(rows, lambda row: row[:2]):
        found, last, count = 0, -1, 0
        for _, _, position, is_text, held in parts:
            if position is not None:
                found += len(text(held)) if is_text else 0
                last, count = position, count + 1
        if found != length or count != last + 1:
            shortened.append((key, last + 1, LOST))
    database.executemany("INSERT INTO parts (message, position, kind, text) VALUES (?, ?, 'text', ?)", shortened)
    return bool(shortened)


def _other(role: str) -> str:
    return "user" if role == "assistant" else "assistant"


def _chats(database: sqlite3.Connection) -> list[int]:
    """Add chats of which only messages were rescued, and return their keys."""
    rows = database.execute(
        "SELECT chat, min(created), max(created) FROM messages WHERE chat NOT IN (SELECT key FROM chats) GROUP BY chat"
    ).fetchall()
    database.executemany(
        "INSERT INTO chats (key, id, created, changed) VALUES (?, ?, ?, ?)",
        [(key, uuid4().hex, created, changed) for key, created, changed in rows],
    )
    return [key for key, _, _ in rows]
