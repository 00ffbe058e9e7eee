"""Opens connections to `history.db`: one for writing, others for reading."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Final

from tui_chat.chat.history_ports import HistoryError
from tui_chat.history import errors, locks, schema, search_index
from tui_chat.regular_files import open_regular

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME: Final = "history.db"
COMPANIONS: Final = ("-wal", "-shm")
"""Suffixes of the files that SQLite keeps beside the database."""
PATIENCE: Final = 2.0
"""Seconds that a connection waits for another program's transaction before it fails."""

_WRITING: Final = (
    "PRAGMA journal_mode = WAL",
    # A commit is handed to the operating system, which survives a crash of this program; `durable` does more.
    "PRAGMA synchronous = NORMAL",
    # Deleted content is overwritten: the rows of a finished journal, and those of chats that were wiped.
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_size_limit = 4194304",
    "PRAGMA cell_size_check = ON",
    "PRAGMA trusted_schema = OFF",
)


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the connection that writes. The file and its folder are created if missing, readable by their owner only; an
    older file is backed up and migrated.

    Raises `sqlite3.Error`, `OSError`, and `HistoryError` for a file of a newer version.
    """
    if not sqlite3.threadsafety:
        raise HistoryError("this Python's SQLite was built for programs of one thread, so no chats are kept")
    for folder in reversed(path.parents):  # `parents=True` would make them readable for everybody
        folder.mkdir(mode=0o700, exist_ok=True)
    with locks.exclusive_open(path):
        make_private(path)
        database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        with ExitStack() as failed:
            failed.callback(database.close)
            _check(database, path)
            for pragma in _WRITING:
                database.execute(pragma)
            older = schema.version_of(database) > 0  # otherwise it is new, and there is nothing to back up
            while (version := schema.version_of(database)) < len(schema.MIGRATIONS):
                if older:
                    _back_up(database, path.with_name(f"{path.stem}.before-{version + 1}{path.suffix}"))
                schema.migrate(database)
            search_index.catch_up(database)
            failed.pop_all()
    return database


def open_for_reading(path: Path) -> sqlite3.Connection | None:
    """Open a connection for reading, for one thread at a time; `None` if there is no file or it is empty. An older file
    is migrated first. Raises `sqlite3.Error`, `OSError` and `HistoryError`."""
    if not path.exists() or not path.stat().st_size:
        return None
    database = _reading(path)
    with ExitStack() as failed:
        failed.callback(database.close)
        _check(database, path)
        version = schema.version_of(database)
        failed.pop_all()
    if version < len(schema.MIGRATIONS):
        database.close()
        open_for_writing(path).close()
        database = _reading(path)
    return database


def _reading(path: Path) -> sqlite3.Connection:
    uri = path.absolute().as_uri()
    database = sqlite3.connect(
        f"{uri}?mode=ro", uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        schema.version_of(database)
    except sqlite3.Error as error:
        database.close()
        if not isinstance(error, sqlite3.OperationalError) or not errors.not_openable(error) or _has_companions(path):
            raise
        # In a read-only folder SQLite cannot create the files that several connections need. Nothing can write
        # there, so the file cannot change either.
        return sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None, check_same_thread=False)
    return database


def _has_companions(path: Path) -> bool:
    return any(path.with_name(path.name + end).exists() for end in COMPANIONS)


def durable(database: sqlite3.Connection, *, wanted: bool) -> None:
    """Set whether the next transaction waits for the disk, so that it survives a power loss too."""
    database.execute(f"PRAGMA synchronous = {'FULL' if wanted else 'NORMAL'}")


def make_private(path: Path) -> None:
    """Create an empty file that only its owner can read, if there is none. Raises `OSError`."""
    os.close(open_regular(path, os.O_RDWR | os.O_CREAT))


def _check(database: sqlite3.Connection, path: Path) -> None:
    """Check that the file is one of ours. SQLite itself finds out here that a file is not a database or is too
    short."""
    (tables,) = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not tables:
        return
    (application,) = database.execute("PRAGMA application_id").fetchone()
    if application != schema.APPLICATION:
        raise HistoryError(f"{path} is a database of another program; move it elsewhere")
    version = schema.version_of(database)
    if version > len(schema.MIGRATIONS):
        raise HistoryError(
            f"{path} is of a newer tui-chat (its schema is {version}, this one knows {len(schema.MIGRATIONS)}); get the"
            " newer one, or set TUI_CHAT_HISTORY=off to chat without it"
        )


def _back_up(database: sqlite3.Connection, path: Path) -> None:
    """Copy the file before a migration. Raises `HistoryError`."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        make_private(unfinished)
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as copy:
            database.backup(copy)
        unfinished.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise HistoryError(
            f"the history is of an older tui-chat and cannot be backed up before it is brought up to date"
            f" ({errors.cause(error)})"
        ) from error
