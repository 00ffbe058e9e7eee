"""The way to the terminal: what it takes at once goes at once, and what it does not waits elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TextIO


class TerminalOutput:
    """A terminal that the event loop writes to without ever waiting for it.

    Textual 8.2.8 hands each frame to a thread, because a terminal may be slow to take it. That costs more than the
    writing itself: both threads wake for it and wait for each other. Here the thread gets what the terminal has no room
    for, and all that comes after it until that is written.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.fileno = file.fileno
        self.isatty = file.isatty
        self._at_once: int | None = None
        """A descriptor of the same terminal that does not block; the file's own is shared with other programs, for
        which that must not change."""
        self._left = 0
        """Texts that were left for the thread,"""
        self._taken = self._written = 0
        """and those of them that it has taken, and that have gone out."""

    def open(self) -> None:
        """Begin to write at once, where the terminal can be opened."""
        self.close()
        with suppress(OSError):
            name = os.ttyname(self._file.fileno())
            self._at_once = os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)

    def close(self) -> None:
        """Leave everything to the thread."""
        if self._at_once is not None:
            os.close(self._at_once)
            self._at_once = None

    def rest_of(self, text: str) -> str:
        """Write as much as the terminal takes at once, and return the rest, which is for `write`. The rest may begin
        within a character, whose bytes are then lone surrogates. It is empty if all is written, or if the terminal is
        gone."""
        data = text.encode(self._file.encoding, "backslashreplace")
        if self._at_once is not None and self._left == self._written:
            try:
                data = data[os.write(self._at_once, data) :]
            except BlockingIOError:
                pass
            except OSError:
                return ""
        if data:
            self._left += 1
        return data.decode(self._file.encoding, "surrogateescape")

    def write(self, text: str) -> int:
        """Write the rest that `rest_of` returned, and return the number of characters; called in the writing thread.
        Drops the text once the terminal is gone, because an error would end the thread, and its queue would block for
        ever."""
        with suppress(OSError):
            self._file.buffer.write(text.encode(self._file.encoding, "surrogateescape"))
        self._taken += 1
        return len(text)

    def flush(self) -> None:
        """For the thread, when nothing is left to it: let it go out."""
        with suppress(OSError):
            self._file.flush()
        self._written = self._taken


class LastingOutput:
    """A terminal that takes what is written to it after it is gone, and drops it.

    Textual's driver writes in a thread. An error would end that thread, and the event loop would wait for ever once the
    queue between them is full.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.fileno = file.fileno
        self.isatty = file.isatty

    def write(self, text: str) -> int:
        """Write a text, if the terminal is still there; gives the number of characters."""
        with suppress(OSError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Let what was written go out, if the terminal is still there."""
        with suppress(OSError):
            self._file.flush()


@contextmanager
def lasting_stderr() -> Iterator[None]:
    """Within this block `sys.__stderr__`, where Textual's driver looks for its terminal, is a `LastingOutput`."""
    stderr = sys.__stderr__
    if stderr is not None:
        sys.__stderr__ = cast("Any", LastingOutput(stderr))  # type: ignore[misc]
    try:
        yield
    finally:
        sys.__stderr__ = stderr  # type: ignore[misc]
