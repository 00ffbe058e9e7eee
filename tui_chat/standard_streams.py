"""The program's standard streams, at its beginning and at its end. Every command needs this, so it imports little."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from typing import TextIO

OTHER_FAILURE = 1


def fill_closed() -> None:
    """Open the null device as standard input, output and error where they are closed. Otherwise a file opened later
    would get that number, and receive whatever is printed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 (for as long as the program runs)


def written(status: int) -> int:
    """Flush everything that was printed, at the end of the program, and return `status`, or an error status if standard
    output could not be written."""
    for stream in (sys.stderr, sys.stdout):
        try:
            if stream is not None:
                stream.flush()
        except OSError as error:
            if stream is sys.stdout and not status:
                return broken(error)
            _discard(stream)
    return status


def broken(error: OSError) -> int:
    """Report that standard output cannot be written, unless only its reader has gone; return the exit status."""
    _discard(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return 0
    try:
        sys.stderr.write(f"tui-chat: standard output cannot be written: {error.strerror or error}\n")
        sys.stderr.flush()
    except OSError:
        pass
    return OTHER_FAILURE


def _discard(stream: TextIO) -> None:
    # Python flushes its streams once more at its end.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
