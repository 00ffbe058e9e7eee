"""Cut the bytes of a body into frames, and say which bytes each frame had."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_chat.wire.body_kind import body_kind
from tui_chat.wire.framing import (
    MAX_BLOCK,
    EventStream,
    Frame,
    FramingError,
    JsonLines,
    PlainText,
)
from tui_chat.wire.http.charset import charset_in
from tui_chat.wire.skip_count import SkipCount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.wire.body_kind import BodyKind

_BLOCK_END: Final = re.compile(rb"(?:\r\n|\n|\r)(?:\r\n|\n|\r)")
"""The end of an event: two line ends."""
_LINE_END: Final = re.compile(rb"\n")
_EVENT_LINE_END: Final = re.compile(rb"\r\n|\n|\r(?=[^\n])")
_UNSEPARATED: Final = re.compile(rb"\}[ \t]{0,8}(?:\r\n|\n|\r)(?:data|event):")
"""The end of a JSON object, behind which another event begins without a blank line."""
_OVERLAP: Final = 3
"""Bytes of a block's end that may have come with the piece before."""
_LONGER_OVERLAP: Final = 24
"""The same for `_UNSEPARATED`."""


class CutFrame(NamedTuple):
    """A frame, and where it stands in the body."""

    frame: Frame
    start: int
    end: int


class FrameCutter:
    """Cuts one body into frames, however it is cut into pieces. A body that exceeds the limits of framing ends with a
    frame of the kind `error`."""

    def __init__(self, content_type: str, start: int = 0) -> None:
        """`start`: the number of bytes of the body before the first piece."""
        self.kind: BodyKind | None = None
        """The kind of body; `None`: too little of it is known."""
        self._content_type = content_type
        self._framing: EventStream | JsonLines | PlainText | None = None
        self._end: re.Pattern[bytes] | None = None
        """The bytes that end a frame; `None`: each piece is one."""
        self._tail = bytearray()
        """The beginning of the frame that has not ended."""
        self._tail_start = start
        self._unreported = start
        """The offset of the first byte that belongs to no frame yet."""
        self._searched = 0
        """Bytes of the tail that hold no end."""
        self._broken = False
        self.unseparated = False
        """The server writes no blank lines between its events."""

    @property
    def skipped(self) -> SkipCount:
        """The part of the body that could not be read."""
        return SkipCount() if self._framing is None or isinstance(self._framing, PlainText) else self._framing.skipped

    def feed(self, data: bytes) -> Iterator[CutFrame]:
        """Yield the frames that a piece completes."""
        self._tail += data
        if self._framing is None and not self._begin(ended=False):
            return
        yield from self._cut()

    def close(self) -> Iterator[CutFrame]:
        """Yield the frames that are left at the body's end."""
        if self._framing is None and not self._begin(ended=True):
            return
        yield from self._cut()
        if self._framing is None or self._broken:
            return
        rest = bytes(self._tail)
        frames = [*(self._framing.feed(rest) if rest else []), *self._framing.close()]
        yield from (CutFrame(frame, self._unreported, self._tail_start + len(rest)) for frame in frames)
        self._tail.clear()

    def _begin(self, *, ended: bool) -> bool:
        kind = body_kind(bytes(self._tail[:65536]), self._content_type, ended=ended) if self._tail else None
        if kind is None:
            return False
        self.kind = kind
        charset = charset_in(self._content_type)
        if kind == "events":
            self._framing, self._end = EventStream(lenient=True, charset=charset), _BLOCK_END
        elif kind == "json":
            self._framing, self._end = JsonLines(charset=charset), _LINE_END
        else:
            self._framing = PlainText(charset)
        return True

    def _ends(self) -> list[int]:
        """The places in the tail at which frames may end."""
        tail, begin = self._tail, max(0, self._searched - _OVERLAP)
        if self._end is None:
            return [len(tail)] if tail else []
        since = max(0, self._searched - _LONGER_OVERLAP)
        if self._end is not _BLOCK_END or (found := _UNSEPARATED.search(tail, since)) is None:
            return [each.end() for each in self._end.finditer(tail, begin)]
        blocks = [each.end() for each in _BLOCK_END.finditer(tail, begin, found.start())]
        self._end, self.unseparated = _EVENT_LINE_END, True
        return [*blocks, *(each.end() for each in _EVENT_LINE_END.finditer(tail, blocks[-1] if blocks else 0))]

    def _cut(self) -> Iterator[CutFrame]:
        framing = self._framing
        if framing is None or self._broken:
            self._tail.clear()
            return
        ends = self._ends()
        begin = 0
        problem = ""
        try:
            for end in ends:
                piece = bytes(self._tail[begin:end])
                frames = framing.feed(piece)
                for number, frame in enumerate(frames, 1):
                    # Without blank lines, the line behind an event shows that it had ended.
                    before = self.unseparated and (number < len(frames) or piece.startswith(b"event"))
                    cut = self._tail_start + (begin if before else end)
                    yield CutFrame(frame, self._unreported, cut)
                    self._unreported = cut
                begin = end
        except FramingError as error:
            problem = str(error)
        if not problem and len(self._tail) - begin > MAX_BLOCK:
            problem = f"an event is larger than {MAX_BLOCK >> 20} MiB"
        if problem:
            self._broken = True
            yield CutFrame(Frame("error", problem), self._unreported, self._tail_start + len(self._tail))
            begin = len(self._tail)
        del self._tail[:begin]
        self._tail_start += begin
        self._searched = len(self._tail)
