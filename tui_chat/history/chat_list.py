"""Queries for lists of chats: all of them, one by the beginning of its id, and the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.history_ports import ChatInfo
from tui_chat.history.columns import text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from tui_chat.chat.conversation import Origin

_COLUMNS: Final = (
    "chats.key, id, heading, created, changed, model, messages, characters, pinned,"
    " EXISTS (SELECT 1 FROM origins WHERE origins.chat = chats.id)"
)
"""The columns of `chats` that `_info` turns into a `ChatInfo`."""


def chats(database: sqlite3.Connection, words: str, limit: int) -> Sequence[ChatInfo]:
    """Return the chats with all `words` in their titles: pinned ones first, then the newest."""
    wanted = words.casefold().split()
    matching = " AND instr(folded, ?)" * len(wanted)
    rows = database.execute(
        f"SELECT {_COLUMNS} FROM chats WHERE NOT deleted AND messages > 0{matching}"  # noqa: S608
        " ORDER BY pinned DESC, changed DESC LIMIT ?",
        (*wanted, limit),
    )
    live = _live_chats(database)
    return [_info(row, live) for row in rows]


def chat_info(database: sqlite3.Connection, chat: int) -> ChatInfo:
    """Return the entry of one chat, by its key."""
    row = database.execute(f"SELECT {_COLUMNS} FROM chats WHERE key = ?", (chat,)).fetchone()  # noqa: S608
    return _info(row, _live_chats(database))


def ids_beginning(database: sqlite3.Connection, beginning: str) -> list[str]:
    """Return at most two ids that start with `beginning`."""
    rows = database.execute(
        "SELECT id FROM chats WHERE NOT deleted AND id >= ?1 AND substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 2",
        (beginning,),
    )
    return [str(id_) for (id_,) in rows]


def newest(database: sqlite3.Connection, origin: Origin) -> str | None:
    """Return the id of the chat of this origin that changed last."""
    found = database.execute(
        "SELECT id FROM chats LEFT JOIN origins ON origins.chat = chats.id"
        " WHERE NOT deleted AND messages > 0 AND coalesce(origin, '') = ? ORDER BY changed DESC LIMIT 1",
        (origin,),
    ).fetchone()
    return None if found is None else str(found[0])


def _live_chats(database: sqlite3.Connection) -> set[int]:
    """Return the keys of chats with a reply in progress. Replies of dead instances have been settled before."""
    return {chat for (chat,) in database.execute("SELECT chat FROM messages WHERE instance NOT NULL")}


def _info(row: tuple[int, str, str, float, float, str | bytes, int, int, int, int], live: set[int]) -> ChatInfo:
    key, id_, heading, created, changed, model, count, size, pinned, asked = row
    origin: Origin = "ask" if asked else ""
    return ChatInfo(id_, heading, created, changed, text(model), count, size, bool(pinned), key in live, origin)
