"""Whom each chat's last question was sent to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.recipient import DEMO, Recipient, host_in
from tui_chat.history.columns import column, text

if TYPE_CHECKING:
    import sqlite3

_LABEL_OF_DEMO = "demo in the house"


def keep(database: sqlite3.Connection, chat: str, recipient: Recipient) -> None:
    """Write whom the chat with the id `chat` was sent to last."""
    database.execute(
        "INSERT OR REPLACE INTO recipients (chat, host, name, model) VALUES (?, ?, ?, ?)",
        (chat, column(recipient.host), column(recipient.name), column(recipient.model)),
    )


def kept(database: sqlite3.Connection, chat: str) -> Recipient | None:
    """What was written for a chat; `None`: nothing."""
    found = database.execute("SELECT host, name, model FROM recipients WHERE chat = ?", (chat,)).fetchone()
    return None if found is None else Recipient(*(text(value) for value in found))


def of_chat(database: sqlite3.Connection, chat: str) -> Recipient | None:
    """What was written for a chat; where nothing was, whoever gave the newest reply that came from somewhere, without a
    model (the one that a reply names may not be what was asked for). `None`: nobody knows."""
    if (recipient := kept(database, chat)) is not None:
        return recipient
    found = database.execute(
        "SELECT m.endpoint, m.url FROM messages AS m JOIN chats AS c ON c.key = m.chat"
        " WHERE c.id = ? AND m.url != '' ORDER BY m.key DESC LIMIT 1",
        (chat,),
    ).fetchone()
    if found is None:
        return None
    label, host = text(found[0]), host_in(text(found[1]))
    if label == _LABEL_OF_DEMO:
        return Recipient(DEMO)
    return Recipient(host, "" if host_in(f"//{label}") == host else label) if host else None
