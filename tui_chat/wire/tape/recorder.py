"""Write each exchange of a tape to a file of its own, as it happens, in a thread."""

from __future__ import annotations

import json
import os
import re
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final

from tui_chat.regular_files import open_regular
from tui_chat.tape_file import SUFFIX, line_of
from tui_chat.wire.tape.records import TapeRecords

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_chat.tape_file import Record
    from tui_chat.wire.tape.tape import RecordedExchange

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]")
_MOST_NAMES: Final = 1000
"""Names that are tried for one file."""


class TapeRecorder(TapeRecords):
    """A listener of a `Tape` that writes files into a folder. Each line is in the file before the next is taken, so
    that a program that is killed leaves readable tapes."""

    def __init__(self, folder: Path, on_error: Callable[[str], None]) -> None:
        """`on_error` is called once, in the writing thread, with a sentence that says why nothing more is recorded."""
        super().__init__(self._put)
        self._folder = folder
        self._on_error = on_error
        self._queue: SimpleQueue[tuple[RecordedExchange, Record] | None] = SimpleQueue()
        self._files: dict[int, int] = {}
        """Descriptors of the open files, by the exchange's number; used in the thread alone."""
        self._failed = False
        self._thread = Thread(target=self._work, name="record tapes", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left, and end."""
        self._queue.put(None)
        self._thread.join()

    def _put(self, exchange: RecordedExchange, record: Record) -> None:
        self._queue.put((exchange, record))

    # ---- the thread

    def _work(self) -> None:
        while (taken := self._queue.get()) is not None:
            if self._failed:
                continue
            try:
                self._write(*taken)
            except OSError as error:
                self._failed = True
                reason = error.strerror or str(error)
                self._on_error(f"Nothing more is recorded: {self._folder} cannot be written ({reason}).")
        for descriptor in self._files.values():
            os.close(descriptor)

    def _write(self, exchange: RecordedExchange, record: Record) -> None:
        if "tape" in record:
            self._files[exchange.number] = self._create(_name(exchange, str(record["body"])))
        data = line_of(record).encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(self._files[exchange.number], data) :]
        if "end" in record:
            os.close(self._files.pop(exchange.number))

    def _create(self, name: str) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 1
        while True:
            path = self._folder / f"{name}{f'-{number}' if number > 1 else ''}{SUFFIX}"
            try:
                return open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, links=False)
            except FileExistsError:
                if number == _MOST_NAMES:
                    raise
                number += 1


def _name(exchange: RecordedExchange, body: str) -> str:
    """A file name from the time, the exchange's number and the model that was asked: names sort as they were made."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        asked = None
    model = asked.get("model") if isinstance(asked, dict) else None
    slug = _NOT_IN_NAMES.sub("-", model)[:60].strip(".-") if isinstance(model, str) else ""
    return f"{exchange.at:%Y%m%d-%H%M%S}-{exchange.number:03}{f'-{slug}' if slug else ''}"
