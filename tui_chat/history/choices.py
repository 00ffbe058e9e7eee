"""Stores what a person chose for each chat: its persona with its options, and its effort."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui_chat.chat.choices.chat_choices import ChatChoices
from tui_chat.history.columns import column, text

if TYPE_CHECKING:
    import sqlite3


def keep(database: sqlite3.Connection, chat: str, choices: ChatChoices) -> None:
    """Store the choices of the chat with the id `chat`."""
    if choices == ChatChoices():
        database.execute("DELETE FROM choices WHERE chat = ?", (chat,))
        return
    database.execute(
        "INSERT OR REPLACE INTO choices (chat, persona, effort, options) VALUES (?, ?, ?, ?)",
        (chat, column(choices.persona), column(choices.effort), column(json.dumps(dict(choices.options)))),
    )


def kept(database: sqlite3.Connection, chat: str) -> ChatChoices:
    """Read the stored choices of a chat."""
    found = database.execute("SELECT persona, effort, options FROM choices WHERE chat = ?", (chat,)).fetchone()
    if found is None:
        return ChatChoices()
    persona, effort, options = (text(value) for value in found)
    try:
        read = json.loads(options)
    except ValueError:  # a damaged file that was repaired
        read = {}
    return ChatChoices(persona, effort, read if isinstance(read, dict) else {})
