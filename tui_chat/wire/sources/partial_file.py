"""A partial file: its data in `NAME.part`, and the description of its source in `NAME.part.json`."""

from __future__ import annotations

import json
import os
import stat
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, Final

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.regular_files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_DESCRIPTION: Final = 65_536
"""Maximum bytes of `NAME.part.json`; a longer file was not written by this program."""


class DownloadError(Exception):
    """The file cannot be saved. The text is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class FileVersion:
    """The version of a remote file that a partial file belongs to."""

    url: str
    """A digest of the URL, because a URL may contain a key."""
    validator: str = ""
    """A strong ETag or a Last-Modified; empty: the download cannot be resumed."""
    size: int | None = None

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str], size: int | None) -> FileVersion:
        """The version that a response describes."""
        etag, encoded = headers.get("etag", ""), headers.get("content-encoding", "identity") not in {"", "identity"}
        # If-Range does not allow a weak ETag, and a range of compressed bytes is useless.
        validator = "" if encoded else etag if etag.startswith('"') else headers.get("last-modified", "")
        return cls(sha256(url.encode()).hexdigest(), validator, size)


class PartialFile:
    """An incomplete file next to the place of the complete one."""

    def __init__(self, path: Path) -> None:
        """`path` is the place of the complete file."""
        self.path = path
        self.data = path.with_name(f"{path.name}.part")
        self.description = path.with_name(f"{path.name}.part.json")

    def version(self) -> FileVersion | None:
        """The version of the existing data; `None`: it cannot be resumed."""
        try:
            with open(open_regular(self.description, os.O_RDONLY, links=False), encoding="utf-8") as file:  # noqa: PTH123
                version = FileVersion(**json.loads(file.read(MAX_DESCRIPTION)))
        except (
            OSError,
            ValueError,
            TypeError,
            RecursionError,
        ):  # missing, or not written by this program: start from the beginning
            return None
        texts = isinstance(version.url, str) and isinstance(version.validator, str)
        if not texts or not (version.size is None or isinstance(version.size, int)):
            return None
        return version if version.validator and self.done else None

    @property
    def done(self) -> int:
        """Bytes that exist already."""
        try:
            state = self.data.lstat()
        except OSError:
            return 0
        return state.st_size if stat.S_ISREG(state.st_mode) else 0

    @contextmanager
    def opened(self, version: FileVersion, at: int) -> Iterator[BinaryIO]:
        """Open the data for writing from byte `at` on. Raises `DownloadError` if another program is writing it or
        another user could change it, and `OSError` if it is not a regular file."""
        # A link placed there by another user would redirect the data.
        with open(open_regular(self.data, os.O_RDWR | os.O_CREAT, 0o666, links=False), "r+b") as file:  # noqa: PTH123
            _lock(file, self.data)
            _check_owner(os.fstat(file.fileno()), self.data)
            file.truncate(at)  # truncate first, so that old data never counts as the new version
            file.seek(at)
            if self.version() != version:
                self._describe(version)
            yield file
            file.flush()
            os.fsync(file.fileno())

    def _describe(self, version: FileVersion) -> None:
        # Always a new file, because the existing one may be a link or a pipe placed by another user.
        self.description.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with open(open_regular(self.description, flags, 0o666, links=False), "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(asdict(version), file)

    def publish(self, *, force: bool) -> None:
        """Move the whole file into place at once; without `force`, never over another. Raises `DownloadError`."""
        if force:
            self.data.replace(self.path)
        else:
            try:
                os.link(self.data, self.path)
            except FileExistsError as error:
                raise exists(self.path) from error
            except OSError:  # a file system without hard links: keep the gap between check and move short
                if os.path.lexists(self.path):
                    raise exists(self.path) from None
                self.data.rename(self.path)
            else:
                self.data.unlink()
        self.description.unlink(missing_ok=True)


def exists(path: Path) -> DownloadError:
    """The error for a file that would be overwritten without being asked to."""
    return DownloadError(f"{path} exists already; --force replaces it, and --save FILE takes another name.")


def _check_owner(state: os.stat_result, path: Path) -> None:
    if hasattr(os, "geteuid") and state.st_uid != os.geteuid():
        raise DownloadError(f"{path} belongs to somebody else; --save FILE takes another name.")
    if state.st_nlink > 1:
        raise DownloadError(f"{path} is another file, too (a hard link); --save FILE takes another name.")


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DownloadError(f"{path} is being written by another program.") from error
