"""Reads the rows of a damaged SQLite file page by page.

SQLite finds rows from the root of a table downwards, so one bad page near the root hides all rows below it. Here each
leaf page is read by itself, in any order, with the newer pages of a write-ahead log; the trees above, indices and the
schema are not needed. SQLite's own reader rescues too little: without this the tests of truncated files, of a lost
first page, of a page of noise and of the log beside the file fail. The formats are those of sqlite.org/fileformat2.html
(sections 1.3, 1.5, 1.6, 2.1 and 4).
"""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from tui_chat.regular_files import open_to_read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Value: TypeAlias = "int | float | str | bytes | None"
RescuedRow: TypeAlias = "tuple[int, list[Value]]"
"""A row's id and its columns."""

MAGIC: Final = b"SQLite format 3\0"
LEAF: Final = 0x0D
"""The first byte of a page that holds rows of a table."""
USUAL_SIZE: Final = 4096
"""The page size in bytes to assume if the file's header cannot be read."""
LONGEST: Final = 2**30
"""The most bytes a row can have; SQLite allows no longer ones."""
LOG_HEADER, FRAME_HEADER = 32, 24
"""Bytes of a write-ahead log's header, and of the header of each frame."""


class NoRowError(ValueError):
    """The bytes at this place are not a row."""


class Pages:
    """The pages of a file, in the newest version of each."""

    def __init__(self, file: IO[bytes], log: IO[bytes] | None) -> None:
        """`log` is the write-ahead log beside the file, if there is one."""
        self._file = file
        self._log = log
        self.size = _page_size(file)
        self.count = file.seek(0, 2) // self.size
        self._in_log = _committed(log, self.size) if log is not None else {}
        self.count = max([self.count, *self._in_log])

    def page(self, number: int) -> bytes:
        """Return the page with that number, counted from 1; it is shorter at the end of a truncated file."""
        if self._log is not None and number in self._in_log:
            self._log.seek(self._in_log[number])
            return self._log.read(self.size)
        self._file.seek((number - 1) * self.size)
        return self._file.read(self.size)

    def rows(self) -> Iterator[RescuedRow]:
        """Yield all rows of all tables that can be read."""
        for number in range(1, self.count + 1):
            page = self.page(number)
            start = 100 if number == 1 else 0
            if len(page) == self.size and page[start] == LEAF:
                yield from self._of_leaf(page, start)

    def _of_leaf(self, page: bytes, start: int) -> Iterator[RescuedRow]:
        (count,) = struct.unpack_from(">H", page, start + 3)
        if start + 8 + 2 * count > self.size:
            return
        for at in struct.unpack_from(f">{count}H", page, start + 8):
            try:
                length, at = _varint(page, at)
                id_, at = _varint(page, at)
                yield id_, list(_values(self._payload(page, at, length)))
            except (NoRowError, IndexError, struct.error):
                continue

    def _payload(self, page: bytes, at: int, length: int) -> bytes:
        """Return a row's bytes, including those that continue in overflow pages."""
        if length > min(LONGEST, self.count * self.size):
            raise NoRowError
        most = self.size - 35
        here = length
        if length > most:
            least = (self.size - 12) * 32 // 255 - 23
            here = least + (length - least) % (self.size - 4)
            if here > most:
                here = least
        pieces = [page[at : at + here]]
        left = length - here
        if left:
            (following,) = struct.unpack_from(">I", page, at + here)
            while left > 0:
                if not 1 < following <= self.count:
                    raise NoRowError
                more = self.page(following)
                (following,) = struct.unpack_from(">I", more, 0)
                pieces.append(more[4 : 4 + left])
                left -= self.size - 4
        payload = b"".join(pieces)
        if len(payload) != length:
            raise NoRowError
        return payload


def rows(path: Path) -> Iterator[RescuedRow]:
    """Yield all readable rows of all tables in the file at `path`, in the order of its pages. Raises `OSError`."""
    with open_to_read(path) as file:
        try:
            with open_to_read(path.with_name(f"{path.name}-wal")) as log:
                yield from Pages(file, log).rows()
        except FileNotFoundError:
            yield from Pages(file, None).rows()


def _page_size(file: IO[bytes]) -> int:
    file.seek(0)
    head = file.read(18)
    size = int.from_bytes(head[16:18], "big")
    sound = head.startswith(MAGIC) and size >= 512 and size & (size - 1) == 0
    return size if sound else USUAL_SIZE


def _committed(log: IO[bytes], size: int) -> dict[int, int]:
    """Return the offset of the newest committed version of each page in a write-ahead log."""
    log.seek(0)
    head = log.read(LOG_HEADER)
    if len(head) < LOG_HEADER or int.from_bytes(head[8:12], "big") != size:
        return {}
    salts = head[16:24]
    found: dict[int, int] = {}
    not_yet: dict[int, int] = {}
    at = LOG_HEADER
    while True:
        log.seek(at)
        frame = log.read(FRAME_HEADER)
        if len(frame) < FRAME_HEADER or frame[8:16] != salts:
            return found
        number, of_commit = struct.unpack_from(">II", frame)
        not_yet[number] = at + FRAME_HEADER
        if of_commit:
            found.update(not_yet)
            not_yet.clear()
        at += FRAME_HEADER + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a variable-length number of up to nine bytes; return it and the offset after it."""
    value = 0
    for place in range(at, at + 8):
        byte = data[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    value = value << 8 | data[at + 8]
    return value - 2**64 if value >= 2**63 else value, at + 9


_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Bytes of whole numbers by their serial type."""


def _values(payload: bytes) -> Iterator[Value]:
    """Return the columns of a row. Bytes that are no longer valid UTF-8 are replaced rather than dropped."""
    end, at = _varint(payload, 0)
    body = end
    while at < end:
        kind, at = _varint(payload, at)
        if kind in _INTEGERS:
            size = _INTEGERS[kind]
            yield int.from_bytes(payload[body : body + size], "big", signed=True)
        elif kind == 7:
            size = 8
            yield float(struct.unpack_from(">d", payload, body)[0])
        elif kind in {0, 8, 9}:
            size = 0
            yield None if kind == 0 else kind - 8
        elif kind >= 12:
            size = (kind - 12) // 2
            held = payload[body : body + size]
            yield held.decode("utf-8", "replace") if kind % 2 else held
        else:
            raise NoRowError
        body += size
        if body > len(payload):
            raise NoRowError
