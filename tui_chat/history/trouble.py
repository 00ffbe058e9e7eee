"""What can go wrong with the disk, in sentences."""

from __future__ import annotations

import sqlite3
from typing import Final

WAITS: Final = "what is said stays in memory and is kept as soon as that is over"
_SENTENCES: Final = {
    sqlite3.SQLITE_BUSY: f"Another program holds the history locked; {WAITS}.",
    sqlite3.SQLITE_LOCKED: f"Another program holds the history locked; {WAITS}.",
    sqlite3.SQLITE_FULL: f"The disk is full; {WAITS}.",
    sqlite3.SQLITE_READONLY: f"The history cannot be written (read-only); {WAITS}.",
    sqlite3.SQLITE_PERM: f"The history cannot be written (no permission); {WAITS}.",
    sqlite3.SQLITE_IOERR: f"The disk of the history gives errors; {WAITS}.",
    sqlite3.SQLITE_CANTOPEN: f"The history cannot be opened; {WAITS}.",
}
_DAMAGE: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY: Final = 0xFF
"""SQLite's extended codes have the plain one in their last byte."""


def sentence(error: sqlite3.Error | OSError) -> str:
    """What to tell a person."""
    if isinstance(error, OSError):
        return f"The history cannot be written ({error.strerror or error}); {WAITS}."
    return _SENTENCES.get(_code(error), f"The history cannot be written ({error}); {WAITS}.")


def reading(error: sqlite3.Error) -> str:
    """What to tell a person who wanted to see something."""
    if damaged(error):
        return "the history is damaged"
    if busy(error):
        return "another program holds the history locked"
    return f"the history cannot be read ({error})"


def damaged(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is not as SQLite wrote it."""
    # Python's own: bytes in a column for text that are no UTF-8.
    return _code(error) in _DAMAGE or "decode to UTF-8" in str(error)


def busy(error: sqlite3.Error | OSError) -> bool:
    """Whether it may be over in a moment by itself."""
    return isinstance(error, sqlite3.Error) and _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _code(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", None)  # Python's own errors have none
    return -1 if code is None else int(code) & _PRIMARY
