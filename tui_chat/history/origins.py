"""Stores which chats belong to `ask`: those in which nothing else has asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from tui_chat.chat.conversation import Origin


def keep(database: sqlite3.Connection, chat: str, origin: Origin) -> None:
    """Store where the questions of the chat with the id `chat` come from."""
    if origin:
        database.execute("INSERT OR REPLACE INTO origins (chat, origin) VALUES (?, ?)", (chat, origin))
    else:
        database.execute("DELETE FROM origins WHERE chat = ?", (chat,))


def of_chat(database: sqlite3.Connection, chat: str) -> Origin:
    """Return where the questions of a chat come from."""
    return "ask" if database.execute("SELECT 1 FROM origins WHERE chat = ?", (chat,)).fetchone() else ""
