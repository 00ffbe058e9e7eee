"""Deleted chats and messages: hidden at once, wiped when they can no longer be restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.history import search

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

AT_ONCE = 500
"""Messages that are wiped with one statement."""


def delete(database: sqlite3.Connection, instance: str, chat: int) -> None:
    """Move a whole chat to the trash."""
    database.execute("UPDATE chats SET deleted = 1 WHERE key = ?", (chat,))
    put_in(database, instance, chat, None)


def put_in(database: sqlite3.Connection, instance: str, chat: int, message: int | None) -> None:
    """Register a chat, or one of its messages with all below it, to be wiped when the instance ends; the caller marks
    it as deleted."""
    database.execute("INSERT INTO trash (instance, chat, message) VALUES (?, ?, ?)", (instance, chat, message))


def restore(database: sqlite3.Connection, chat: int) -> None:
    """Take a chat out of the trash."""
    database.execute("UPDATE chats SET deleted = 0 WHERE key = ?", (chat,))
    database.execute("DELETE FROM trash WHERE chat = ? AND message IS NULL", (chat,))


def empty(database: sqlite3.Connection, mine: str, alive: Callable[[str], bool]) -> None:
    """Wipe what this instance and dead ones deleted, except in chats that another running program has open. Needs a
    transaction; `secure_delete` is on."""
    due = [
        (key, chat, message)
        for key, instance, chat, message in database.execute(
            "SELECT key, instance, chat, message FROM trash"
        ).fetchall()
        if (instance == mine or not alive(instance)) and not _open_elsewhere(database, mine, chat, alive)
    ]
    chats = [chat for _, chat, message in due if message is None and _deleted(database, chat)]
    keys = [key for chat in chats for key in _keys(database, "chat = ?", chat)]
    for _, chat, message in due:
        if message is not None and chat not in chats:
            keys += _keys(database, "chat = ? AND removed = ?", chat, message)
    _wipe_messages(database, keys)
    for chat in chats:
        _wipe_chat(database, chat)
    database.executemany("DELETE FROM trash WHERE key = ?", [(key,) for key, _, _ in due])


def _open_elsewhere(database: sqlite3.Connection, mine: str, chat: int, alive: Callable[[str], bool]) -> bool:
    rows = database.execute(
        "SELECT instance FROM open_chats WHERE chat = (SELECT id FROM chats WHERE key = ?) AND instance <> ?",
        (chat, mine),
    ).fetchall()
    return any(alive(instance) for (instance,) in rows)


def _deleted(database: sqlite3.Connection, chat: int) -> bool:
    return bool(database.execute("SELECT 1 FROM chats WHERE key = ? AND deleted", (chat,)).fetchall())


def _keys(database: sqlite3.Connection, which: str, *values: int) -> list[int]:
    rows = database.execute(f"SELECT key FROM messages WHERE {which} ORDER BY key DESC", values)  # noqa: S608
    return [key for (key,) in rows]


def _wipe_messages(database: sqlite3.Connection, keys: list[int]) -> None:
    search.forget(database, keys)  # all keys in one call, because each call ends with a pass over the index
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        marks = ", ".join("?" * len(some))
        for table in ("parts", "attachments", "journal"):
            database.execute(f"DELETE FROM {table} WHERE message IN ({marks})", some)  # noqa: S608
        database.execute(f"DELETE FROM messages WHERE key IN ({marks})", some)  # noqa: S608


def _wipe_chat(database: sqlite3.Connection, chat: int) -> None:
    (id_,) = database.execute("SELECT id FROM chats WHERE key = ?", (chat,)).fetchone()
    for table in ("drafts", "places", "recipients", "origins", "choices", "open_chats"):
        database.execute(f"DELETE FROM {table} WHERE chat = ?", (id_,))  # noqa: S608
    database.execute("DELETE FROM chats WHERE key = ?", (chat,))
