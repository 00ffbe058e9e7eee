"""Runs other programs within bounds: of time, and of how much they print."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Thread
from typing import IO, TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_ERRORS: Final = 4_000
"""The bytes of its messages that are kept."""
_PIECE: Final = 65_536


class ProgramResult(NamedTuple):
    """The result of a program that has ended or was ended."""

    status: int
    """Its exit status; negative: the signal that ended it."""
    output: bytes
    errors: bytes
    """The beginning of what it wrote to standard error."""


class TooMuchError(Exception):
    """The program printed more than was allowed, and was ended."""


def run_bounded(
    command: Sequence[str], *, seconds: float, most: int, environment: Mapping[str, str] | None = None
) -> ProgramResult:
    """Run a program without a shell and without input, and return what it printed. It is ended with all it has started
    when that takes longer than `seconds`, or is more than `most` bytes. Call it in a thread. Raises `OSError` if it
    cannot be run, `TimeoutError` and `TooMuchError`."""
    process = subprocess.Popen(  # noqa: S603 - the callers' own commands
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    whole = False
    try:
        # What it has started may keep the pipes open after its own end: they are not waited for without an end.
        output, errors = _Reader(process.stdout, most + 1), _Reader(process.stderr, MOST_ERRORS)
        output.join(seconds)
        if output.is_alive():
            raise TimeoutError
        if len(output.data) > most:
            raise TooMuchError
        status = process.wait(seconds)
        errors.join(1.0)
        whole = True
        return ProgramResult(status, bytes(output.data), bytes(errors.data))
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    finally:
        if not whole:
            _end(process)


class _Reader(Thread):
    """Reads a pipe until it is closed or holds more than is wanted."""

    def __init__(self, pipe: IO[bytes] | None, most: int) -> None:
        super().__init__(name="output of a program", daemon=True)
        self._pipe = pipe
        self._most = most
        self.data = bytearray()
        self.start()

    def run(self) -> None:
        if self._pipe is None:
            return
        with self._pipe, suppress(OSError):
            while len(self.data) < self._most:
                piece = os.read(self._pipe.fileno(), min(_PIECE, self._most - len(self.data)))
                if not piece:
                    return
                self.data += piece


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(1.0)
