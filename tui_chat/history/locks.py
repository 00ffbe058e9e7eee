"""Locks between running programs. The kernel releases them when a process ends, however it ends."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from tui_chat.chat.history_ports import HistoryError
from tui_chat.regular_files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


PATIENCE: Final = 5.0
"""Seconds to wait for a program that is migrating or repairing the file."""
LOOK_AGAIN: Final = 0.02
"""Seconds between two attempts."""


class Instance:
    """This program's own lock, held until `release` or the end of the process. Child processes do not inherit it:
    Python closes its descriptors when another program is executed."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds the lock files of all instances."""
        self.id = uuid4().hex
        self._path = folder / self.id
        self._descriptor: int | None = None

    def hold(self) -> None:
        """Take the lock, if it is not held already. Raises `OSError`."""
        if self._descriptor is None:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            self._descriptor = open_regular(self._path, os.O_RDWR | os.O_CREAT)
            _lock(self._descriptor)

    def release(self) -> None:
        """Release the lock and delete its file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            self._path.unlink(missing_ok=True)


def alive(folder: Path, instance: str) -> bool:
    """Whether the program of an instance is still running. If that cannot be determined it counts as running, so that
    its reply is not taken from it."""
    try:
        descriptor = open_regular(folder / instance, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        _lock(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def clear_away(folder: Path, instance: str) -> None:
    """Delete a dead program's lock file."""
    with suppress(OSError):  # a leftover lock file does no harm
        (folder / instance).unlink(missing_ok=True)


@contextmanager
def exclusive_open(path: Path) -> Iterator[None]:
    """Hold a lock so that only one program at a time opens, migrates or replaces the file at `path`. Raises `OSError`,
    and `HistoryError` if another program holds it for long."""
    descriptor = open_regular(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT)
    try:
        end = monotonic() + PATIENCE
        while True:
            try:
                _lock(descriptor)
                break
            except OSError as error:
                if monotonic() > end:
                    raise HistoryError("another tui-chat is updating or repairing the history") from error
                sleep(LOOK_AGAIN)
        yield
    finally:
        os.close(descriptor)
