"""Writes changes of conversations as database rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tui_chat.chat.clean import clean_line
from tui_chat.chat.message import Message, StoredMessage
from tui_chat.chat.titles import title_from
from tui_chat.history import choices, journal, messages, origins, recipients, search, trash
from tui_chat.history.columns import column, text
from tui_chat.history.writing.write_ops import (
    Add,
    Enter,
    Grow,
    KeepRequest,
    Leave,
    Remove,
    Rename,
    Restore,
    SelectLeaf,
    Settle,
    WriteMissing,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from tui_chat.chat.conversation import Conversation
    from tui_chat.history.journal import JournalEvent
    from tui_chat.history.writing.write_ops import WriteOp


class ChatRows:
    """Applies write operations to one database in the name of one instance; applying one again does no harm.

    Rows that an operation needs and that are missing (because the file was replaced, or another program deleted them)
    are written from memory first.
    """

    def __init__(self, database: sqlite3.Connection, instance: str) -> None:
        self._database = database
        self._instance = instance
        self._receiving: dict[str, int] = {}
        """Keys of the replies this instance is receiving, by id; a cache."""
        self._whole: set[str] = set()
        """Ids of replies whose journal does not start at their beginning, so it is rewritten from memory."""

    def rolled_back(self) -> None:
        """Forget cached keys, because the last transaction was rolled back."""
        self._receiving.clear()

    def write(self, op: WriteOp) -> None:
        """Apply one operation. Raises `sqlite3.Error`."""
        match op:
            case Add(conversation, message):
                self._add(conversation, message)
            case Grow(conversation, message, events):
                self._grow(conversation, message, events)
            case Settle(conversation, message):
                self._settle(conversation, message)
            case SelectLeaf(conversation, leaf):
                self._select_leaf(self._chat(conversation), leaf)
                if conversation.recipient is not None:  # a reply of another endpoint may be the one to go on with
                    recipients.keep(self._database, conversation.id, conversation.recipient)
            case Remove(conversation, message, leaf):
                self._remove(conversation, message, leaf)
            case Restore(conversation, message, leaf):
                self._restore(conversation, message, leaf)
            case Rename(conversation):
                self._name(conversation)
            case WriteMissing(conversation):
                self._write_missing(conversation)
            case Enter(chat):
                self.opened(chat)
            case Leave(chat):
                self._database.execute("DELETE FROM open_chats WHERE instance = ? AND chat = ?", (self._instance, chat))
            case KeepRequest(chat, purpose, reply):
                from tui_chat.history.usage import keep_request  # most runs have none

                keep_request(self._database, chat, purpose, reply)
            case _:
                assert_never(op)

    def opened(self, chat: str) -> None:
        """Record that this instance has the chat with that id open."""
        self._database.execute(
            "INSERT OR IGNORE INTO open_chats (instance, chat) VALUES (?, ?)", (self._instance, chat)
        )

    def _chat(self, conversation: Conversation) -> int:
        """Return the key of a conversation's chat; create it if it is missing, restore it if it was deleted."""
        found = self._database.execute("SELECT key, deleted FROM chats WHERE id = ?", (conversation.id,)).fetchone()
        if found is None:
            title = conversation.title if conversation.named else ""
            cursor = self._database.execute(
                "INSERT INTO chats (id, created, changed, title, system) VALUES (?, ?, ?, ?, ?)",
                (
                    conversation.id,
                    conversation.created,
                    conversation.created,
                    column(title),
                    column(conversation.system),
                ),
            )
            key = int(cursor.lastrowid or 0)
            choices.keep(self._database, conversation.id, conversation.choices)
            head(self._database, key)
        else:
            key, deleted = found
            if deleted:
                self._database.execute("UPDATE chats SET deleted = 0 WHERE key = ?", (key,))
                self._database.execute("DELETE FROM trash WHERE chat = ? AND message IS NULL", (key,))
        self.opened(conversation.id)
        return int(key)

    def _key(self, chat: int, message: str) -> int | None:
        found = self._database.execute("SELECT key FROM messages WHERE chat = ? AND id = ?", (chat, message)).fetchone()
        return None if found is None else int(found[0])

    def _add(self, conversation: Conversation, message: Message) -> None:
        chat = self._chat(conversation)
        # A reply that has settled meanwhile is completed by its own `Settle`.
        self._insert(conversation, chat, message, beginning=message.role == "assistant")
        self._select_leaf(chat, message.id)

    def _insert(self, conversation: Conversation, chat: int, message: Message, *, beginning: bool = False) -> int:
        """Return the key of a message. If it is missing it is written, with all missing messages above it: only its
        `beginning`, or all of it."""
        if (there := self._key(chat, message.id)) is not None:
            return there
        missing, above = [message], message.parent
        parent: int | None = None
        # Look on disk first: memory may be ahead, with the message above removed again.
        while above is not None and (parent := self._key(chat, above)) is None:
            if (held := conversation.messages.get(above)) is None:
                break
            missing.append(held)
            above = held.parent
        if parent is not None:
            self._revive(parent)
        key = 0
        for each in reversed(missing):
            settled = each.settled and not (beginning and each is message)
            key = parent = self._insert_one(chat, each, parent, settled=settled)
        if message.role == "assistant" and conversation.recipient is not None:
            recipients.keep(self._database, conversation.id, conversation.recipient)
        if message.role == "assistant":
            origins.keep(self._database, conversation.id, conversation.origin)
        return key

    def _insert_one(self, chat: int, message: Message, parent: int | None, *, settled: bool) -> int:
        key = messages.insert(self._database, chat, message, parent, None if settled else self._instance)
        self._database.execute(
            "UPDATE chats SET messages = messages + 1, changed = max(changed, ?) WHERE key = ?", (message.created, chat)
        )
        if message.role == "assistant":
            self._database.execute("UPDATE chats SET model = ? WHERE key = ?", (column(message.model), chat))
        if settled:
            self._count(chat, key, message)
        if parent is None:
            head(self._database, chat)
        return key

    def _count(self, chat: int, key: int, message: Message) -> None:
        self._database.execute(
            "UPDATE chats SET characters = characters + ? WHERE key = ?", (messages.characters(message), chat)
        )
        search.index(self._database, key)

    def _revive(self, key: int) -> None:
        """Restore a removed message, and all above it, because a message is added below it."""
        at: int | None = key
        chat = None
        while at is not None:
            at, removed, chat = self._database.execute(
                "SELECT parent, removed, chat FROM messages WHERE key = ?", (at,)
            ).fetchone()
            if removed is None:
                return
            self._give_back(chat, removed)

    def _grow(self, conversation: Conversation, message: Message, events: list[JournalEvent]) -> None:
        if not events:
            return
        key = self._receiving.get(message.id)
        if key is None:
            key = self._receiving[message.id] = self._reply(conversation, self._chat(conversation), message)
        if message.id in self._whole:
            self._database.execute("DELETE FROM journal WHERE message = ?", (key,))
            events = journal.all_of(message)
        self._database.execute("INSERT INTO journal (message, events) VALUES (?, ?)", (key, journal.row(events)))

    def _reply(self, conversation: Conversation, chat: int, message: Message) -> int:
        """Return the key of a reply that this instance is receiving."""
        key = self._key(chat, message.id)
        if key is None:
            key = self._insert(conversation, chat, message)
            self._whole.add(message.id)
        return key

    def _settle(self, conversation: Conversation, message: Message) -> None:
        chat = self._chat(conversation)
        key = self._key(chat, message.id)
        if key is None:
            self._insert(conversation, chat, message)
        else:
            if not self._unsettled(key):
                self._unsettle(
                    chat, key
                )  # another program took this one for dead and cut the reply off; memory has more of it
            messages.fill(self._database, key, message)
            self._count(chat, key, message)
        self._receiving.pop(message.id, None)
        self._whole.discard(message.id)
        changed = message.created + (message.timing.total or 0.0)
        self._database.execute(
            "UPDATE chats SET changed = max(changed, ?), model = ? WHERE key = ?",
            (changed, column(message.model), chat),
        )

    def _unsettle(self, chat: int, key: int) -> None:
        messages.empty(self._database, key)
        self._database.execute(
            "UPDATE chats SET characters = characters - (SELECT characters FROM messages WHERE key = ?) WHERE key = ?",
            (key, chat),
        )

    def _select_leaf(self, chat: int, leaf: str | None) -> None:
        self._database.execute(
            "UPDATE chats SET leaf = (SELECT key FROM messages WHERE chat = ?1 AND id = ?2) WHERE key = ?1",
            (chat, leaf),
        )

    def _remove(self, conversation: Conversation, message: Message, leaf: str | None) -> None:
        chat = self._chat(conversation)
        remove(self._database, self._instance, chat, self._insert(conversation, chat, message))
        self._select_leaf(chat, leaf)

    def _restore(self, conversation: Conversation, message: Message, leaf: str | None) -> None:
        chat = self._chat(conversation)
        top = self._key(chat, message.id)
        if top is not None:
            self._give_back(chat, top)
        self._write_missing(conversation)
        self._select_leaf(chat, leaf)

    def _give_back(self, chat: int, top: int) -> None:
        self._database.execute("UPDATE messages SET removed = NULL WHERE chat = ? AND removed = ?", (chat, top))
        self._database.execute("DELETE FROM trash WHERE message = ?", (top,))
        recount(self._database, chat)

    def _name(self, conversation: Conversation) -> None:
        if not conversation.messages:
            return  # it is saved, with its title, once it has a message
        chat = self._chat(conversation)
        title = conversation.title if conversation.named else ""
        self._database.execute(
            "UPDATE chats SET title = ?, system = ? WHERE key = ?", (column(title), column(conversation.system), chat)
        )
        choices.keep(self._database, conversation.id, conversation.choices)
        head(self._database, chat)

    def _write_missing(self, conversation: Conversation) -> None:
        held = tuple(conversation.messages.values())
        if not held:
            return
        chat = self._chat(conversation)
        for message in held:
            if not isinstance(message, StoredMessage):
                self._match_message(conversation, chat, message)
        if conversation.leaf is not None:
            self._select_leaf(chat, conversation.leaf.id)

    def _match_message(self, conversation: Conversation, chat: int, message: Message) -> None:
        """Make a message on disk equal to the one in memory."""
        key = self._insert(conversation, chat, message)
        if not message.settled:
            self._whole.add(message.id)
        elif self._unsettled(key):
            self._settle(conversation, message)

    def _unsettled(self, key: int) -> bool:
        (instance,) = self._database.execute("SELECT instance FROM messages WHERE key = ?", (key,)).fetchone()
        return instance is not None


