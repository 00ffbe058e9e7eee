"""What programs left that ended without closing: replies that nobody receives any more, drafts, queues."""

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
    """Let a reply end where it stands, at the last moment that anything of it was heard."""
    heard = message.timing.last_heard or message.timing.asked or 0.0
    Conversation().apply(message, CutOff(why, at=heard))


def settle(database: sqlite3.Connection, instance: str) -> list[str]:
    """Let the replies that an instance received be what they came to, cut off; gives the ids of their chats. In a
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
    """The instances that have replies under way, dead ones too."""
    rows = database.execute("SELECT DISTINCT instance FROM messages WHERE instance IS NOT NULL")
    return {instance for (instance,) in rows}


def settle_dead(database: sqlite3.Connection, alive: Callable[[str], bool]) -> None:
    """Settle what all dead instances received, and say so in their chats' rows of `open_chats`. In a transaction."""
    for instance in receiving(database):
        if not alive(instance):
            settle_of_dead(database, instance)


def settle_of_dead(database: sqlite3.Connection, instance: str) -> None:
    """Settle what one dead instance received."""
    for chat in settle(database, instance):
        database.execute(
            "INSERT INTO open_chats (instance, chat, unfinished) VALUES (?, ?, 1)"
            " ON CONFLICT (instance, chat) DO UPDATE SET unfinished = 1",
            (instance, chat),
        )


def others_in(database: sqlite3.Connection, chat: str, mine: str) -> list[str]:
    """The other instances that have the chat of that id open, dead ones too."""
    rows = database.execute("SELECT instance FROM open_chats WHERE chat = ? AND instance != ?", (chat, mine))
    return [instance for (instance,) in rows]


def dead(database: sqlite3.Connection, alive: Callable[[str], bool]) -> list[str]:
    """The instances that ended without closing."""
    return [instance for (instance,) in database.execute("SELECT id FROM instances") if not alive(instance)]


def take_over(database: sqlite3.Connection, mine: str, alive: Callable[[str], bool]) -> Sequence[str]:
    """Let the chats that dead instances had open be open in this one. Gives the ids of those where a draft, a queue or
    a reply was unfinished, newest first. In a transaction, so that only one of several programs gets them."""
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
    # What is unfinished is told once; a draft that is still there when this program dies is told again.
    database.executemany(
        "INSERT OR IGNORE INTO open_chats (instance, chat) VALUES (?, ?)", [(mine, chat) for chat in found]
    )
    return sorted(found, key=lambda chat: found[chat], reverse=True)
