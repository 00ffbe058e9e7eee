"""Opens files whose names others may have chosen: regular files only, so that no open or read blocks."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import BinaryIO

_KINDS: Final = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_DESCRIPTORS: Final = {Path("/dev/fd"), Path("/proc/self/fd")}
"""Folders whose entries are files that this program was started with, like a shell's `<(command)`."""
_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)


def open_regular(path: Path, flags: int, mode: int = 0o600, *, links: bool = True) -> int:
    """Return a descriptor of the regular file at `path`, opened with the `os.O_…` flags; with `links`, a symbolic link
    is followed. Raises `OSError`, also for a pipe, a socket, a device or a folder; `strerror` then says which."""
    try:
        descriptor = os.open(path, flags | _NO_WAIT | (0 if links else _NO_LINK), mode)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, or a named pipe without a reader
            raise _irregular(path, path.stat().st_mode) from error
        if error.errno == errno.ELOOP and path.is_symlink() and not links:
            raise OSError(errno.ELOOP, "it is a symbolic link, which is not followed here", str(path)) from error
        raise
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISREG(kind) or (stat.S_ISFIFO(kind) and _was_given(path)):
        if not stat.S_ISREG(kind):
            os.set_blocking(descriptor, True)
        return descriptor
    os.close(descriptor)
    raise _irregular(path, kind)


def open_to_read(path: Path) -> BinaryIO:
    """Open a regular file for reading. Raises `OSError` as `open_regular` does."""
    return os.fdopen(open_regular(path, os.O_RDONLY), "rb")


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the content of a regular file. Raises `OSError` as `open_regular` does, and with `errno.EFBIG` if there
    are more than `limit` bytes."""
    with open_to_read(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit:,} bytes", str(path))
    return data


def read_text(path: Path, limit: int) -> str:
    """Return the content of a regular file as UTF-8 text. Raises as `read_bytes` does, and `UnicodeDecodeError`."""
    return read_bytes(path, limit).decode("utf-8")


def _was_given(path: Path) -> bool:
    return path.parent in _DESCRIPTORS or path == Path("/dev/stdin")


def _irregular(path: Path, mode: int) -> OSError:
    if stat.S_ISDIR(mode):
        return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    kind = _KINDS.get(stat.S_IFMT(mode), "no regular file")
    return OSError(errno.EINVAL, f"it is {kind}, and only regular files are taken", str(path))
