"""The one thread that writes, and what waits for it."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from time import monotonic, time
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from tui_chat.chat.events import (
    Added,
    CutOff,
    Failed,
    Finished,
    Removed,
    Renamed,
    Restored,
    Selected,
    Stopped,
)
from tui_chat.chat.ports import HistoryError
from tui_chat.history import database as files
from tui_chat.history import desk, journal, recovery, rescue, trash, trouble
from tui_chat.history.chat_rows import ChatRows
from tui_chat.history.locks import Instance, alive
from tui_chat.history.steps import Add, Grow, Match, Name, Remove, Restore, Settle, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.chat.ports import Draft, Place
    from tui_chat.history.steps import Step

log = logging.getLogger(__name__)

T = TypeVar("T")
Noted: TypeAlias = "tuple[Conversation, Message | None, Change, str | None]"
"""A change of a message of a conversation, and its leaf's id where the change is one of the tree."""

PAUSE: Final = 0.1
"""Seconds between two transactions while something comes all the time."""
DRAFTS: Final = 0.4
"""Seconds between two transactions with drafts."""
AGAIN: Final = 1.0
"""Seconds until what could not be written is tried again."""
MOST_RESCUES: Final = 3
"""How often one program saves what can be saved."""
AT_THE_END: Final = 5.0
"""Seconds for which a closing program tries to write what waits."""


