"""Recovers what programs left that ended without closing: replies in progress, drafts and queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff
from tui_chat.history import messages, search
from tui_chat.history.columns import column

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from tui_chat.chat.message import Message

DIED: Final = "tui-chat ended before the reply did"


def cut_off(message: Message, why: str) -> None:
    """End a reply as cut off, at the time of the last event received for it."""
    last = message.timing.last_heard or message.timing.asked or 0.0
    Conversation().apply(message, CutOff(why, at=last))


def settle(database: sqlite3.Connection, instance: str) -> list[str]:
    """Settle the replies that an instance was receiving as cut off, and return the ids of their chats. Needs a
    transaction."""
    chats = []
    rows = database.execute(
        "SELECT m.key, c.key, c.id FROM messages AS m JOIN chats AS c ON c.key = m.chat WHERE m.instance = ?",
        (instance,),
    ).fetchall()
    for key, chat, id_ in rows:
        message, _ = messages.read(database, key)
        cut_off(message, DIED)
        messages.fill(database, key, message)
        database.execute(
            "UPDATE chats SET characters = characters + ?, model = ? WHERE key = ?",
            (messages.characters(message), column(message.model), chat),
        )
        search.index(database, key)
        chats.append(id_)
    return chats


def receiving(database: sqlite3.Connection) -> set[str]:
    """Return the instances that have replies in progress, dead ones included."""
    rows = database.execute("SELECT DISTINCT instance FROM messages WHERE instance IS NOT NULL")
    return {instance for (instance,) in rows}


def settle_dead(database: sqlite3.Connection, alive: Callable[[str], bool]) -> None:
    """Settle the replies of all dead instances and mark their chats as unfinished in `open_chats`. Needs a
    transaction."""
    for instance in receiving(database):
        if not alive(instance):
            settle_of_dead(database, instance)


def settle_of_dead(database: sqlite3.Connection, instance: str) -> None:
    """Settle the replies of one dead instance."""
    for chat in settle(database, instance):
        database.execute(
            "INSERT INTO open_chats (instance, chat, unfinished) VALUES (?, ?, 1)"
            " ON CONFLICT (instance, chat) DO UPDATE SET unfinished = 1",
            (instance, chat),
        )


def others_in(database: sqlite3.Connection, chat: str, mine: str) -> list[str]:
    """Return the other instances that have this chat open, dead ones included."""
    rows = database.execute("SELECT instance FROM open_chats WHERE chat = ? AND instance != ?", (chat, mine))
    return [instance for (instance,) in rows]


def dead(database: sqlite3.Connection, alive: Callable[[str], bool]) -> list[str]:
    """Return the instances that ended without closing."""
    return [instance for (instance,) in database.execute("SELECT id FROM instances") if not alive(instance)]


def take_over(database: sqlite3.Connection, mine: str, alive: Callable[[str], bool]) -> Sequence[str]:
    """Move the open chats of dead instances to this one. Returns the ids of those with an unfinished draft, queue or
    reply, newest first. Needs a transaction, so that only one of several programs gets them."""
    found: dict[str, float] = {}
    for instance in dead(database, alive):
        settle_of_dead(database, instance)
        rows = database.execute(
            "SELECT o.chat, coalesce(max(c.changed, d.changed), c.changed, d.changed), o.unfinished OR d.chat NOT NULL"
            " FROM open_chats AS o LEFT JOIN chats AS c ON c.id = o.chat LEFT JOIN drafts AS d ON d.chat = o.chat"
            " WHERE o.instance = ? AND NOT coalesce(c.deleted, 0)",
            (instance,),
        ).fetchall()
        found.update((chat, changed or 0.0) for chat, changed, unfinished in rows if unfinished)
        database.execute("DELETE FROM open_chats WHERE instance = ?", (instance,))
        database.execute("DELETE FROM instances WHERE id = ?", (instance,))
    # Unfinished chats are reported once; a draft that is still there when this program dies is reported again.
    database.executemany(
        "INSERT OR IGNORE INTO open_chats (instance, chat) VALUES (?, ?)", [(mine, chat) for chat in found]
    )
    return sorted(found, key=lambda chat: found[chat], reverse=True)
