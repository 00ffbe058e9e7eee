"""Connections to `history.db`: one that writes, others that read."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Final

from tui_chat.chat.ports import HistoryError
from tui_chat.history import schema, search_index

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME: Final = "history.db"
PATIENCE: Final = 2.0
"""Seconds that a writer waits for another program's transaction to end before it counts as trouble."""

_WRITING: Final = (
    "PRAGMA journal_mode = WAL",
    # A commit is handed to the operating system, which survives the death of this program; `durable` asks for more.
    "PRAGMA synchronous = NORMAL",
    # What is deleted is wiped: the pages of a journal that has been compacted, and those of chats deleted for good.
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_size_limit = 4194304",
    "PRAGMA cell_size_check = ON",
    "PRAGMA trusted_schema = OFF",
)


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The connection that writes; the file and its folder are made where they are not there, for nobody else to read,
    and an older file is migrated.

    Raises `sqlite3.Error`, `OSError`, and `HistoryError` for a file of a newer version.
    """
    make_private(path)
    database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _check(database, path)
        for pragma in _WRITING:
            database.execute(pragma)
        while schema.version_of(database) < schema.VERSION:
            schema.migrate(database)
        search_index.catch_up(database)
    except BaseException:
        database.close()
        raise
    return database


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that reads, for one thread at a time. Raises `sqlite3.Error` (`SQLITE_CANTOPEN` where there is no
    file) and `HistoryError`."""
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        _check(database, path)
    except BaseException:
        database.close()
        raise
    return database


def durable(database: sqlite3.Connection, *, wanted: bool) -> None:
    """Whether the next transaction waits for the disk, so that it survives a loss of power, too."""
    database.execute(f"PRAGMA synchronous = {'FULL' if wanted else 'NORMAL'}")


def make_private(path: Path) -> None:
    """Make an empty file and its folders, for nobody else to read. Raises `OSError`."""
    for folder in reversed(path.parents):  # `parents=True` would make them for everybody to read
        folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _check(database: sqlite3.Connection, path: Path) -> None:
    version = schema.version_of(database)
    if version > schema.VERSION:
        raise HistoryError(
            f"{path} is of a newer tui-chat (its schema is {version}, this one knows {schema.VERSION});"
            " get the newer one, or set TUI_CHAT_HISTORY=off to chat without it"
        )
