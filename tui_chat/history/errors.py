"""Turns disk and database errors into sentences for a person."""

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
    sqlite3.SQLITE_NOTADB: "the history's file is not a database",
}
_DAMAGE: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY: Final = 0xFF
"""Mask for the primary code: SQLite's extended error codes have it in their lowest byte."""


def cause(error: sqlite3.Error | OSError) -> str:
    """Return the cause of an error as a clause for a person."""
    if isinstance(error, OSError):
        return f"{error.filename or 'the history'}: {error.strerror or error}"
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_SHMSIZE:
        return _CAUSES[sqlite3.SQLITE_FULL]  # no room for the memory that its connections share
    return _CAUSES.get(_code(error), f"the history's database says: {error}")


def not_yet_saved(why: str) -> str:
    """Return the sentence shown while writing fails and is retried."""
    return f"Not saved yet: {why}. It is saved as soon as that is fixed."


def not_saved(what: str, why: str) -> str:
    """Return the sentence shown if the program ends before writing succeeds."""
    return f"{what} could not be saved completely: {why}."


def spilled(what: str, why: str, name: str) -> str:
    """Return the sentence shown if the rest was written to a spill file that the next start merges."""
    return f"{not_saved(what, why)} The rest is in {name} and is added at the next start."


def saved_elsewhere(what: str, why: str, file: Path) -> str:
    """Return the sentence shown if the rest was written to a file that has to be imported by hand."""
    return f"{not_saved(what, why)} The rest is in {file}; `tui-chat import {file}` adds it once that is fixed."


def damaged(error: sqlite3.Error) -> bool:
    """Whether an error means that the file's content is damaged."""
    # Python's own: bytes in a column for text that are not UTF-8.
    return _code(error) in _DAMAGE or "decode to UTF-8" in str(error)


def not_openable(error: sqlite3.Error) -> bool:
    """Whether SQLite could not open the file, or could not create the files it needs beside it."""
    return _code(error) in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def busy(error: sqlite3.Error | OSError) -> bool:
    """Whether an error may go away soon by itself."""
    return isinstance(error, sqlite3.Error) and _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _code(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", None)  # Python's own errors have none
    return -1 if code is None else int(code) & _PRIMARY
