"""Standard output and standard error of the commands without a screen."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sys
import threading
from dataclasses import field
from typing import TYPE_CHECKING

from tui_chat.chat.clean import Cleaner, clean
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.secrets import Secrets
from tui_chat.program_name import called as called

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 1.0
"""Seconds that a stopped program still waits for the reader of its output."""


class Output:
    """Writes to a file descriptor from its own thread, so that a slow reader delays neither the network nor a signal.
    Nothing is buffered except in the queue."""

    def __init__(self, descriptor: int, on_broken: Callable[[], None]) -> None:
        """`on_broken` is called in the event loop if the reader is gone or the disk is full."""
        self.terminal = os.isatty(descriptor)
        self.error: OSError | None = None
        self.at_line_start = True
        self._encoding = (sys.stdout.encoding or "utf-8") if self.terminal else "utf-8"
        self._descriptor = descriptor
        self._cleaner = Cleaner()
        self._on_broken = on_broken
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        # A daemon thread, so that a reader that never reads does not keep the program alive.
        threading.Thread(target=self._work, name="output", daemon=True).start()

    def write(self, text: str) -> None:
        """Write text of a model: made safe for a terminal, unchanged for anything else."""
        if self.terminal:
            text = self._cleaner.feed(text)
        if text:
            self.at_line_start = text.endswith("\n")
            self._waiting.put(text.encode(self._encoding, "replace"))

    async def finish(self) -> None:
        """Wait until everything is written, or writing has failed."""
        self._waiting.put(None)
        await self._done.wait()

    async def finish_unless(self, stopped: asyncio.Event) -> None:
        """Wait as `finish` does, but once `stopped` is set only for `PATIENCE`."""
        tasks = asyncio.create_task(self.finish()), asyncio.create_task(stopped.wait())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(tasks[:1], timeout=PATIENCE)
        finally:
            for task in tasks:
                task.cancel()

    def _work(self) -> None:
        try:
            while (data := self._waiting.get()) is not None:
                while data:
                    data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            self.error = error
            self._tell(self._on_broken)
        self._tell(self._done.set)

    def _tell(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed if the program stopped waiting
            self._loop.call_soon_threadsafe(what)


def complain(text: str) -> None:
    """Write to standard error, ignoring errors: a full disk behind it must not end the program."""
    with contextlib.suppress(OSError):  # there is no other place to report to
        sys.stderr.write(text)
        sys.stderr.flush()


@dataclass(slots=True)
class Notes:
    """Prints sentences on standard error."""

    quiet: bool
    secrets: Secrets = field(default_factory=Secrets)
    """Masked in everything that is printed."""
    _thinking: bool = field(default=False, init=False)

    def remark(self, text: str) -> None:
        """Print a remark, unless `quiet`."""
        if not self.quiet:
            self.error(text)

    def error(self, text: str) -> None:
        """Print an error. Foreign text in it is made safe."""
        self.end_thinking()
        complain(f"{clean(self.secrets.masked(text))}\n")

    def begin_thinking(self) -> None:
        """Show on a terminal that reasoning is streaming in, until something else is printed."""
        if not self.quiet and not self._thinking and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._thinking = True
            complain("thinking…")

    def end_thinking(self) -> None:
        """Erase the word that `thinking` wrote."""
        if self._thinking:
            self._thinking = False
            complain("\r\x1b[K")