class Writer:
    """Takes changes from any thread at once, and writes them in one of its own.

    What cannot be written waits in memory: text of replies that have not settled, and for the rest references to
    messages that are in memory anyway.
    """

    def __init__(
        self,
        path: Path,
        running: Path,
        tell: Callable[[str], None],
        recorded: Callable[[], Sequence[Conversation]],
    ) -> None:
        """`running` is the folder of the instances' locks; `tell` hears, in the writer's thread, sentences about
        trouble, and an empty one when it is over; `recorded` gives the conversations that are to be on disk."""
        self._path = path
        self._running = running
        self._tell = tell
        self._recorded = recorded
        self._noted: deque[Noted | Step] = deque()
        self._drafts: dict[str, Draft] = {}
        self._places: dict[str, Place | None] = {}
        self._calls: deque[tuple[Callable[[sqlite3.Connection], object], Future[object]]] = deque()
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._steps: list[Step] = []
        self._growing: dict[str, Grow] = {}
        """Of the steps, the last one of each growing reply."""
        self._drafts_written = 0.0
        self._trouble = ""
        self._database: sqlite3.Connection | None = None
        self._lock = Instance(running)
        self._rows: ChatRows | None = None
        self._try_at = 0.0
        """When, after trouble, the next try is due."""
        self._file = 0
        """The inode of the file that is open."""
        self._damaged_file = 0
        """The inode of a file in which somebody found damage."""
        self._rescues = 0
        self._interrupted: set[str] | None = None
        self._closing = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def instance(self) -> str:
        """The id of this program's instance."""
        return self._lock.id

    # From any thread.

    def note(self, conversation: Conversation, message: Message | None, change: Change, leaf: str | None) -> None:
        """A change happened."""
        self._noted.append((conversation, message, change, leaf))
        if not self._wake.is_set():
            self._start()
            self._wake.set()

    def add(self, step: Step) -> None:
        """Something else is to be written."""
        self._noted.append(step)
        self._start()
        self._wake.set()

    def draft(self, chat: str, draft: Draft) -> None:
        """What is typed in a chat, in place of what was."""
        self._drafts[chat] = draft
        self._start()
        self._wake.set()

    def place(self, chat: str, place: Place | None) -> None:
        """Where a chat's reader is, in place of where it was."""
        self._places[chat] = place
        self._start()
        self._wake.set()

    def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Let `function` write in a transaction of its own after all that was noted before; wait, and give what it
        gives. Raises `HistoryError`."""
        if self._closing:
            raise HistoryError("the history is closed")
        future: Future[object] = Future()
        self._calls.append((function, future))
        self._start()
        self._hurry.set()
        self._wake.set()
        return future.result()  # type: ignore[return-value]

    def rescue(self, file: int) -> None:
        """Somebody found damage in the file with that inode: save what can be saved. Raises `HistoryError`."""
        self._damaged_file = file
        self.call(lambda _: None)

    def interrupted(self, unfinished: set[str]) -> None:
        """Leave the chats that are open here to the next program; `unfinished` are ids of those with replies."""
        self._interrupted = unfinished

    def flush(self) -> None:
        """Wait until what was noted before is written, or cannot be."""
        if self._noted or self._steps or self._drafts or self._places:
            with suppress(HistoryError):  # whoever watches has been told
                self.call(lambda _: None)

    def close(self) -> None:
        """Write what waits, as far as that can be done, and end; what is noted after that is not written."""
        with self._starting:
            self._closing = True
        self._hurry.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._closing:
                # A daemon: a program that crashes is not kept from ending.
                self._thread = threading.Thread(target=self._run, name="history", daemon=True)
                self._thread.start()

    # In the writer's thread.

    def _run(self) -> None:
        again: float | None = None
        while not self._closing:
            self._wake.wait(again)
            self._wake.clear()
            again = self._round()
            self._hurry.wait(PAUSE)
            self._hurry.clear()
        end = monotonic() + AT_THE_END
        self._round(at_once=True)
        while self._trouble and monotonic() < end:
            threading.Event().wait(PAUSE)
            self._round(at_once=True)
        if self._trouble:
            self._tell(trouble.lost(self._trouble))
        self._end()

    def _round(self, *, at_once: bool = False) -> float | None:
        """Write what is due, and do what was called for; gives the seconds until more is due by itself."""
        self._digest()
        at_once = at_once or bool(self._calls)
        now = monotonic()
        if self._trouble and now < self._try_at and not at_once:
            return self._try_at - now
        drafts = bool(self._drafts or self._places) and (at_once or now >= self._drafts_written + DRAFTS)
        error: HistoryError | None = None
        try:
            self._save_what_can_be_saved()
            if self._steps or drafts:
                self._write(drafts=drafts)
        except (sqlite3.Error, OSError) as caught:
            error = HistoryError(trouble.cause(caught))
            if isinstance(caught, sqlite3.Error) and trouble.damaged(caught):
                self._damaged_file = self._file or rescue.inode(self._path)
                self._wake.set()
        except HistoryError as caught:
            error = caught
        if error is not None:
            self._failed(str(error))
        self._answer(error)
        if self._trouble:
            return AGAIN
        return max(0.0, self._drafts_written + DRAFTS - monotonic()) if self._drafts or self._places else None

    def _digest(self) -> None:
        while self._noted:
            noted = self._noted.popleft()
            if isinstance(noted, tuple):
                self._take(*noted)
            else:
                self._steps.append(noted)

    def _take(self, conversation: Conversation, message: Message | None, change: Change, leaf: str | None) -> None:
        steps = self._steps
        if message is None:
            steps.append(Name(conversation) if isinstance(change, Renamed) else Turn(conversation, leaf))
            return
        match change:
            case Added():
                steps.append(Add(conversation, message))
            case Selected():
                steps.append(Turn(conversation, leaf))
            case Removed():
                steps.append(Remove(conversation, message, leaf))
            case Restored():
                steps.append(Restore(conversation, message, leaf))
            case Renamed():
                steps.append(Name(conversation))
            case Finished() | CutOff() | Failed() | Stopped():
                if (growing := self._growing.pop(message.id, None)) is not None:
                    growing.events.clear()  # the whole message is written instead
                steps.append(Settle(conversation, message))
            case _:
                if (growing := self._growing.get(message.id)) is None:
                    growing = self._growing[message.id] = Grow(conversation, message)
                    steps.append(growing)
                journal.note(growing.events, change)

    def _write(self, *, drafts: bool) -> None:
        database, rows = self._opened()
        files.durable(database, wanted=drafts or any(not isinstance(step, Grow) for step in self._steps))
        taken, placed = dict(self._drafts), dict(self._places)
        database.execute("BEGIN IMMEDIATE")
        try:
            for step in self._steps:
                rows.write(step)
            if drafts:
                for chat, draft in taken.items():
                    rows.opened(chat)
                    desk.keep_draft(database, chat, draft)
                for chat, place in placed.items():
                    desk.keep_place(database, chat, place)
            database.execute("COMMIT")
        except BaseException:
            rows.rolled_back()
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        self._steps.clear()
        self._growing.clear()
        if drafts:
            self._drafts_written = monotonic()
            for chat, draft in taken.items():
                if self._drafts.get(chat) is draft:
                    del self._drafts[chat]
            for chat, place in placed.items():
                if self._places.get(chat) is place:
                    del self._places[chat]
        if self._trouble:
            self._trouble = ""
            self._tell("")

    def _opened(self) -> tuple[sqlite3.Connection, ChatRows]:
        if self._database is not None and rescue.inode(self._path) != self._file:
            self._reopen()  # another program has put a new file there, or somebody has deleted it
        if self._database is None or self._rows is None:
            database = files.open_for_writing(self._path)
            self._file = rescue.inode(self._path)
            self._lock.hold()
            database.execute("INSERT OR IGNORE INTO instances VALUES (?, ?)", (self.instance, time()))
            self._database, self._rows = database, ChatRows(database, self.instance)
        return self._database, self._rows

    def _reopen(self) -> None:
        if self._database is not None:
            self._database.close()
        self._database, self._rows, self._file = None, None, 0
        self._steps[:0] = [Match(conversation) for conversation in self._recorded()]

    def _save_what_can_be_saved(self) -> None:
        damaged = self._damaged_file
        if not damaged or damaged != rescue.inode(self._path):
            return
        if self._rescues == MOST_RESCUES:
            raise HistoryError("the history is damaged again and again; its disk may be bad")
        self._reopen()
        rescued = rescue.rescue(self._path, damaged)
        self._damaged_file = 0
        if rescued is not None:
            self._rescues += 1
            self._trouble = ""
            self._tell(rescued.sentence)

    def _failed(self, why: str) -> None:
        self._try_at = monotonic() + AGAIN
        if why != self._trouble:
            log.warning("Chats cannot be kept: %s", why)
            self._trouble = why
            self._tell(trouble.waiting(why))

    def _answer(self, error: HistoryError | None) -> None:
        while self._calls:
            function, future = self._calls.popleft()
            if error is not None:
                future.set_exception(error)
                continue
            try:
                future.set_result(self._in_transaction(function))
            except HistoryError as caught:
                future.set_exception(caught)
            except (sqlite3.Error, OSError) as caught:
                future.set_exception(HistoryError(trouble.cause(caught)))
            except Exception as caught:  # noqa: BLE001 - a bug is the caller's to hear of, who would wait for ever
                future.set_exception(caught)

    def _in_transaction(self, function: Callable[[sqlite3.Connection], T]) -> T:
        database, _ = self._opened()
        files.durable(database, wanted=True)
        database.execute("BEGIN IMMEDIATE")
        try:
            given = function(database)
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        return given

    def _end(self) -> None:
        if self._database is not None:
            try:
                self._in_transaction(self._leave)
            except (sqlite3.Error, OSError) as error:
                log.warning("The history could not be left in order: %s", error)
            self._database.close()
        self._lock.release()

    def _leave(self, database: sqlite3.Connection) -> None:
        recovery.settle(database, self.instance)
        trash.empty(database, self.instance, partial(alive, self._running))
        if self._interrupted is not None:
            database.executemany(
                "UPDATE open_chats SET unfinished = 1 WHERE instance = ? AND chat = ?",
                [(self.instance, chat) for chat in self._interrupted],
            )
            return
        database.execute("DELETE FROM open_chats WHERE instance = ?", (self.instance,))
        database.execute("DELETE FROM instances WHERE id = ?", (self.instance,))
