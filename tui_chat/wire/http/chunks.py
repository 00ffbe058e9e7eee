"""Join the chunks of a body in chunked transfer coding that were received together."""

from __future__ import annotations

import re
from typing import Final

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_BEGUN_SIZE: Final = re.compile(rb"[0-9A-Fa-f]{1,8}\r?")
_STATUS_WITHOUT_BODY: Final = re.compile(rb"\S+ (?:1\d\d|204|304)\b")
_CHUNKED: Final = re.compile(rb"\ntransfer-encoding:[ \t]*chunked[ \t]*\r?\n", re.IGNORECASE)


class ChunkJoiner:
    """Rewrites one response's body as it is received: the chunks that are complete in a piece become one chunk.

    The sizes of chunks have no meaning (RFC 9112, section 7.1), but servers send a chunk for each token, and h11 takes
    longer for a chunk than all of the client for the token in it. Whatever is not simply a chunk (the last one, one
    with extensions, a mistake) passes unchanged with all that follows it, and h11 judges it.
    """

    def __init__(self, head: bytes) -> None:
        """`head`: the response's status line and headers."""
        self._passes = _STATUS_WITHOUT_BODY.match(head) is not None or _CHUNKED.search(head) is None
        """Whether the rest of the body passes unchanged."""
        self._left = 0
        """Bytes that come before the next chunk: the rest of one that was passed on before it was complete."""
        self._size = b""
        """The beginning of a chunk's size, which was passed on."""

    def joined(self, piece: bytes) -> bytes:
        """Return a piece of the body with fewer chunks."""
        if self._passes:
            return piece
        start = self._left
        if self._size:
            size, self._size = self._size, b""
            start = len(piece) + self._missing(size + piece)
        if start >= len(piece):
            self._left = start - len(piece)
            return piece
        at, contents = start, []
        while (size_line := _SIZE.match(piece, at)) is not None:
            begin = size_line.end()
            end = begin + int(size_line[1], 16)
            if end == begin or piece[end : end + 2] != b"\r\n":
                break
            contents.append(piece[begin:end])
            at = end + 2
        self._left = max(0, self._missing(piece[at:])) if at < len(piece) else 0
        if len(contents) < 2:
            return piece
        content = b"".join(contents)
        return b"%b%x\r\n%b\r\n%b" % (piece[:start], len(content), content, piece[at:])

    def _missing(self, begun: bytes) -> int:
        """The number of bytes from the end of `begun`, which begins with a chunk, to the end of that chunk; negative if
        more follows it, 0 if that cannot be said."""
        size = _SIZE.match(begun)
        if size is None:
            self._passes = _BEGUN_SIZE.fullmatch(begun) is None
            self._size = begun
            return 0
        self._passes = not int(size[1], 16)
        return size.end() + int(size[1], 16) + 2 - len(begun)
