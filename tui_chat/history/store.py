"""The `History` that the rest of the program uses.

This is imported before the first frame, so what is rarely needed is imported on use.
"""

from __future__ import annotations

import sqlite3
import threading
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Added, CutOff, Removed, Restored, Selected
from tui_chat.chat.history_ports import Draft, HistoryError, ReadingPosition
from tui_chat.chat.message import Message, StoredMessage, TextPart
from tui_chat.history import chat_list, choices, drafts, errors, locks, messages, origins, recipients, trash
from tui_chat.history import database as files
from tui_chat.history.columns import column, text
from tui_chat.history.recovery import crash_recovery, rescue, spill_file
from tui_chat.history.writing.row_writer import head
from tui_chat.history.writing.write_ops import Enter, KeepRequest, Leave, WriteMissing
from tui_chat.history.writing.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from tui_chat.chat.choices.chat_choices import ChatChoices
    from tui_chat.chat.conversation import Origin
    from tui_chat.chat.events import Change
    from tui_chat.chat.history_ports import ChatInfo, Hit
    from tui_chat.chat.recipient import Recipient
    from tui_chat.chat.usage.sums import Grouping, RequestPurpose, UsageRow, UsageSums

T = TypeVar("T")

TREE_CHANGES: Final = (Added, Selected, Removed, Restored)
ELSEWHERE: Final = "another running tui-chat receives this reply; open the chat again for the rest"
PATIENCE: Final = 2.0
"""Seconds to wait for a message's body while a damaged file is being repaired."""


