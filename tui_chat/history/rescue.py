"""A damaged file is moved aside, never deleted, and what can be read of it goes into a new one."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import localtime, strftime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_chat.history import database as files
from tui_chat.history import locks, mending, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

Row: TypeAlias = tuple[Any, ...]

TABLES: Final = (
    "chats",
    "messages",
    "parts",
    "journal",
    "attachments",
    "drafts",
    "places",
    "instances",
    "open_chats",
    "trash",
)
"""What is rescued; the index of words is made anew."""
AT_ONCE: Final = 256
"""Rows that are read in one go where nothing is damaged."""
GIVEN_UP: Final = 100_000
"""Keys without a row after which a table whose end cannot be read is taken to have ended."""
HEADER: Final = 100
"""Bytes of SQLite's header at the beginning of a file."""


@dataclass
class Rescued:
    """What came of it."""

    aside: Path
    """Where the damaged file is now."""
    messages: int = 0
    whole: bool = True
    """Everything could be read."""

    @property
    def sentence(self) -> str:
        """What to tell a person."""
        if self.whole:
            what = "all of it was rescued"
        elif self.messages:
            what = f"{self.messages:,} messages were rescued, others could not be read"
        else:
            what = "nothing of it could be read"
        return f"The history was damaged; {what}. The damaged file is kept as {self.aside.name}, beside the new one."


def rescue(path: Path, seen: int) -> Rescued | None:
    """Put a new file in the place of the damaged one at `path`, whose inode is `seen`. `None`: another program has done
    that. Raises `sqlite3.Error`, `OSError` and `HistoryError` when a new one cannot be made; then all is as before."""
    with locks.door(path):
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
    """Which file has that name now; 0: none."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
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
    while schema.version_of(database) < len(schema.MIGRATIONS):
        schema.migrate(database)
    return database


def _exchange(path: Path, new: Path, aside: Path) -> None:
    """The new file takes the name of the damaged one in one step: nobody sees a moment without."""
    for end in files.COMPANIONS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    try:
        os.link(path, aside)
    except OSError:  # a file system without links
        path.rename(aside)
    new.replace(path)


def _save(path: Path, into: sqlite3.Connection) -> tuple[int, bool]:
    """Copy what can be read; gives the number of messages, and whether nothing was in the way."""
    into.execute("BEGIN")
    whole = True
    decoder = Decoder()
    try:
        with _damaged(path, decoder) as source:
            for table in TABLES:
                whole = _copy(source, into, table) and whole
    except sqlite3.DatabaseError as error:
        log.warning("Nothing of the damaged file can be read: %s", error)
        whole = False
    whole = mending.mend(into) and whole and not decoder.failed
    (count,) = into.execute("SELECT count(*) FROM messages").fetchone()
    into.execute("COMMIT")
    return count, whole


class Decoder:
    """Reads text; what is no UTF-8 any more is shown as such, rather than lost."""

    def __init__(self) -> None:
        self.failed = False

    def __call__(self, data: bytes) -> str:
        """The text that `data` is, or was."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            self.failed = True
            return data.decode("utf-8", "replace")


@contextmanager
def _damaged(path: Path, decoder: Decoder) -> Iterator[sqlite3.Connection]:
    """A connection to what there is. Raises `sqlite3.Error` where SQLite can make nothing of it."""
    with closing(_lenient(path, decoder)) as database:
        if _has_tables(database):
            yield database
            return
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        patched = Path(folder) / path.name
        _with_another_first_page(path, patched)
        with closing(_lenient(patched, decoder)) as database:
            yield database


def _lenient(path: Path, decoder: Decoder) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=files.PATIENCE, isolation_level=None)
    database.text_factory = decoder
    database.execute("PRAGMA writable_schema = ON")  # SQLite then reads a file that is shorter than it says
    return database


def _has_tables(database: sqlite3.Connection) -> bool:
    try:
        rows = database.execute("SELECT name FROM sqlite_schema").fetchall()
    except sqlite3.DatabaseError as error:
        log.warning("The schema of the damaged file cannot be read: %s", error)
        return False
    return {name for (name,) in rows} >= set(TABLES)


def _with_another_first_page(path: Path, patched: Path) -> None:
    """Copy a file whose first page, which says where all tables begin, cannot be read, and give it that of an empty
    one: in each file the tables were made in the same order, and so begin at the same pages."""
    for end in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(path.with_name(path.name + end), patched.with_name(patched.name + end))
    model = patched.with_name("empty.db")
    _empty(model).close()
    with model.open("rb") as file:
        head = file.read(HEADER)
        size = int.from_bytes(head[16:18], "big")
        page = bytearray(head + file.read(size - HEADER))
    page[18:20] = b"\x02\x02"  # what is in its -wal counts
    page[28:32] = (patched.stat().st_size // size).to_bytes(4, "big")
    with patched.open("r+b") as file:
        file.write(page)


def _copy(source: sqlite3.Connection, into: sqlite3.Connection, table: str) -> bool:
    """Copy the rows of a table that can be read, with their keys; gives whether all could."""
    names = ", ".join(name for _, name, *_ in into.execute(f"PRAGMA table_info({table})"))
    insert = f"INSERT OR IGNORE INTO {table} (rowid, {names}) VALUES (?{', ?' * (names.count(',') + 1)})"  # noqa: S608
    whole = True
    for rows in _readable(source, f"SELECT rowid, {names} FROM {table}", _last(source, table)):  # noqa: S608
        if rows is None:
            whole = False
            continue
        for row in rows:
            try:
                into.execute(insert, row)
            except sqlite3.Error as error:
                log.warning("A row of %s cannot be rescued: %s", table, error)
                whole = False
    return whole


def _last(source: sqlite3.Connection, table: str) -> int | None:
    """The highest key; `None`: that cannot be read."""
    try:
        (last,) = source.execute(f"SELECT max(rowid) FROM {table}").fetchone()  # noqa: S608
    except sqlite3.Error:
        return None
    return int(last or 0)


def _readable(source: sqlite3.Connection, select: str, last: int | None) -> Iterator[list[Row] | None]:
    """Rows by their keys, as many at once as can be; `None` for each that cannot be read. Without a `last` key it is
    given up where nothing comes for long."""
    at, nothing = 0, 0
    while nothing < GIVEN_UP if last is None else at < last:
        try:
            rows = source.execute(f"{select} WHERE rowid > ? ORDER BY rowid LIMIT {AT_ONCE}", (at,)).fetchall()
        except sqlite3.Error:
            found = False
            for some in _between(source, select, at + 1, at + AT_ONCE):
                found = found or bool(some)
                yield some
            at += AT_ONCE
            nothing = 0 if found else nothing + AT_ONCE
            continue
        if not rows:
            return
        yield rows
        at, nothing = rows[-1][0], 0


def _between(source: sqlite3.Connection, select: str, first: int, last: int) -> Iterator[list[Row] | None]:
    try:
        rows = source.execute(f"{select} WHERE rowid BETWEEN ? AND ? ORDER BY rowid", (first, last)).fetchall()
    except sqlite3.Error:
        if first == last:
            yield None
            return
        middle = (first + last) // 2
        yield from _between(source, select, first, middle)
        yield from _between(source, select, middle + 1, last)
    else:
        yield rows
