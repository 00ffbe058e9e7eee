"""The thread that writes the history."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from tui_chat.chat.history_ports import HistoryError
from tui_chat.history import drafts, errors
from tui_chat.history.recovery import rescue, spill_file
from tui_chat.history.writing.write_connection import OpenFile
from tui_chat.history.writing.write_queue import WriteQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.history_ports import Draft, ReadingPosition
    from tui_chat.chat.message import Message
    from tui_chat.history.writing.write_ops import Enter, KeepRequest, Leave, WriteMissing

log = logging.getLogger(__name__)

T = TypeVar("T")

PAUSE: Final = 0.15
"""Seconds between two transactions while changes keep coming."""
DRAFTS: Final = 0.4
"""Seconds between two transactions with drafts and reading positions."""
AGAIN: Final = 1.0
"""Seconds until a failed write is tried again."""
AT_THE_END: Final = 5.0
"""Seconds for which a closing program keeps trying to write."""


class Writer:
    """Accepts changes from any thread without blocking and writes them in its own thread. Failed writes stay queued."""

    def __init__(
        self, path: Path, running: Path, tell: Callable[[str], None], recorded: Callable[[], Iterable[Conversation]]
    ) -> None:
        """`running` is the folder of the instances' locks; `tell` is called in the writer's thread with a sentence
        about each error, and with an empty one when it is over; `recorded` returns the conversations that are to be on
        disk."""
        self._path = path
        self._tell = tell
        self._recorded = recorded
        self._queue = WriteQueue()
        self._file = OpenFile(path, running)
        self._calls: deque[tuple[Callable[[sqlite3.Connection], object] | None, Future[object]]] = deque()
        """`None` only waits until everything noted before has been written or has failed."""
        self._wake = threading.Event()
        self._urgent = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._closing = False
        self._interrupted: set[str] | None = None
        self._damaged = 0
        """The inode of a file in which damage was found."""
        self._problem = ""
        self._may_pass = False
        """Whether the error may go away soon by itself."""
        self._retry_at = 0.0
        """The time of the next attempt after an error."""
        self._drafts_due = 0.0
        """The time at which drafts and reading positions are written."""
        self.unsaved = False
        """Whether something could neither be saved nor spilled for the next start; known once this is closed."""

    @property
    def instance(self) -> str:
        """The id of this program's instance."""
        return self._file.lock.id

    # From any thread.

    def note(self, conversation: Conversation, message: Message | None, change: Change, leaf: str | None) -> None:
        """Queue a change of a conversation."""
        self._queue.noted.append((conversation, message, change, leaf))
        if not self._wake.is_set():
            self._wake_up()

    def add(self, op: WriteMissing | Enter | Leave | KeepRequest) -> None:
        """Queue an operation for the writing thread."""
        self._queue.noted.append(op)
        self._wake_up()

    def draft(self, chat: str, draft: Draft) -> None:
        """Queue a chat's draft, replacing an older one."""
        if not (draft.text or draft.queue or draft.files) and not self._path.exists():
            self._queue.drafts.pop(chat, None)  # an empty draft is no reason to create the file
            return
        self._queue.drafts[chat] = draft
        self._wake_up()

    def position(self, chat: str, position: ReadingPosition | None) -> None:
        """Queue a chat's reading position, replacing an older one."""
        if position is None and not self._path.exists():
            self._queue.positions.pop(chat, None)
            return
        self._queue.positions[chat] = position
        self._wake_up()

    def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run `function` in a transaction of its own after everything queued before; wait and return its result. Raises
        `HistoryError`."""
        return self._ask(function)  # type: ignore[return-value]

    def flush(self) -> None:
        """Wait until everything queued before has been written or has failed."""
        queue = self._queue
        if self._problem or self._closing or threading.current_thread() is self._thread:
            return
        if queue.noted or self._busy or queue.ops or queue.drafts or queue.positions:
            self._ask(None)

    def open(self) -> None:
        """Open the file for writing and merge spill files, if possible."""
        with suppress(HistoryError):  # the spill files stay where they are
            self.call(lambda _: None)

    def rescue(self, inode: int, patience: float | None) -> None:
        """Have the damaged file with that inode repaired, and wait for that at most `patience` seconds. Raises
        `HistoryError` if it takes longer."""
        self._damaged = inode
        if threading.current_thread() is not self._thread:
            self._ask(None, patience)

    def interrupted(self, unfinished: set[str]) -> None:
        """Leave the open chats to the next program; `unfinished` are the ids of those with replies in progress."""
        self._interrupted = unfinished

    def close(self) -> None:
        """Write what is queued, as far as possible, and end; later changes are not written."""
        with self._starting:
            self._closing = True
        self._urgent.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _ask(self, function: Callable[[sqlite3.Connection], object] | None, patience: float | None = None) -> object:
        future: Future[object] = Future()
        with self._starting:
            if self._closing:
                raise HistoryError("the history is closed")
            self._calls.append((function, future))
        self._urgent.set()
        self._wake_up()
        try:
            return future.result(patience)
        except TimeoutError as error:
            raise HistoryError("the history is damaged and is being repaired") from error

    def _wake_up(self) -> None:
        with self._starting:
            if self._thread is None and not self._closing:
                # A daemon thread, so that it does not keep a crashed program from ending.
                self._thread = threading.Thread(target=self._run, name="history", daemon=True)
                self._thread.start()
        self._wake.set()

    # In the writer's thread.

    def _run(self) -> None:
        again: float | None = None
        while not self._closing:
            self._wake.wait(again)
            self._wake.clear()
            again = self._round()
            self._urgent.wait(PAUSE)
            self._urgent.clear()
        end = monotonic() + AT_THE_END
        self._round(at_once=True)
        while self._problem and self._may_pass and monotonic() < end:
            threading.Event().wait(PAUSE)
            self._round(at_once=True)
        if self._problem:
            self._spill()
        self._file.close(self._interrupted, in_order=not self._problem)

    def _spill(self) -> None:
        what = self._queue.what
        try:
            file = spill_file.spill(self._path, self.instance, self._queue)
        except (sqlite3.Error, OSError, HistoryError) as error:
            log.warning("Nor can it be put aside: %s", error)
            self.unsaved = True
            elsewhere = spill_file.spill_elsewhere(self._path, self.instance, self._queue)
            if elsewhere is not None:
                self._tell(errors.saved_elsewhere(what, self._problem, elsewhere))
            else:
                self._tell(errors.not_saved(what, self._problem))
        else:
            self._tell(errors.spilled(what, self._problem, file.name))

    def _round(self, *, at_once: bool = False) -> float | None:
        """Write what is due and run the calls; return the seconds until more is due."""
        self._busy = True
        calls = [
            self._calls.popleft() for _ in range(len(self._calls))
        ]  # before `collect`, so that everything queued before a call is written before it
        self._queue.collect()
        at_once = at_once or bool(calls)
        now = monotonic()
        if self._problem and now < self._retry_at and not at_once:
            return self._retry_at - now
        why = self._try_to_write(with_drafts=at_once or now >= self._drafts_due)
        for function, future in calls:
            self._answer(function, future, why)
        self._busy = False
        if self._problem:
            return AGAIN
        return max(0.0, self._drafts_due - monotonic()) if self._queue.drafts or self._queue.positions else None

    def _try_to_write(self, *, with_drafts: bool) -> str:
        """Write what is queued; return why it failed, or an empty text."""
        try:
            self._write(with_drafts=with_drafts)
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, sqlite3.Error) and errors.damaged(error) and not self._damaged:
                self._damaged = self._file.inode or rescue.inode(self._path)
                return self._try_to_write(with_drafts=with_drafts)
            return self._failed(errors.cause(error), passing=errors.busy(error))
        except HistoryError as error:
            return self._failed(str(error))
        if self._problem:
            self._problem = ""
            self._tell("")
        return ""

    def _write(self, *, with_drafts: bool) -> None:
        if self._damaged:
            problem = self._file.rescue(self._damaged)
            self._damaged = 0
            if problem:
                self._problem = ""
                self._tell(problem)
        queue = self._queue
        self._file.look()
        if self._file.changed:
            self._file.changed = False
            queue.match(self._recorded())
        if queue.ops:
            self._write_ops()
        if with_drafts and (queue.drafts or queue.positions):
            self._write_drafts()

    def _write_ops(self) -> None:
        queue = self._queue
        try:
            with self._file.transaction(durable=queue.durable) as (_, rows):
                for op in queue.ops:
                    rows.write(op)
        except (sqlite3.Error, OSError, HistoryError):
            raise
        except Exception:  # a bug in one operation must not keep all others from the disk
            log.exception("Something cannot be written; the rest is written without it")
            self._write_one_by_one()
        else:
            queue.ops_written(len(queue.ops))

    def _write_one_by_one(self) -> None:
        while self._queue.ops:
            op = self._queue.ops[0]
            try:
                with self._file.transaction(durable=False) as (_, rows):
                    rows.write(op)
            except (sqlite3.Error, OSError, HistoryError):
                raise
            except Exception:  # the operation with the bug is reported and skipped
                log.exception("This cannot be written: %s", type(op).__name__)
                self._tell("A bug in tui-chat prevents a part of this chat from being saved; see the log.")
            self._queue.ops_written(1)

    def _write_drafts(self) -> None:
        typed, positions = self._queue.drafts.copy(), self._queue.positions.copy()
        with self._file.transaction(durable=False) as (database, rows):
            for chat, draft in typed.items():
                if draft.text or draft.queue or draft.files:
                    rows.opened(chat)
                drafts.keep_draft(database, chat, draft)
            for chat, position in positions.items():
                drafts.keep_reading_position(database, chat, position)
        self._queue.drafts_written(typed, positions)
        self._drafts_due = monotonic() + DRAFTS

    def _failed(self, why: str, *, passing: bool = False) -> str:
        self._may_pass = passing
        self._retry_at = monotonic() + AGAIN
        if why != self._problem:
            log.warning("Chats cannot be kept: %s", why)
            self._problem = why
            self._tell(errors.not_yet_saved(why))
        return why

    def _answer(
        self, function: Callable[[sqlite3.Connection], object] | None, future: Future[object], why: str
    ) -> None:
        if function is None:
            future.set_result(None)
            return
        if why:
            future.set_exception(HistoryError(why))
            return
        try:
            with self._file.transaction(durable=True) as (database, _):
                given = function(database)
            future.set_result(given)
        except HistoryError as error:
            future.set_exception(error)
        except (sqlite3.Error, OSError) as error:
            future.set_exception(HistoryError(errors.cause(error)))
        except Exception as error:  # noqa: BLE001 - a bug is the caller's to hear of, who would wait for ever
            future.set_exception(error)
