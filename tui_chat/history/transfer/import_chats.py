"""Imports chats into the history from the lines of a JSON export."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from uuid import uuid4

from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.history import choices, errors, messages, origins, search
from tui_chat.history.columns import column
from tui_chat.history.database import open_for_writing
from tui_chat.history.recovery import spill_file
from tui_chat.history.transfer import json_format as lossless
from tui_chat.history.transfer.foreign.chats import ForeignError
from tui_chat.history.transfer.json_format import line
from tui_chat.history.transfer.json_reader import BadLineError, chat_from, document_from, is_first_line, message_from
from tui_chat.history.writing.row_writer import recount

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from tui_chat.chat.message import Message
    from tui_chat.history.transfer.foreign.chats import ForeignChat
    from tui_chat.history.transfer.json_format import ChatHead

LONGEST_LINE: Final = 2**29
"""The most bytes in a line; a line is read as a whole, and may contain attachments."""

ImportOutcome: TypeAlias = Literal["new", "here", "copy", "unreadable"]
"""A chat was new, was here already, was imported as a copy beside a different one with its id, or was left out."""


@dataclass(frozen=True, slots=True)
class ImportedChat:
    """The result of importing one chat of the file."""

    outcome: ImportOutcome
    id: str
    """Its id in this history."""
    title: str
    messages: int
    lost: Mapping[str, int] = field(default_factory=dict)
    """The kinds of things in another program's chat that could not be taken over, in words, with their numbers."""


def import_file(
    path: Path, file: BinaryIO, on_read: Callable[[int], object] | None = None
) -> Generator[ImportedChat, None, None]:
    """Import the chats of a file into the history at `path`, which is created if missing: see `import_chats`. Disk
    errors are raised as `HistoryError` too."""
    try:
        with closing(open_for_writing(path)) as database:
            yield from import_chats(database, file, on_read)
    except (sqlite3.Error, OSError) as error:
        raise HistoryError(errors.cause(error)) from error


def import_foreign(path: Path, chats: Iterable[ForeignChat | ForeignError]) -> Generator[ImportedChat, None, None]:
    """Import the chats of another program's export, each in a transaction of its own. Chats that cannot be read are
    reported as `unreadable`. Raises `HistoryError`."""
    try:
        with closing(open_for_writing(path)) as database:
            for chat in chats:
                yield (
                    ImportedChat("unreadable", "", str(chat), 0)
                    if isinstance(chat, ValueError)
                    else _foreign(database, chat)
                )
    except ForeignError as error:
        raise HistoryError(str(error)) from error
    except (sqlite3.Error, OSError) as error:
        raise HistoryError(errors.cause(error)) from error


def _foreign(database: sqlite3.Connection, chat: ForeignChat) -> ImportedChat:
    try:
        arriving = _ChatImport(database, chat.head)
        for message in chat.messages:
            arriving.add(message)
        return replace(arriving.finish(), lost=+chat.lost)
    except BadLineError as error:
        return ImportedChat("unreadable", "", str(error), 0)
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def import_unsaved(path: Path, file: Path) -> list[ImportedChat]:
    """Import a spill file that a program wrote because the history at `path` could not be written. Raises
    `HistoryError`."""
    try:
        with closing(open_for_writing(path)) as database:
            chats = spill_file.merge_spill_file(database, file)
    except spill_file.UnreadableError as error:
        raise HistoryError(f"it is a database, but none of tui-chat's: {error}") from error
    except (sqlite3.Error, OSError) as error:
        raise HistoryError(errors.cause(error)) from error
    return [ImportedChat("new", str(held.chat[0]), str(held.chat[3]), len(held.messages)) for held in chats]


def import_chats(
    database: sqlite3.Connection, file: BinaryIO, on_read: Callable[[int], object] | None = None
) -> Iterator[ImportedChat]:
    """Import the chats of a file, each in a transaction of its own, and yield what became of each. A chat whose
    messages are all here is left alone; one that shares its id with a different chat is imported as a copy, with an id
    derived from its content, so that it is recognised next time. `on_read` is called with the number of bytes read.
    Raises `HistoryError` naming the line: chats before it are imported, the one it belongs to is not."""
    lines = _Lines(file, on_read)
    try:
        yield from _taken_in(database, lines)
    except BadLineError as error:
        raise HistoryError(f"line {lines.number} {error}") from error
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


class _Lines:
    """The non-blank lines of a file, and the number of the current one."""

    def __init__(self, file: BinaryIO, on_read: Callable[[int], object] | None) -> None:
        self.number = 0
        self._file = file
        self._on_read = on_read

    def __iter__(self) -> Iterator[bytes]:
        while text := self._file.readline(LONGEST_LINE + 1):
            self.number += 1
            if len(text) > LONGEST_LINE:
                raise BadLineError(f"is longer than {LONGEST_LINE:,} bytes")
            if self._on_read is not None:
                self._on_read(len(text))
            if text.strip():
                yield text
        self.number += 1


