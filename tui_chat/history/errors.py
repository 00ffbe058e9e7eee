"""What can go wrong with the disk, in sentences."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_CAUSES: Final = {
    sqlite3.SQLITE_BUSY: "another program holds the history locked",
    sqlite3.SQLITE_LOCKED: "another program holds the history locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the history is read-only",
    sqlite3.SQLITE_PERM: "the history's file may not be written",
    sqlite3.SQLITE_IOERR: "the history's disk gives errors",
    sqlite3.SQLITE_CANTOPEN: "the history's file cannot be opened",
    sqlite3.SQLITE_CORRUPT: "the history is damaged",
    sqlite3.SQLITE_NOTADB: "the history's file is no database",
}
_DAMAGE: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY: Final = 0xFF
"""SQLite's extended codes have the plain one in their last byte."""


def cause(error: sqlite3.Error | OSError) -> str:
    """What is wrong, as a clause for a person."""
    if isinstance(error, OSError):
        return f"{error.filename or 'the history'}: {error.strerror or error}"
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_SHMSIZE:
        return _CAUSES[sqlite3.SQLITE_FULL]  # there was no room for what its connections share
    return _CAUSES.get(_code(error), f"the history's database says: {error}")


def not_yet_saved(why: str) -> str:
    """A sentence for while it lasts."""
    return f"Not saved yet: {why}. It is saved as soon as that is fixed."


def not_saved(what: str, why: str) -> str:
    """A sentence for when a program ended before it was over."""
    return f"{what} could not be saved completely: {why}."


def spilled(what: str, why: str, name: str) -> str:
    """A sentence for when it was put aside for the next start."""
    return f"{not_saved(what, why)} The rest is in {name} and is added at the next start."


def saved_elsewhere(what: str, why: str, file: Path) -> str:
    """A sentence for when it was put where the next start does not look."""
    return f"{not_saved(what, why)} The rest is in {file}; `tui-chat import {file}` adds it once that is fixed."


def damaged(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is not as SQLite wrote it."""
    # Python's own: bytes in a column for text that are no UTF-8.
    return _code(error) in _DAMAGE or "decode to UTF-8" in str(error)


def not_openable(error: sqlite3.Error) -> bool:
    """Whether SQLite could not open the file, or not make what it needs beside it."""
    return _code(error) in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def busy(error: sqlite3.Error | OSError) -> bool:
    """Whether it may be over in a moment by itself."""
    return isinstance(error, sqlite3.Error) and _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _code(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", None)  # Python's own errors have none
    return -1 if code is None else int(code) & _PRIMARY
