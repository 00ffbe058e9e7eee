"""Copies a chat, whole or up to one message."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from tui_chat.chat.history_ports import HistoryError
from tui_chat.history import choices, messages, origins, recipients, search
from tui_chat.history.recovery import crash_recovery
from tui_chat.history.writing.row_writer import recount

if TYPE_CHECKING:
    import sqlite3

COPIED: Final = "the copy was made while the reply was coming"


def copy(database: sqlite3.Connection, chat: int, upto: str | None) -> str:
    """Copy the chat with that key, or its path up to the message with the id `upto`, and return the copy's id. Needs a
    transaction."""
    rows = database.execute(
        "SELECT key, id, parent FROM messages WHERE chat = ? AND removed IS NULL ORDER BY key", (chat,)
    ).fetchall()
    parents = {key: parent for key, _, parent in rows}
    wanted = parents.keys() if upto is None else _path(parents, {id_: key for key, id_, _ in rows}.get(upto))
    created = database.execute(
        "INSERT INTO chats (id, created, changed, title, system)"
        " SELECT ?1, ?2, ?2, heading || ' (copy)', system FROM chats WHERE key = ?3",
        (new := uuid4().hex, time(), chat),
    ).lastrowid
    (original,) = database.execute("SELECT id FROM chats WHERE key = ?", (chat,)).fetchone()
    if (recipient := recipients.of_chat(database, original)) is not None:
        recipients.keep(database, new, recipient)
    origins.keep(database, new, origins.of_chat(database, original))
    choices.keep(database, new, choices.kept(database, original))
    copies: dict[int, int] = {}
    for key in sorted(wanted):
        message, instance = messages.read(database, key)
        if instance is not None:
            crash_recovery.cut_off(message, COPIED)
        message.id, message.copied = uuid4().hex, message.role == "assistant"
        copies[key] = messages.insert(database, int(created or 0), message, copies.get(parents[key] or 0))
        search.index(database, copies[key])
    (leaf,) = database.execute("SELECT leaf FROM chats WHERE key = ?", (chat,)).fetchone()
    last = copies.get(leaf) if upto is None else max(copies.values())
    database.execute("UPDATE chats SET leaf = ? WHERE key = ?", (last, created))
    recount(database, int(created or 0))
    return new


def _path(parents: dict[int, int | None], upto: int | None) -> list[int]:
    if upto is None:
        raise HistoryError("there is no such message in that chat")
    path: list[int] = []
    at: int | None = upto
    while at is not None:
        path.append(at)
        at = parents[at]
    return path
