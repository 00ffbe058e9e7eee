"""Full-text search in all chats."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from tui_chat.chat.history_ports import Hit
from tui_chat.chat.search.excerpt import excerpt
from tui_chat.chat.search.query import Query
from tui_chat.history import search_index
from tui_chat.history.chat_list import chat_info

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from tui_chat.chat.history_ports import ChatInfo


def index(database: sqlite3.Connection, key: int) -> None:
    """Add a settled message to the search index; called in the transaction that settles it, after its parts are
    written."""
    search_index.add(database, key)


def forget(database: sqlite3.Connection, keys: Sequence[int]) -> None:
    """Remove messages from the search index, leaving no trace of their text; called in the transaction that wipes them,
    before their rows are deleted."""
    search_index.remove(database, keys)


def hits(database: sqlite3.Connection, words: str, *, limit: int, offset: int = 0) -> Iterator[Hit]:
    """Yield the messages with all `words`, newest first: `limit` of them after the first `offset`."""
    query = Query(words)
    chats: dict[int, ChatInfo] = {}
    for key in islice(search_index.find(database, query), offset, offset + limit):
        ((chat, id_, role, created),) = database.execute(
            "SELECT chat, id, role, created FROM messages WHERE key = ?", (key,)
        )
        if chat not in chats:
            chats[chat] = chat_info(database, chat)
        yield Hit(chats[chat], id_, role, created, excerpt(search_index.texts(database, key), query))
