"""Opens and writes the files of the start cache, which contain code and so are used only if nobody else can write
them."""

from __future__ import annotations

import os
import sys
from stat import S_ISREG

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from collections.abc import Iterable


def folder() -> str:
    """Return the folder of the files; an empty text if there is none for this person."""
    caches = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(caches):  # noqa: PTH117 (pathlib is not imported yet)
        home = os.path.expanduser("~")  # noqa: PTH111
        if not os.path.isabs(home):  # noqa: PTH117
            return ""
        caches = f"{home}/Library/Caches" if sys.platform == "darwin" else f"{home}/.cache"
    return f"{caches}/tui-chat"


def for_this_python() -> str:
    """Return the part of a file's name that keeps the bytecode of different Pythons apart."""
    return f"{sys.implementation.cache_tag}-{sys.flags.optimize}"


def header() -> bytes:
    """Return the first line of a file, which says what its entries depend on."""
    return f"tui-chat 2 {sys.version}".replace("\n", " ").encode() + b"\n"


def open_own(path: str, largest: int) -> tuple[int, int] | None:
    """Return a file's descriptor and its size in bytes; `None` if it is missing, no regular file, larger than `largest`
    bytes, or if others can write it."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    about = os.fstat(file)
    ours = not hasattr(os, "geteuid") or (about.st_uid == os.geteuid() and not about.st_mode & 0o022)
    if ours and S_ISREG(about.st_mode) and about.st_size <= largest:
        return file, about.st_size
    os.close(file)
    return None


def write(path: str, parts: Iterable[bytes]) -> None:
    """Replace a file by the given parts at once. Errors are only logged."""
    import logging
    from pathlib import Path

    target = Path(path)
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        for parent in reversed(target.parents):
            parent.mkdir(mode=0o700, exist_ok=True)
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(file, "wb") as held:
                held.writelines(parts)
            fresh.replace(target)
        except OSError:
            fresh.unlink()
            raise
    except OSError as error:
        logging.getLogger(__name__).info("%s cannot be written: %s", path, error)