class Store:
    """The `History` in one SQLite file. The file is opened on first use and created with the first thing to save."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the program's data folder."""
        self.path = folder / files.FILE_NAME
        self._running = folder / "running"
        self._watching: list[Callable[[str], None]] = []
        self._writer = Writer(
            self.path,
            self._running,
            self._tell,
            lambda: [conversation for conversation, _ in self._recorded.copy().values()],
        )
        self._recorded: dict[str, tuple[Conversation, Callable[[], None]]] = {}
        self._interrupted = False
        self._reader: sqlite3.Connection | None = None
        self._file = 0
        """The inode of the file that is being read."""
        self._closed = False
        self._reading = threading.RLock()

    # Recording.

    def record(self, conversation: Conversation) -> Callable[[], None]:
        """Save a conversation from its next change on; call the returned function to stop."""
        if self._conversation(conversation.id) is not conversation:
            self._recorded[conversation.id] = conversation, conversation.subscribe(self._changed)
            if any(not isinstance(message, StoredMessage) for message in conversation.messages.values()):
                self._writer.add(WriteMissing(conversation))
        return partial(self._end_recording, conversation.id)

    def enter(self, chat: str) -> bool:
        """Mark a chat as open in this program; return whether another running program has it open too."""
        self._writer.add(Enter(chat))
        others = self.read(lambda database: crash_recovery.others_in(database, chat, self._writer.instance)) or ()
        return any(self._alive(instance) for instance in others)

    def _conversation(self, chat: str) -> Conversation | None:
        """Return the conversation of a chat if it is being recorded here."""
        conversation, _ = self._recorded.get(chat, (None, None))
        return conversation

    def _changed(self, conversation: Conversation, message: Message | None, change: Change) -> None:
        leaf = conversation.leaf if isinstance(change, TREE_CHANGES) else None
        self._writer.note(conversation, message, change, leaf.id if leaf is not None else None)

    def _end_recording(self, chat: str) -> None:
        if chat in self._recorded:
            _, unsubscribe = self._recorded.pop(chat)
            unsubscribe()
            if not self._interrupted:
                self._writer.add(Leave(chat))

    def keep_draft(self, chat: str, draft: Draft) -> None:
        """Save the draft and queue of a chat."""
        self._writer.draft(chat, draft)

    def keep_reading_position(self, chat: str, position: ReadingPosition | None) -> None:
        """Save the reading position of a chat."""
        self._writer.position(chat, position)

    def watch(self, tell: Callable[[str], None]) -> None:
        """Call `tell` with a sentence about each disk error."""
        self._watching.append(tell)

    def _tell(self, sentence: str) -> None:
        for tell in tuple(self._watching):
            tell(sentence)

    @property
    def unsaved(self) -> bool:
        """Whether something could neither be saved nor spilled for the next start; known once this is closed."""
        return self._writer.unsaved

    # Reading.

    def read(self, function: Callable[[sqlite3.Connection], T], patience: float | None = None) -> T | None:
        """Return what `function` returns for a reading connection; `None` if there is no history yet. A damaged file is
        repaired first; callers wait for that at most `patience` seconds. Raises `HistoryError`."""
        self._writer.flush()
        if self._reader is None and spill_file.spill_files(self.path):
            self._writer.open()
        try:
            return self._read(function)
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, OSError) or not errors.damaged(error):
                raise HistoryError(errors.cause(error)) from error
        self._writer.rescue(rescue.inode(self.path), patience)
        try:
            return self._read(function)
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(errors.cause(error)) from error

    def _read(self, function: Callable[[sqlite3.Connection], T]) -> T | None:
        with self._reading:
            file = rescue.inode(self.path)
            if file != self._file:
                self._close_reader()
            if self._reader is None:
                self._reader, self._file = files.open_for_reading(self.path), file
            try:
                return None if self._reader is None else function(self._reader)
            finally:
                if self._closed:
                    self._close_reader()

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def draft(self, chat: str) -> Draft:
        """Return the saved draft and queue of a chat."""
        return self.read(lambda database: drafts.draft(database, chat)) or Draft()

    def reading_position(self, chat: str) -> ReadingPosition | None:
        """Return the saved reading position of a chat."""
        return self.read(lambda database: drafts.reading_position(database, chat))

    def unfinished_chats(self) -> Sequence[str]:
        """Return the ids of chats that crashed programs left unfinished; each is returned once."""
        dead = self.read(lambda database: crash_recovery.dead(database, self._alive))
        if not dead:
            return ()
        own = self._writer.instance
        left = self._writer.call(lambda database: crash_recovery.take_over(database, own, self._alive))
        for instance in dead:
            locks.clear_away(self._running, instance)
        return left

    def _alive(self, instance: str) -> bool:
        return instance == self._writer.instance or locks.alive(self._running, instance)

    def _settle_dead(self) -> None:
        """Settle the replies of dead programs before anybody sees them."""
        if any(not self._alive(instance) for instance in self.read(crash_recovery.receiving) or ()):
            self._writer.call(lambda database: crash_recovery.settle_dead(database, self._alive))

    def chats(self, words: str = "", *, limit: int = 500) -> Sequence[ChatInfo]:
        """Return the chats with all `words` in their titles: pinned ones first, then the newest."""
        self._settle_dead()
        return self.read(lambda database: chat_list.chats(database, words, limit)) or ()

    def search(self, words: str, *, limit: int = 50, offset: int = 0) -> Sequence[Hit]:
        """Return the messages with all `words`, newest first."""
        from tui_chat.history import search

        self._settle_dead()
        return self.read(lambda database: [*search.hits(database, words, limit=limit, offset=offset)]) or ()

    def find(self, beginning: str) -> str:
        """Return the id of the chat whose id starts with `beginning`. Raises `HistoryError` if there is not exactly
        one."""
        found = self.read(lambda database: chat_list.ids_beginning(database, beginning)) or []
        if len(found) == 1:
            return found[0]
        which = "several chats have ids that begin" if found else "no chat has an id that begins"
        raise HistoryError(f"{which} with {beginning!r}; tui-chat chats lists them")

    def newest(self, origin: Origin = "") -> str | None:
        """Return the id of the chat of the screen, or of `ask`, that changed last."""
        return self.read(lambda database: chat_list.newest(database, origin))

    def usage(self, by: Grouping, since: float = 0.0) -> UsageSums:
        """Add up what was used from `since` on."""
        from tui_chat.chat.usage.sums import usage_sums
        from tui_chat.history.usage import uses

        found = self.read(lambda database: usage_sums(uses(database, since), by, since))
        return usage_sums((), by, since) if found is None else found

    def used_by(self, chat: str, messages: AbstractSet[str]) -> UsageRow:
        """Add up what these stored replies of a chat used."""
        from tui_chat.history.usage import added_up, reply_rows

        # Added up when the connection is free again: another thread may want the text of a message.
        return added_up(self.read(lambda database: reply_rows(database, chat)) or (), messages)

    def keep_request(self, chat: str, purpose: RequestPurpose, reply: Message) -> None:
        """Save what a request used that is not a message."""
        self._writer.add(KeepRequest(chat, purpose, reply))

    def recipient(self, chat: str) -> Recipient | None:
        """Return the recipient of a chat's last question; `None` if unknown."""
        return self.read(lambda database: recipients.of_chat(database, chat))

    def open(self, chat: str) -> Conversation:
        """Return a chat whose message bodies are read on demand; a chat that is recorded here is returned as that very
        conversation."""
        if (recorded := self._conversation(chat)) is not None:
            return recorded
        self._settle_dead()
        conversation = self.read(lambda database: self._open(database, chat))
        if conversation is None:
            raise HistoryError(f"there is no chat with the id {chat}")
        return conversation

    def _open(self, database: sqlite3.Connection, chat: str) -> Conversation | None:
        found = database.execute(
            "SELECT key, created, title, system, leaf, deleted FROM chats WHERE id = ?", (chat,)
        ).fetchone()
        if found is None:
            draft = database.execute("SELECT changed FROM drafts WHERE chat = ?", (chat,)).fetchone()
            return None if draft is None else Conversation(id=chat, created=draft[0])
        key, created, title, system, leaf, deleted = found
        if deleted:
            return None
        conversation = Conversation(text(system), id=chat, title=text(title), created=created)
        conversation.recipient = recipients.of_chat(database, chat)
        conversation.origin = origins.of_chat(database, chat)
        conversation.choices = choices.kept(database, chat)
        read = partial(self._body, key)
        ids: dict[int, str] = {}
        stored = []
        for at, id_, parent, role in database.execute(
            "SELECT key, id, parent, role FROM messages WHERE chat = ? AND removed IS NULL ORDER BY key", (key,)
        ):
            ids[at] = id_
            stored.append(StoredMessage(id_, ids.get(parent), role, read))
        last = ids.get(leaf, stored[-1].id if stored else None)
        conversation.load(stored, last)
        return conversation

    def _body(self, chat: int, id_: str) -> Message:
        """Read a message when it is first looked at."""
        try:
            message = self.read(lambda database: self._message(database, chat, id_), PATIENCE)
        except HistoryError as error:
            return _unreadable(id_, str(error))
        except (ValueError, TypeError, KeyError) as error:
            return _unreadable(id_, f"the history is damaged: {error!r}")
        return message or _unreadable(id_, "it has been deleted")

    def _message(self, database: sqlite3.Connection, chat: int, id_: str) -> Message | None:
        found = database.execute("SELECT key FROM messages WHERE chat = ? AND id = ?", (chat, id_)).fetchone()
        if found is None:
            return None
        message, instance = messages.read(database, found[0])
        if instance is not None:
            crash_recovery.cut_off(message, ELSEWHERE if self._alive(instance) else crash_recovery.DIED)
        return message

    # Changing chats that are not open.

    def rename(self, chat: str, title: str) -> None:
        """Set the title of a chat that is not open."""

        def write(database: sqlite3.Connection) -> None:
            key = _key(database, chat)
            database.execute("UPDATE chats SET title = ? WHERE key = ?", (column(title), key))
            head(database, key)

        self._writer.call(write)

    def set_choices(self, chat: str, chosen: ChatChoices) -> None:
        """Set the persona and the effort of a chat that is not open."""
        self._writer.call(lambda database: choices.keep(database, chat, chosen))

    def set_system(self, chat: str, system: str) -> None:
        """Set the system prompt of a chat that is not open."""

        def write(database: sqlite3.Connection) -> None:
            database.execute("UPDATE chats SET system = ? WHERE key = ?", (column(system), _key(database, chat)))

        self._writer.call(write)

    def pin(self, chat: str, *, pinned: bool) -> None:
        """Pin a chat to the top of the list, or unpin it."""

        def write(database: sqlite3.Connection) -> None:
            database.execute("UPDATE chats SET pinned = ? WHERE key = ?", (pinned, _key(database, chat)))

        self._writer.call(write)

    def delete(self, chat: str) -> None:
        """Move a chat to the trash, out of lists and searches."""
        self._writer.call(lambda database: trash.delete(database, self._writer.instance, _key(database, chat)))

    def restore(self, chat: str) -> None:
        """Undo a `delete` of this run."""
        self._writer.call(lambda database: trash.restore(database, _key(database, chat, deleted=True)))

    def duplicate(self, chat: str, upto: str | None = None) -> str:
        """Copy a chat, or its path up to the message with the id `upto`; return the copy's id."""
        from tui_chat.history import duplicate as copying

        return self._writer.call(lambda database: copying.copy(database, _key(database, chat), upto))

    def interrupted(self) -> None:
        """Leave what is unfinished to the next program, because this one is being ended from outside."""
        self._interrupted = True
        self._writer.interrupted({chat for chat, (conversation, _) in self._recorded.items() if conversation.replying})

    def close(self) -> None:
        """Write what is queued and close the files. Messages whose text has not been read yet can still be read; the
        file is opened for each."""
        for chat in tuple(self._recorded):
            _, unsubscribe = self._recorded.pop(chat)
            unsubscribe()
        with self._reading:  # before the writer, which cleans up when it is the last connection
            self._closed = True
            self._close_reader()
        self._writer.close()


def _key(database: sqlite3.Connection, chat: str, *, deleted: bool = False) -> int:
    found = database.execute("SELECT key FROM chats WHERE id = ? AND deleted = ?", (chat, deleted)).fetchone()
    if found is None:
        raise HistoryError(f"there is no {'deleted ' if deleted else ''}chat with the id {chat}")
    return int(found[0])


def _unreadable(id_: str, why: str) -> Message:
    said = TextPart("text", text=f"(This message cannot be read: {why}.)")
    return Message(id=id_, parent=None, role="user", created=0.0, parts=[said], ending=CutOff("it cannot be read"))
