"""What could not be written before its program ended: put into a file beside the history, and taken in by the next."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui_chat.history import database as files
from tui_chat.history import desk, messages, recipients, recovery, search
from tui_chat.history.chat_rows import ChatRows, recount, remove
from tui_chat.history.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui_chat.chat.message import Message
    from tui_chat.chat.recipient import Recipient
    from tui_chat.history.waiting import Waiting

log = logging.getLogger(__name__)

NAME: Final = "{}.unsaved-{}{}"
"""Of the file: the history's stem, the instance, the history's ending."""
NOBODY: Final = "unsaved"
"""In the place of an instance that has ended."""


class Held(NamedTuple):
    """A chat of such a file."""

    chat: tuple[Any, ...]
    """`id`, `created`, `changed`, `title`, `system` and `leaf`."""
    messages: list[tuple[int, Message, int | None, int | None]]
    """The key of each, itself, its parent's key, and the key of the message with which it was removed."""
    recipient: Recipient | None


def put_aside(path: Path, instance: str, waiting: Waiting) -> Path:
    """Write what waits into a file of its own beside the history at `path`. Raises `sqlite3.Error`, `OSError` and
    `HistoryError`."""
    file = path.with_name(NAME.format(path.stem, instance, path.suffix))
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with closing(files.open_for_writing(unfinished)) as database:
            database.execute("PRAGMA journal_mode = DELETE")  # one file, and no companions
            database.execute("BEGIN")
            rows = ChatRows(database, instance)
            for step in waiting.steps:
                rows.write(step)
            for chat, draft in waiting.drafts.items():
                desk.keep_draft(database, chat, draft)
            for chat, place in waiting.places.items():
                desk.keep_place(database, chat, place)
            recovery.settle(database, instance)
            database.execute("COMMIT")
        unfinished.replace(file)
    finally:
        for end in ("", ".lock", "-journal", *files.COMPANIONS):
            unfinished.with_name(unfinished.name + end).unlink(missing_ok=True)
    return file


def lying(path: Path) -> list[Path]:
    """The files that programs put aside beside the history at `path`."""
    return sorted(path.parent.glob(NAME.format(path.stem, "*", path.suffix)))


def take_in(database: sqlite3.Connection, path: Path) -> None:
    """Take what programs put aside into the history at `path`. A file that cannot be read stays where it is. Raises
    `sqlite3.Error` and `OSError`."""
    for file in lying(path):
        try:
            with closing(sqlite3.connect(file, isolation_level=None)) as source:
                chats = list(_chats(source))
                desks = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in desk.TABLES}  # noqa: S608
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
            log.warning("%s cannot be read, and stays: %s", file, error)
            continue
        with transaction(database):
            for held in chats:
                _take(database, held)
            for table, rows in desks.items():
                desk.put_back(database, table, rows)
        file.unlink()


def _chats(source: sqlite3.Connection) -> Iterator[Held]:
    chats = source.execute("SELECT key, id, created, changed, title, system, leaf FROM chats").fetchall()
    tables = {name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for key, *chat in chats:
        rows = source.execute("SELECT key, parent, removed FROM messages WHERE chat = ? ORDER BY key", (key,))
        found = [(at, messages.read(source, at)[0], parent, removed) for at, parent, removed in rows.fetchall()]
        yield Held(tuple(chat), found, recipients.kept(source, chat[0]) if "recipients" in tables else None)


def _take(database: sqlite3.Connection, held: Held) -> None:
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


def _take_message(database: sqlite3.Connection, chat: int, message: Message, parent: int | None) -> int:
    found = database.execute("SELECT key FROM messages WHERE chat = ? AND id = ?", (chat, message.id)).fetchone()
    if found is None:
        key = messages.insert(database, chat, message, parent)
    else:
        key = int(found[0])
        there, instance = messages.read(database, key)
        if instance is None and there.ending == message.ending:
            return key
        if instance is None:  # somebody found the program dead, and cut the reply off
            messages.empty(database, key)
        messages.fill(database, key, message)
    search.index(database, key)
    return key
