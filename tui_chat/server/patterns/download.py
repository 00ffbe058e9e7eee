"""A large file, sent in constant memory, and resumed where it broke off."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import random
import re
import stat
from email.utils import formatdate
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.regular_files import open_to_read
from tui_chat.server.http.streaming_response import BrokenOffError, StreamedBody
from tui_chat.server.patterns.ranges import UnsatisfiableError, asked_range
from tui_chat.server.requests import RequestError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from starlette.middleware import Middleware
    from starlette.requests import Request

PIECE = 256 * 1024
"""Bytes that are read and sent at once: all of a file that is ever in memory, for each client."""

BLOCK = 64 * 1024
"""Bytes that generated data is made of: each block begins with its number."""

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
MAX_SIZE = UNITS["T"]
"""Bytes of generated data, at most."""


class Downloads:
    """`/download-large-file`: the file of `--file`, or with `?size=10M` so many bytes that are made up."""

    def __init__(self, closing: asyncio.Event, file: Path | None) -> None:
        """`closing` is set to break off the downloads under way."""
        self._closing = closing
        self._file = file

    def routes(self, middleware: Sequence[Middleware]) -> list[Route]:
        """The one route, with `middleware` around it."""
        return [Route("/download-large-file", self.download, middleware=middleware)]

    async def download(self, request: Request) -> Response:
        """The whole, with its length and a name to save it by; or the rest, for a client that has the beginning."""
        source = await self._source(request.query_params.get("size"))
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Disposition": content_disposition(source.name),
            "ETag": source.etag,
            "X-Content-Type-Options": "nosniff",
        }
        if source.modified:
            headers["Last-Modified"] = source.modified
        wanted = None
        if request.method == "GET":  # a range has no meaning for HEAD
            try:
                wanted = asked_range(request.headers, source.size, etag=source.etag, modified=source.modified)
            except UnsatisfiableError:
                return Response(status_code=416, headers={"Content-Range": f"bytes */{source.size}"})
        sent = range(source.size) if wanted is None else wanted
        headers["Content-Length"] = str(len(sent))
        if wanted is not None:
            headers["Content-Range"] = f"bytes {sent.start}-{sent.stop - 1}/{source.size}"
        return StreamedBody(
            source.pieces(sent),
            _media_type(source.name),
            self._closing,
            status=200 if wanted is None else 206,
            headers=headers,
        )

    async def _source(self, size: str | None) -> Generated | Stored:
        if size is not None:
            return Generated(_size(size))
        if self._file is None:
            raise HTTPException(404, "Nothing to download; ask for ?size=10M, or start the server with --file")
        return await asyncio.to_thread(Stored.look, self._file)


class Generated:
    """Bytes made up, the same each time, each block with its number in front: a part in the wrong place shows."""

    modified: str | None = None

    def __init__(self, size: int) -> None:
        """`size` in bytes."""
        self.size = size
        self.name = f"generated-{size}.bin"
        """What the client saves it by."""
        self.etag = f'"generated-{size}"'
        """The same for the same bytes, with its quotation marks."""

    async def pieces(self, wanted: range) -> AsyncGenerator[bytes, None]:
        """These bytes."""
        position = wanted.start
        while position < wanted.stop:
            number, offset = divmod(position, BLOCK)
            piece = _block(number)[offset : offset + wanted.stop - position]
            position += len(piece)
            yield piece
            await asyncio.sleep(0)  # a client that reads as fast as this writes would hold up all the others


def _block(number: int) -> bytes:
    head = b"%015d\n" % number
    return head + _noise()[len(head) :]


@cache
def _noise() -> bytes:
    return random.Random(BLOCK).randbytes(BLOCK)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file on the disk. Its every reading happens in a thread: a disk can be slow, and the others must not wait."""

    path: Path
    size: int
    changed: int
    """Nanoseconds, as the file system tells."""
    identity: tuple[int, int]
    """Device and inode."""

    @classmethod
    def look(cls, path: Path) -> Stored:
        """What is there. Raises `HTTPException`: 404 when no file is there, 403 when it can't be read."""
        try:
            found = path.stat()
        except OSError as error:
            raise HTTPException(404, "The file is missing") from error
        if not stat.S_ISREG(found.st_mode):
            raise HTTPException(404, "The file is missing")
        if not os.access(path, os.R_OK):
            raise HTTPException(403, "The file can't be read")
        return cls(path, found.st_size, found.st_mtime_ns, (found.st_dev, found.st_ino))

    @property
    def name(self) -> str:
        """Its own."""
        return self.path.name

    @property
    def etag(self) -> str:
        """By its time and its size, with quotation marks."""
        return f'"{self.changed:x}-{self.size:x}"'

    @property
    def modified(self) -> str:
        """When it was changed last, as HTTP writes dates."""
        return formatdate(self.changed // 1_000_000_000, usegmt=True)

    async def pieces(self, wanted: range) -> AsyncGenerator[bytes, None]:
        """These bytes. Raises `BrokenOffError` when the file has become shorter, is another, or can't be read."""
        position = wanted.start
        while position < wanted.stop:
            piece = await asyncio.to_thread(self._read, position, min(PIECE, wanted.stop - position))
            position += len(piece)
            yield piece

    def _read(self, position: int, length: int) -> bytes:
        # Opened anew for each piece: a thread can't be stopped, and a file that was held open for a client that has
        # gone could be closed, and its number given to another file, while the thread still reads.
        try:
            with open_to_read(self.path) as file:
                found = os.fstat(file.fileno())
                file.seek(position)
                piece = file.read(length)
        except OSError as error:
            raise BrokenOffError(f"The file can't be read: {error.strerror}") from error
        if not piece or (found.st_dev, found.st_ino) != self.identity:
            raise BrokenOffError("The file is not the one it was.")
        return piece


def _size(text: str) -> int:
    """`1000`, `10K`, `2.5M`, `2G`: bytes, by units of 1,024. Raises `RequestError`."""
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,3})?)([KMGT]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    size = int(float(found[1]) * UNITS[found[2].upper()]) if found else -1
    if not 0 <= size <= MAX_SIZE:
        raise RequestError(f"`size` has to be a number of bytes, at most 1T, as in 10M, not `{text[:80]}`.")
    return size


def _media_type(name: str) -> str:
    media_type, compression = mimetypes.guess_type(name)
    return media_type if media_type and not compression else "application/octet-stream"


def content_disposition(name: str) -> str:
    """The header that makes a browser save the body, by RFC 6266: the name in ASCII for old clients, and as it is, in
    RFC 8187's encoding, where that is something else."""
    plain = re.sub(r"[^ !#-\[\]-~]|%", "_", name)  # quotation marks and backslashes are read in different ways
    exact = f"; filename*=UTF-8''{quote(name, safe='', errors='replace')}" if plain != name else ""
    return f'attachment; filename="{plain}"{exact}'
