"""Writes what could not be saved to a spill file beside the history when the program ends; the next start merges it."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui_chat.chat.choices.chat_choices import ChatChoices
from tui_chat.chat.history_ports import HistoryError
from tui_chat.history import choices, drafts, messages, origins, recipients, search
from tui_chat.history import database as files
from tui_chat.history.recovery import crash_recovery
from tui_chat.history.transactions import transaction
from tui_chat.history.writing.row_writer import ChatRows, recount, remove
from tui_chat.regular_files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.chat.conversation import Origin
    from tui_chat.chat.message import Message
    from tui_chat.chat.recipient import Recipient
    from tui_chat.history.writing.write_queue import WriteQueue

log = logging.getLogger(__name__)

NAME: Final = "{}.unsaved-{}{}"
"""The spill file's name, from the history's stem, the instance and the history's suffix."""
NOBODY: Final = "unsaved"
"""Stands for an instance that has ended."""


class UnreadableError(Exception):
    """The file is not a spill file."""


class SpilledChat(NamedTuple):
    """A chat in a spill file."""

    chat: tuple[Any, ...]
    """`id`, `created`, `changed`, `title`, `system` and `leaf`."""
    messages: list[tuple[int, Message, int | None, int | None]]
    """For each message: its key, the message, its parent's key, and the key of the message with which it was
    removed."""
    recipient: Recipient | None
    origin: Origin
    choices: ChatChoices


def spill(path: Path, instance: str, queue: WriteQueue) -> Path:
    """Write the queue to a spill file beside the history at `path`, and return that file. Raises `sqlite3.Error`,
    `OSError` and `HistoryError`."""
    file = path.with_name(NAME.format(path.stem, instance, path.suffix))
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with closing(files.open_for_writing(unfinished)) as database:
            database.execute("PRAGMA journal_mode = DELETE")  # a single file without companions
            database.execute("BEGIN")
            rows = ChatRows(database, instance)
            for op in queue.ops:
                rows.write(op)
            for chat, draft in queue.drafts.items():
                drafts.keep_draft(database, chat, draft)
            for chat, position in queue.positions.items():
                drafts.keep_reading_position(database, chat, position)
            crash_recovery.settle(database, instance)
            database.execute("COMMIT")
        unfinished.replace(file)
    finally:
        for end in ("", ".lock", "-journal", *files.COMPANIONS):
            unfinished.with_name(unfinished.name + end).unlink(missing_ok=True)
    return file


def spill_elsewhere(path: Path, instance: str, queue: WriteQueue) -> Path | None:
    """Write the queue to a temporary folder, if it cannot be written beside the history at `path`. Returns `None` if
    that fails too."""
    from shutil import rmtree
    from tempfile import mkdtemp

    for parent in _temporary_folders():
        folder: Path | None = None
        try:
            folder = Path(mkdtemp(prefix="tui-chat-", dir=parent))
            return spill(folder / path.name, instance, queue)
        except (sqlite3.Error, OSError, HistoryError) as error:
            log.warning("It cannot be put into %s either: %s", parent, error)
            if folder is not None:
                rmtree(folder, ignore_errors=True)
    return None


def _temporary_folders() -> list[Path]:
    """Return folders for temporary files, the most lasting first; they may be on other disks."""
    from tempfile import gettempdir

    folders: list[Path] = []
    with suppress(FileNotFoundError):  # none of the usual folders is writable
        folders.append(Path(gettempdir()))
    return folders + [Path(folder) for name in ("XDG_RUNTIME_DIR", "HOME") if (folder := os.environ.get(name))]


def spill_files(path: Path) -> list[Path]:
    """Return the spill files beside the history at `path`."""
    return sorted(path.parent.glob(NAME.format(path.stem, "*", path.suffix)))


def merge_spill_files(database: sqlite3.Connection, path: Path) -> None:
    """Merge all spill files into the history at `path`. Unreadable files stay where they are. Raises `sqlite3.Error`
    and `OSError`."""
    for file in spill_files(path):
        try:
            merge_spill_file(database, file)
        except UnreadableError as error:
            log.warning("%s cannot be read, and stays: %s", file, error)
        else:
            file.unlink()


def merge_spill_file(database: sqlite3.Connection, file: Path) -> list[SpilledChat]:
    """Merge one spill file into a history and return the chats in it. Raises `UnreadableError` if it is not a spill
    file, `sqlite3.Error` and `OSError`."""
    try:
        os.close(open_regular(file, os.O_RDONLY))
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as source:
            source.execute("PRAGMA trusted_schema = OFF")
            chats = list(_chats(source))
            leftovers = {
                table: source.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
                for table in drafts.TABLES
            }
    except (sqlite3.Error, OSError, ValueError, TypeError, KeyError) as error:
        raise UnreadableError(str(error)) from error
    with transaction(database):
        for held in chats:
            _take(database, held)
        for table, rows in leftovers.items():
            drafts.put_back(database, table, rows)
    return chats


def _chats(source: sqlite3.Connection) -> Iterator[SpilledChat]:
    chats = source.execute("SELECT key, id, created, changed, title, system, leaf FROM chats").fetchall()
    tables = {name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for key, *chat in chats:
        rows = source.execute("SELECT key, parent, removed FROM messages WHERE chat = ? ORDER BY key", (key,))
        found = [(at, messages.read(source, at)[0], parent, removed) for at, parent, removed in rows.fetchall()]
        recipient = recipients.kept(source, chat[0]) if "recipients" in tables else None
        origin = origins.of_chat(source, chat[0]) if "origins" in tables else ""
        chosen = choices.kept(source, chat[0]) if "choices" in tables else ChatChoices()
        yield SpilledChat(tuple(chat), found, recipient, origin, chosen)


def _take(database: sqlite3.Connection, held: SpilledChat) -> None:
    id_, created, changed, title, system, leaf = held.chat
    database.execute(
        "INSERT INTO chats (id, created, changed, title, system) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (id) DO UPDATE SET changed = max(changed, ?3), title = ?4, system = ?5, deleted = 0",
        (id_, created, changed, title, system),
    )
    (chat,) = database.execute("SELECT key FROM chats WHERE id = ?", (id_,)).fetchone()
    keys: dict[int | None, int] = {}
    for at, message, parent, _ in held.messages:
        keys[at] = _take_message(database, chat, message, keys.get(parent))
    for top in {removed for _, _, _, removed in held.messages if removed in keys}:
        remove(database, NOBODY, chat, keys[top])
    database.execute("UPDATE chats SET leaf = coalesce(?, leaf) WHERE key = ?", (keys.get(leaf), chat))
    recount(database, chat)
    if held.recipient is not None:
        recipients.keep(database, id_, held.recipient)
    origins.keep(database, id_, held.origin)
    if held.choices != ChatChoices():
        choices.keep(database, id_, held.choices)


def _take_message(database: sqlite3.Connection, chat: int, message: Message, parent: int | None) -> int:
    found = database.execute("SELECT key FROM messages WHERE chat = ? AND id = ?", (chat, message.id)).fetchone()
    if found is None:
        key = messages.insert(database, chat, message, parent)
    else:
        key = int(found[0])
        there, instance = messages.read(database, key)
        if instance is None and there.ending == message.ending:
            return key
        if instance is None:  # another program found this one dead and cut the reply off
            messages.empty(database, key)
        messages.fill(database, key, message)
    search.index(database, key)
    return key
