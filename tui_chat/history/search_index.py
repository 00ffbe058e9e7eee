"""The search index: the words of all settled messages, newest message first.

A row of the index is a *moment*: the second in which a message was created, or the next free one. FTS5 reads rows
backwards in stored order, so the newest messages with a word come at once, however many have it; ranking or sorting
would read them all. Imported and copied chats are placed by their time.

The index is cut into spans of some months, one FTS5 table each, created when needed. That bounds the cost of searching
for the beginning of a word, for which FTS5 merges all rows of all matching words; its own remedy (`prefix`) would
double the size.

FTS5 stores no text (`content=''`): a message's text is read from its parts to add and to remove its words.

Functions that write run in their caller's transaction, except `catch_up`. Messages are identified by their keys in
`messages`.
"""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Final

from tui_chat.chat.search.words import indexed_form
from tui_chat.history import columns
from tui_chat.history.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_chat.chat.search.query import Query

CREATE: Final = (
    """CREATE TABLE search_moments (
        moment INTEGER PRIMARY KEY, -- a row of the index
        message INTEGER             -- whose; NULL: it is gone, and that SQLite had no FTS5 to take its words out
    )""",
    # Settled messages whose words are not in the index, because the SQLite that wrote them had no FTS5.
    "CREATE TABLE search_waiting (message INTEGER PRIMARY KEY)",
)
"""Statements for the schema's migration."""

SPAN: Final = 23
"""Bits of a moment within one table: 2**23 seconds are 97 days."""
FIRST, LAST = 2**30, 2**32
"""Moments are from 2004 to 2106. Older and newer times are put at either end, so that there are few tables."""


@cache
def available() -> bool:
    """Whether this SQLite has FTS5."""
    with closing(sqlite3.connect(":memory:")) as database:
        return bool(database.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchall())


def add(database: sqlite3.Connection, message: int) -> None:
    """Index a message that has settled, after its parts are written."""
    moment = _free_moment(database, _moment_of(database, message))
    database.execute("INSERT INTO search_moments VALUES (?, ?)", (moment, message))
    if available():
        _insert(database, moment, message)
    else:
        database.execute("INSERT INTO search_waiting VALUES (?)", (message,))


def remove(database: sqlite3.Connection, messages: Sequence[int]) -> None:
    """Remove messages from the index before their parts are wiped, so that none of their words stay in the file.
    Messages that are not indexed are ignored."""
    touched = {table for message in messages if (table := _removed(database, message)) is not None}
    for table in touched:
        # FTS5 only marks entries as deleted; the words are removed when it merges.
        database.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608


def _removed(database: sqlite3.Connection, message: int) -> str | None:
    """Remove one message; return the table that held its words."""
    row = database.execute(
        "SELECT moment FROM search_moments WHERE moment >= ? AND message = ? ORDER BY moment LIMIT 1",
        (_moment_of(database, message), message),
    ).fetchone()
    if row is None:
        return None
    waited = database.execute("DELETE FROM search_waiting WHERE message = ?", (message,)).rowcount
    if not waited and not available():
        database.execute("UPDATE search_moments SET message = NULL WHERE moment = ?", row)
        return None
    database.execute("DELETE FROM search_moments WHERE moment = ?", row)
    if waited:
        return None
    table = _table(row[0])
    database.execute(
        f"INSERT INTO {table} ({table}, rowid, words) VALUES ('delete', ?, ?)",  # noqa: S608
        (row[0], _words(database, message)),
    )
    return table


def find(database: sqlite3.Connection, query: Query) -> Iterator[int]:
    """Yield the messages with all terms, newest first, without removed ones and those of deleted chats. Without FTS5
    all messages are read, which takes long."""
    if not query:
        return
    if not available():
        for (message,) in database.execute(_HERE.format("search_moments", "", "search_moments.moment")):
            if query.matches("\n".join(texts(database, message))):
                yield message
        return
    for table in _tables(database):
        # CROSS JOIN: the index is the outer loop, so that its order is the order.
        source = f"{table} CROSS JOIN search_moments ON moment = {table}.rowid"
        found = database.execute(
            _HERE.format(source, f"{table} MATCH ? AND", f"{table}.rowid"),
            (query.expression,),
        )
        yield from (message for (message,) in found)


_HERE: Final = (
    "SELECT messages.key FROM {} CROSS JOIN messages ON messages.key = search_moments.message"
    " CROSS JOIN chats ON chats.key = messages.chat"
    " WHERE {} messages.removed IS NULL AND NOT chats.deleted ORDER BY {} DESC"
)


def texts(database: sqlite3.Connection, message: int) -> list[str]:
    """Return the searchable texts of a message, the most important first: its text (or refusal), reasoning and
    attachment names."""
    found = database.execute(
        "SELECT text FROM parts WHERE message = ? AND kind IN ('text', 'refusal', 'reasoning')"
        " ORDER BY kind = 'text' DESC, kind = 'refusal' DESC, position",
        (message,),
    ).fetchall()
    found += database.execute("SELECT name FROM attachments WHERE message = ? ORDER BY position", (message,))
    return [columns.text(held) for (held,) in found]


def catch_up(database: sqlite3.Connection) -> None:
    """Index the messages that could not be indexed before (because another Python without FTS5 wrote them), in a
    transaction of its own."""
    if not available() or not database.execute("SELECT 1 FROM search_waiting LIMIT 1").fetchall():
        return
    with transaction(database):
        query = "SELECT moment, message FROM search_waiting JOIN search_moments USING (message)"
        for moment, message in database.execute(query).fetchall():
            _insert(database, moment, message)
        database.execute("DELETE FROM search_waiting")


def _insert(database: sqlite3.Connection, moment: int, message: int) -> None:
    table = _table(moment)
    words = _words(database, message)
    statement = f"INSERT INTO {table} (rowid, words) VALUES (?, ?)"  # noqa: S608
    try:
        database.execute(statement, (moment, words))
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        # Nothing is ranked, so the lengths of messages are not kept (`columnsize`).
        database.execute(
            f"CREATE VIRTUAL TABLE {table} USING fts5 (words, content = '', columnsize = 0, tokenize = 'ascii')"
        )
        database.execute(statement, (moment, words))


def _words(database: sqlite3.Connection, message: int) -> str:
    return indexed_form("\n".join(texts(database, message)))


def _table(moment: int) -> str:
    return f"search_words_{moment >> SPAN}"


def _tables(database: sqlite3.Connection) -> list[str]:
    """Return the tables of the index, newest first."""
    names = database.execute(
        "SELECT name FROM sqlite_master WHERE name GLOB 'search_words_[0-9]*' AND sql LIKE 'CREATE VIRTUAL%'"
    )
    return sorted((name for (name,) in names), key=lambda name: int(name.rpartition("_")[2]), reverse=True)


def _moment_of(database: sqlite3.Connection, message: int) -> int:
    ((created,),) = database.execute("SELECT created FROM messages WHERE key = ?", (message,))
    return FIRST if math.isnan(created) else int(min(max(created, FIRST), LAST))


def _free_moment(database: sqlite3.Connection, first: int) -> int:
    """Return the first free moment from `first` on. An import may have thousands of messages of one second, which are
    skipped in growing strides."""

    def free(moment: int) -> bool:
        return not database.execute("SELECT 1 FROM search_moments WHERE moment = ?", (moment,)).fetchall()

    if free(first):
        return first
    taken, found = first, first + 1
    while not free(found):
        taken, found = found, 2 * found - first + 1
    while found - taken > 1:
        middle = (taken + found) // 2
        if free(middle):
            found = middle
        else:
            taken = middle
    return found