def _taken_in(database: sqlite3.Connection, lines: _Lines) -> Iterator[ImportedChat]:
    begun = False
    arriving: _ChatImport | None = None
    for text in lines:
        document = document_from(text)
        if is_first_line(document):
            begun = True
        elif not begun:
            raise BadLineError("does not begin an export of tui-chat")
        elif arriving is not None:
            if "message" not in document:
                raise BadLineError(f"should be {arriving.wanted}")
            arriving.add(message_from(document["message"]))
        elif "chat" in document:
            arriving = _ChatImport(database, chat_from(document["chat"]))
        else:
            raise BadLineError("is not a chat")
        if arriving is not None and arriving.whole:
            yield arriving.finish()
            arriving = None
    if arriving is not None:
        raise BadLineError(f"should be {arriving.wanted}; the file ends too early")
    if not begun:
        raise BadLineError("should begin an export of tui-chat; the file is empty")


class _ChatImport:
    """A chat that is being imported, in a transaction that begins here."""

    def __init__(self, database: sqlite3.Connection, head: ChatHead) -> None:
        self._database = database
        self._head = head
        self._count = 0
        self._digest = hashlib.sha256(line(lossless.chat_document(head)).encode())
        database.execute("BEGIN IMMEDIATE")
        found = database.execute("SELECT key, system, deleted FROM chats WHERE id = ?", (head.id,)).fetchone()
        self._twin: int | None = None if found is None else found[0]
        """The chat in this history with the same id."""
        self._all_here = found is not None and not found[2] and found[1] == column(head.system)
        row = database.execute(
            "INSERT INTO chats (id, created, changed, title, system, pinned) VALUES (?, ?, ?, ?, ?, ?)",
            (
                head.id if self._twin is None else uuid4().hex,
                head.created,
                head.changed,
                column(head.title),
                column(head.system),
                head.pinned,
            ),
        ).lastrowid
        self._chat = int(row or 0)

    @property
    def whole(self) -> bool:
        """Whether all its messages have been read."""
        return self._count >= self._head.messages

    @property
    def wanted(self) -> str:
        """The expected next part of the file, in words for a person."""
        return f"message {self._count + 1} of the {self._head.messages} of a chat"

    def add(self, message: Message) -> None:
        """Write its next message. Raises `BadLineError`."""
        parent = None if message.parent is None else self._key(self._chat, message.parent)
        if message.parent is not None and parent is None:
            raise BadLineError("has a message whose parent is not before it")
        if self._key(self._chat, message.id) is not None:
            raise BadLineError("has a message with the id of another one")
        text = line(lossless.message_document(message))
        self._digest.update(text.encode())
        self._all_here = self._all_here and self._is_in_twin(message.id, text)
        message.copied = message.role == "assistant"
        key = messages.insert(self._database, self._chat, message, parent)
        search.index(self._database, key)
        self._count += 1

    def finish(self) -> ImportedChat:
        """End the transaction. Raises `BadLineError`."""
        leaf = None if self._head.leaf is None else self._key(self._chat, self._head.leaf)
        if self._head.leaf is not None and leaf is None:
            raise BadLineError("ends a chat whose leaf is none of its messages")
        self._database.execute("UPDATE chats SET leaf = ? WHERE key = ?", (leaf, self._chat))
        recount(self._database, self._chat)
        ((title,),) = self._database.execute("SELECT heading FROM chats WHERE key = ?", (self._chat,))
        id_, outcome = self._settled()
        if outcome != "here":
            origins.keep(self._database, id_, self._head.origin)
            choices.keep(self._database, id_, self._head.choices)
        self._database.execute("ROLLBACK" if outcome == "here" else "COMMIT")
        return ImportedChat(outcome, id_, title, self._count)

    def _settled(self) -> tuple[str, ImportOutcome]:
        """Return its id in this history and the outcome."""
        if self._twin is None:
            return self._head.id, "new"
        if self._all_here:
            return self._head.id, "here"
        id_ = self._digest.hexdigest()[: len(uuid4().hex)]
        found = self._database.execute("SELECT deleted FROM chats WHERE id = ?", (id_,)).fetchone()
        if found is not None and not found[0]:
            return id_, "here"
        if found is not None:
            id_ = uuid4().hex
        self._database.execute("UPDATE chats SET id = ? WHERE key = ?", (id_, self._chat))
        return id_, "copy"

    def _key(self, chat: int, message: str) -> int | None:
        found = self._database.execute(
            "SELECT key FROM messages WHERE chat = ? AND id = ? AND removed IS NULL", (chat, message)
        ).fetchone()
        return None if found is None else int(found[0])

    def _is_in_twin(self, message: str, text: str) -> bool:
        if self._twin is None or (key := self._key(self._twin, message)) is None:
            return False
        held, _ = messages.read(self._database, key)
        return line(lossless.message_document(held)) == text