def remove(database: sqlite3.Connection, instance: str, chat: int, top: int) -> None:
    """Remove a message and all below it from a chat, in the name of an instance."""
    gone = {top}
    rows = database.execute("SELECT key, parent FROM messages WHERE chat = ? AND key > ? ORDER BY key", (chat, top))
    for key, parent in rows:
        if parent in gone:
            gone.add(key)
    database.executemany(
        "UPDATE messages SET removed = ? WHERE key = ? AND removed IS NULL", [(top, key) for key in gone]
    )
    trash.put_in(database, instance, chat, top)
    recount(database, chat)


def head(database: sqlite3.Connection, chat: int) -> None:
    """Update a chat's heading from its title or its first question."""
    (title,) = database.execute("SELECT title FROM chats WHERE key = ?", (chat,)).fetchone()
    heading = clean_line(text(title))
    if not heading:
        first = database.execute(
            "SELECT key FROM messages WHERE chat = ? AND removed IS NULL ORDER BY key LIMIT 1", (chat,)
        ).fetchone()
        heading = title_from(_text_of(database, first[0])) if first is not None else ""
    database.execute("UPDATE chats SET heading = ?, folded = ? WHERE key = ?", (heading, heading.casefold(), chat))


def _text_of(database: sqlite3.Connection, message: int) -> str:
    parts: Iterable[tuple[str | bytes]] = database.execute(
        "SELECT text FROM parts WHERE message = ? AND kind = 'text' ORDER BY position", (message,)
    )
    return "".join(text(held) for (held,) in parts)


def recount(database: sqlite3.Connection, chat: int) -> None:
    """Update the counts that a list shows for a chat."""
    database.execute(
        "UPDATE chats SET (messages, characters) = (SELECT count(*), coalesce(sum(characters), 0) FROM messages"
        " WHERE chat = ?1 AND removed IS NULL), model = coalesce((SELECT model FROM messages WHERE chat = ?1"
        " AND removed IS NULL AND role = 'assistant' ORDER BY key DESC LIMIT 1), '') WHERE key = ?1",
        (chat,),
    )
    head(database, chat)
