"""The writing connection, reopened when the file at its path is replaced."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import ExitStack, contextmanager
from functools import partial
from time import time
from typing import TYPE_CHECKING, Final

from tui_chat.chat.history_ports import HistoryError
from tui_chat.history import database as files
from tui_chat.history import trash
from tui_chat.history.locks import Instance, alive
from tui_chat.history.recovery import crash_recovery, rescue, spill_file
from tui_chat.history.transactions import transaction
from tui_chat.history.writing.row_writer import ChatRows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

MOST_RESCUES: Final = 3
"""The number of times that one program repairs a damaged file."""


class OpenFile:
    """The writing connection of this program's instance, opened on first use. Used by one thread."""

    def __init__(self, path: Path, running: Path) -> None:
        """`running` is the folder of the instances' locks."""
        self.lock = Instance(running)
        self.changed = False
        """Whether the file was replaced, so that earlier writes may be missing. The caller that handles it resets
        it."""
        self._path = path
        self._running = running
        self._database: sqlite3.Connection | None = None
        self._rows: ChatRows | None = None
        self._inode = 0
        self._durable = False
        self._rescues = 0

    @contextmanager
    def transaction(self, *, durable: bool) -> Iterator[tuple[sqlite3.Connection, ChatRows]]:
        """Run the body in a transaction; a `durable` one survives a power loss too. Raises `sqlite3.Error`, `OSError`
        and `HistoryError`."""
        database, rows = self._opened()
        if durable is not self._durable:
            files.durable(database, wanted=durable)
            self._durable = durable
        with ExitStack() as undone:
            undone.callback(rows.rolled_back)
            with transaction(database):
                yield database, rows
            undone.pop_all()

    def look(self) -> None:
        """Close the connection if another file is at its path."""
        if self._database is not None and rescue.inode(self._path) != self._inode:
            self._let_go()  # another program has replaced the file, or it was deleted

    @property
    def inode(self) -> int:
        """The inode of the open file; 0 if none is open."""
        return self._inode

    def rescue(self, inode: int) -> str:
        """Repair the damaged file with that inode and return a sentence about it; empty if that was done already.
        Raises `sqlite3.Error`, `OSError` and `HistoryError`."""
        if inode != rescue.inode(self._path):
            return ""
        if self._rescues == MOST_RESCUES:
            raise HistoryError("the history is damaged again and again; its disk may be bad")
        self._let_go()
        rescued = rescue.rescue(self._path, inode)
        if rescued is None:
            return ""
        self._rescues += 1
        return rescued.sentence

    def close(self, interrupted: set[str] | None, *, in_order: bool = True) -> None:
        """Close the connection, `in_order` or as if the program had crashed. `interrupted` is set if the program is
        being ended from outside: the ids of chats with replies in progress."""
        if self._database is not None and in_order:
            try:
                with self.transaction(durable=True) as (database, _):
                    self._leave(database, interrupted)
            except (sqlite3.Error, OSError, HistoryError) as error:
                log.warning("The history could not be left in order: %s", error)
        self._let_go()
        self.lock.release()

    def _opened(self) -> tuple[sqlite3.Connection, ChatRows]:
        if self._database is None or self._rows is None:
            database = files.open_for_writing(self._path)
            with ExitStack() as failed:
                failed.callback(database.close)
                spill_file.merge_spill_files(database, self._path)
                failed.pop_all()
            self._inode = rescue.inode(self._path)
            self._database, self._rows = database, ChatRows(database, self.lock.id)
            self.lock.hold()
            database.execute("INSERT OR IGNORE INTO instances VALUES (?, ?)", (self.lock.id, time()))
        return self._database, self._rows

    def _let_go(self) -> None:
        if self._database is not None:
            self._database.close()
            self.changed = True
        self._database, self._rows, self._inode, self._durable = None, None, 0, False

    def _leave(self, database: sqlite3.Connection, interrupted: set[str] | None) -> None:
        mine = self.lock.id
        crash_recovery.settle(database, mine)
        trash.empty(database, mine, partial(alive, self._running))
        if interrupted is None:
            database.execute("DELETE FROM open_chats WHERE instance = ?", (mine,))
            database.execute("DELETE FROM instances WHERE id = ?", (mine,))
        else:
            database.executemany(
                "UPDATE open_chats SET unfinished = 1 WHERE instance = ? AND chat = ?",
                [(mine, chat) for chat in interrupted],
            )
