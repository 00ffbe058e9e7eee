"""Write each exchange of a tape to a file of its own, as it happens, in a thread."""

from __future__ import annotations

import json
import os
import re
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final

from tui_chat import __version__
from tui_chat.regular_files import open_regular
from tui_chat.tape_file import SUFFIX, end_line, piece_line, request_line, response_line
from tui_chat.wire.tape.masking import StreamMask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_chat.wire.tape.tape import RecordedExchange

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]")
_MOST_NAMES: Final = 1000
"""Names that are tried for one file."""


class TapeRecorder:
    """A listener of a `Tape` that writes files into a folder. Each line is in the file before the next is taken, so
    that a program that is killed leaves readable tapes."""

    def __init__(self, folder: Path, on_error: Callable[[str], None]) -> None:
        """`on_error` is called once, in the writing thread, with a sentence that says why nothing more is recorded."""
        self._folder = folder
        self._on_error = on_error
        self._queue: SimpleQueue[tuple[int, str] | None] = SimpleQueue()
        self._masks: dict[int, StreamMask] = {}
        self._files: dict[int, int] = {}
        """Descriptors of the open files, by the exchange's number; used in the thread alone."""
        self._names: dict[int, str] = {}
        self._failed = False
        self._thread = Thread(target=self._write, name="record tapes", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left, and end."""
        self._queue.put(None)
        self._thread.join()

    def began(self, exchange: RecordedExchange) -> None:
        """Write the request."""
        masked = exchange.secrets.masked
        body = masked(exchange.body.decode("utf-8", "replace"))
        headers = tuple((name, masked(value)) for name, value in exchange.headers)
        self._names[exchange.number] = _name(exchange, body)
        program = f"tui-chat {__version__}"
        line = request_line(program, exchange.at, exchange.method, masked(exchange.url), headers, body)
        self._queue.put((exchange.number, line))

    def responded(self, exchange: RecordedExchange) -> None:
        """Write the response's head."""
        masked = exchange.secrets.masked
        self._masks[exchange.number] = StreamMask(exchange.secrets)
        connection = exchange.connection
        facts: dict[str, object] = {"reused": connection.reused, "proxy": masked(connection.proxy)}
        if connection.sent is not None:
            facts["sent"] = round((connection.sent - exchange.began) * 1_000_000)
        headers = tuple((name, masked(value)) for name, value in exchange.response_headers)
        at = (exchange.responded or exchange.began) - exchange.began
        self._queue.put((exchange.number, response_line(at, exchange.status or 0, headers, facts)))

    def received(self, exchange: RecordedExchange, at: float, data: bytes) -> None:
        """Write a piece of the body; what may be the beginning of a secret waits for the next one."""
        if shown := self._masks[exchange.number].feed(data):
            self._queue.put((exchange.number, piece_line(at - exchange.began, shown)))

    def ended(self, exchange: RecordedExchange) -> None:
        """Write the end."""
        at = (exchange.ended or exchange.began) - exchange.began
        mask = self._masks.pop(exchange.number, None)
        if mask is not None and (shown := mask.close()):
            self._queue.put((exchange.number, piece_line(at, shown)))
        self._queue.put((exchange.number, end_line(at, exchange.how or "", exchange.secrets.masked(exchange.why))))
        self._queue.put((-exchange.number, ""))

    # ---- the thread

    def _write(self) -> None:
        while (taken := self._queue.get()) is not None:
            number, line = taken
            if self._failed:
                continue
            try:
                if number < 0:
                    if (descriptor := self._files.pop(-number, None)) is not None:
                        os.close(descriptor)
                    continue
                if number not in self._files:
                    self._files[number] = self._create(self._names.pop(number))
                data = line.encode("utf-8", "backslashreplace")
                while data:
                    data = data[os.write(self._files[number], data) :]
            except OSError as error:
                self._failed = True
                reason = error.strerror or str(error)
                self._on_error(f"Nothing more is recorded: {self._folder} cannot be written ({reason}).")
        for descriptor in self._files.values():
            os.close(descriptor)

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
