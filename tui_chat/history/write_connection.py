"""The file that this program writes to, for as long as it is the right one."""

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
from tui_chat.history.row_writer import ChatRows
from tui_chat.history.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

MOST_RESCUES: Final = 3
"""How often one program saves what can be saved."""


class OpenFile:
    """The connection that writes, opened when it is needed, in the name of this program's instance. Used by one
    thread."""

    def __init__(self, path: Path, running: Path) -> None:
        """`running` is the folder of the instances' locks."""
        self.lock = Instance(running)
        self.changed = False
        """The file is another one than it was: what was written may not be there. Whoever heeds that clears it."""
        self._path = path
        self._running = running
        self._database: sqlite3.Connection | None = None
        self._rows: ChatRows | None = None
        self._inode = 0
        self._durable = False
        self._rescues = 0

    @contextmanager
    def transaction(self, *, durable: bool) -> Iterator[tuple[sqlite3.Connection, ChatRows]]:
        """All or nothing; a `durable` one survives a loss of power, too. Raises `sqlite3.Error`, `OSError` and
        `HistoryError`."""
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
        """Find out whether it is still the right file."""
        if self._database is not None and rescue.inode(self._path) != self._inode:
            self._let_go()  # another program has put a new file there, or somebody has deleted it

    @property
    def inode(self) -> int:
        """Which file it is; 0: none is open."""
        return self._inode

    def rescue(self, inode: int) -> str:
        """The file with that inode is damaged: save what can be saved, and give a sentence about it; empty where that
        is done already. Raises `sqlite3.Error`, `OSError` and `HistoryError`."""
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
        """Leave, `in_order` or as if the program had died. `interrupted`: the program was ended from outside, and these
        are the ids of chats in which replies were under way."""
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
