"""Moves a damaged file aside (never deletes it) and copies what can be read into a new one."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import ExitStack, closing, suppress
from time import localtime, strftime
from types import NoneType
from typing import TYPE_CHECKING, Final

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.history import columns, locks, schema
from tui_chat.history import database as files
from tui_chat.history.recovery import page_reader
from tui_chat.history.recovery import row_repair as mending

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)


TABLES: Final = (
    "chats", "messages", "parts", "journal", "attachments", "drafts", "recipients", "origins", "requests", "choices",
)  # fmt: skip
"""The tables that are copied. The search index and the rows of running programs are created again."""
MARKS: Final[dict[str, dict[int, tuple[str, ...]]]] = {
    "messages": {4: ("user", "assistant")},
    "parts": {2: ("text", "reasoning", "refusal", "call", "image", "citation", "opaque")},
    "journal": {2: ("[",)},
    "drafts": {2: ("[",)},
    "origins": {1: ("ask",)},
    "requests": {2: ("title", "compaction"), 6: ("{",)},
}
"""The required beginning of the text in some columns, by table and column number."""
_HOLDS: Final[dict[str, tuple[type, ...]]] = {
    "INTEGER": (int,),
    "REAL": (float, int),  # SQLite writes whole numbers as such
    "TEXT": (str, bytes),
    "BLOB": (bytes,),
    "": (int, str),
}
"""The Python types that a column of each declared type holds."""


@dataclass
class Rescued:
    """The result of a rescue."""

    aside: Path
    """The path of the damaged file, which was moved."""
    messages: int = 0
    whole: bool = True
    """Whether everything could be read."""

    @property
    def sentence(self) -> str:
        """The sentence that informs a person of the repair."""
        if not self.messages:
            what = "nothing of it could be read"
        elif self.whole:
            what = "all of it was rescued"
        else:
            what = f"{self.messages:,} messages were rescued, and something could not be read"
        return f"The history was damaged; {what}. The damaged file is kept as {self.aside.name}, beside the new one."


def rescue(path: Path, seen: int) -> Rescued | None:
    """Replace the damaged file at `path`, whose inode is `seen`, by a new one. Returns `None` if another program has
    already replaced it. Raises `sqlite3.Error`, `OSError` and `HistoryError` if a new file cannot be made; nothing has
    changed then."""
    with locks.exclusive_open(path):
        if inode(path) != seen:
            return None
        new = path.with_name(f"{path.name}.rescued")
        rescued = Rescued(_free_name(path))
        try:
            with closing(_empty(new)) as database:
                rescued.messages, rescued.whole = _save(path, database)
            _exchange(path, new, rescued.aside)
        finally:
            for end in ("", "-journal", *files.COMPANIONS):
                new.with_name(new.name + end).unlink(missing_ok=True)
    log.error("%s", rescued.sentence)
    return rescued


def inode(path: Path) -> int:
    """Return the inode of the file at `path`, or 0 if there is none."""
    try:
        return path.stat().st_ino
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _free_name(path: Path) -> Path:
    day = strftime("%Y-%m-%d", localtime())
    aside = path.with_name(f"{path.stem}.damaged-{day}{path.suffix}")
    number = 2
    while aside.exists():
        aside = path.with_name(f"{path.stem}.damaged-{day}-{number}{path.suffix}")
        number += 1
    return aside


def _empty(path: Path) -> sqlite3.Connection:
    path.unlink(missing_ok=True)
    files.make_private(path)
    database = sqlite3.connect(path, isolation_level=None)
    with ExitStack() as failed:
        failed.callback(database.close)
        while schema.version_of(database) < len(schema.MIGRATIONS):
            schema.migrate(database)
        failed.pop_all()
    return database


def _exchange(path: Path, new: Path, aside: Path) -> None:
    """Give the new file the damaged one's name in one step, so that there is a file at every moment."""
    for end in files.COMPANIONS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    try:
        os.link(path, aside)
    except OSError:  # a file system without links
        path.rename(aside)
    new.replace(path)


def _save(path: Path, into: sqlite3.Connection) -> tuple[int, bool]:
    """Copy what can be read; return the number of messages and whether nothing is missing."""
    into.execute("BEGIN")
    tables = [_Table(into, name) for name in TABLES]
    for id_, values in page_reader.rows(path):
        for table in tables:
            if table.take(id_, values):
                break
    whole = mending.mend(into)
    (count,) = into.execute("SELECT count(*) FROM messages").fetchone()
    into.execute("COMMIT")
    return count, whole


class _Table:
    """A table of the new file, which recognises its own rows among those of the damaged one: rows do not name their
    table."""

    def __init__(self, database: sqlite3.Connection, name: str) -> None:
        self._database = database
        described = database.execute(f"PRAGMA table_info({name})").fetchall()
        self._key = next((number for number, _, kind, *_, key in described if key and kind == "INTEGER"), None)
        self._kinds = [
            _HOLDS[kind] if needed or key else (*_HOLDS[kind], NoneType) for _, _, kind, needed, _, key in described
        ]
        self._marks: dict[int, tuple[str, ...]] = MARKS.get(name, {})
        names = ", ".join(column for _, column, *_ in described)
        self._insert = f"INSERT OR IGNORE INTO {name} (rowid, {names}) VALUES (?{', ?' * len(described)})"  # noqa: S608

    def take(self, id_: int, values: list[page_reader.Value]) -> bool:
        """Insert a row if it fits this table; return whether it did."""
        if len(values) != len(self._kinds):
            return False
        if self._key is not None and values[self._key] is None:
            values = [id_ if number == self._key else value for number, value in enumerate(values)]
        if not all(isinstance(value, kinds) for value, kinds in zip(values, self._kinds, strict=True)):
            return False
        if not all(_text(values[number]).startswith(words) for number, words in self._marks.items()):
            return False
        try:
            self._database.execute(self._insert, (id_, *values))
        except sqlite3.IntegrityError:
            return False
        return True


def _text(value: page_reader.Value) -> str:
    return columns.text(value) if isinstance(value, (str, bytes)) else ""
