"""Stores the recipient of each chat's last question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.recipient import DEMO, Recipient, host_in
from tui_chat.history.columns import column, text

if TYPE_CHECKING:
    import sqlite3

_LABELS_OF_DEMO = {"built-in demo", "demo in the house"}  # the second one is from earlier versions


def keep(database: sqlite3.Connection, chat: str, recipient: Recipient) -> None:
    """Store the recipient of the last question in the chat with the id `chat`."""
    database.execute(
        "INSERT OR REPLACE INTO recipients (chat, host, name, model) VALUES (?, ?, ?, ?)",
        (chat, column(recipient.host), column(recipient.name), column(recipient.model)),
    )


def kept(database: sqlite3.Connection, chat: str) -> Recipient | None:
    """Read the stored recipient of a chat; `None` if there is none."""
    found = database.execute("SELECT host, name, model FROM recipients WHERE chat = ?", (chat,)).fetchone()
    return None if found is None else Recipient(*(text(value) for value in found))


def of_chat(database: sqlite3.Connection, chat: str) -> Recipient | None:
    """Return a chat's recipient. If none was stored it is derived from the newest reply with a URL, without a model
    (the name in a reply may differ from the name that was requested). `None` if nothing is known."""
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
    if label in _LABELS_OF_DEMO:
        return Recipient(DEMO)
    return Recipient(host, "" if host_in(f"//{label}") == host else label) if host else None
