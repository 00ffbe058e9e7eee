"""Bytes of a response's body to frames: server-sent events, JSON lines, one JSON document or plain text, cut anywhere.

`EventStream` follows the WHATWG EventSource algorithm, with three differences that real servers ask for: comments are
frames (they prove that the server is alive), a field named `error` is a frame (llama.cpp derivatives report failures
so), and an event that the body's end left open is handed over, marked incomplete.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, getincrementaldecoder
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

from tui_chat.wire.foreign import decoded

FrameKind: TypeAlias = Literal["data", "comment", "error", "text"]
BodyKind: TypeAlias = Literal["events", "json", "page", "text"]

MAX_BLOCK: Final = 16 * 1024 * 1024
"""Bytes that one unterminated line, or one event that is still open, may hold."""


_RETRY_DIGITS: Final = 12
_LONGEST_ID: Final = 4096
"""Characters; a longer id would not fit into the header that brings it back."""

_LINE: Final = 8
"""What a line of an event counts for besides its text, so that one of empty lines has a bound, too."""

_BLANK_HEAD: Final = 64 * 1024
_PAGE_HEAD: Final = 16
_PAGE: Final = re.compile(rb"<(!doctype|!--|html|head|body|\?xml)", re.IGNORECASE)
_TEXT: Final = frozenset({"text/plain", "text/markdown"})
_NO_TYPE: Final = frozenset({"", "application/octet-stream"})
"""What is said where nothing is known."""
_FIELDS: Final = frozenset({b"", b"data", b"event", b"id", b"retry", b"error"})
_NAMES: Final = frozenset({"id", "retry"})
_KEEP_ALIVE: Final = frozenset({"", "ping", "pong", "heartbeat", "keepalive", "keep-alive", "keep_alive"})
"""Names of fields that no standard has, and that say nothing but that the server is alive."""
_FIELD_NAME: Final = re.compile(rb"[a-z]*")


class Frame(NamedTuple):
    """One thing a body said. A tuple, because a fast stream makes very many of them."""

    kind: FrameKind
    data: str
    event: str = ""
    """The event's name; empty where the block named none (EventSource says `message` then)."""
    id: str = ""
    """The last event id at that point."""
    complete: bool = True
    """False: the body ended inside this event."""


class SkipCount:
    """How much of a body could not be read and was passed over.

    What the standard or common use gives a meaning is none of it: comments, blank lines, fields of the standard and
    `error`, keep-alives (`data: ping`, `data: null`), events of kinds that a dialect does not know.
    """

    def __init__(self) -> None:
        self.events = 0
        """Events, or lines outside of any."""
        self.bytes = 0

    def add(self, text: str) -> None:
        """One more: its text, in which each byte that was no UTF-8 stands as U+FFFD."""
        self.events += 1
        self.bytes += len(text.encode("utf-8", "replace")) - 2 * text.count("\ufffd")

    def include(self, other: SkipCount) -> None:
        """All of another count."""
        self.events += other.events
        self.bytes += other.bytes


class FramingError(ValueError):
    """The body cannot be framed within bounds. Its text is a clause for a person."""


class EventStream:
    """Splits one body into frames. Feed it the body's bytes as they come, then `close` it."""

    def __init__(self, max_block: int = MAX_BLOCK, *, last_id: str = "", loose: bool = False) -> None:
        """`last_id` is that of the connection before.

        `loose` is for servers written by hand whose data is plain text. Once data has come without a space after the
        colon, such a writer puts none, and a space there is the text's own; an event that has a name and no data is a
        frame too; and a line without any field is one, of the kind text: the rest of a text that was written into
        `data: {text}` as it was, with the line ends before it.
        """
        self.retry: int | None = None
        """The last valid `retry` field, in milliseconds."""
        self._max_block = max_block
        self._loose = loose
        self._bare = False
        """Data has come without a space after the colon."""
        self._inside = False
        """Text has come in this event."""
        self._start: bytes | None = b""
        """Bytes that may be the beginning of a byte order mark; `None` once that is settled."""
        self._tail = bytearray()
        """A line that has not ended."""
        self._after_cr = False
        """The last line ended with the last byte seen, a CR: an LF that comes next belongs to it."""
        self._data: list[str] = []
        self._size = 0
        self._event = ""
        self.skipped = SkipCount()
        self.last_id = last_id
        """The id of the last event that was whole, or of a block that had nothing but an id: what to come back with."""
        self._last_id = last_id

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that `chunk` completes. Raises `FramingError` for a line or an event beyond the bound."""
        if self._start is not None:
            chunk = self._start + chunk
            if len(chunk) < len(BOM_UTF8) and BOM_UTF8.startswith(chunk):
                self._start = chunk
                return []
            self._start = None
            chunk = chunk.removeprefix(BOM_UTF8)
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        end = chunk.rfind(b"\n")
        has_cr = b"\r" in chunk
        if has_cr:
            last_cr = chunk.rfind(b"\r")
            self._after_cr = last_cr == len(chunk) - 1
            end = max(end, last_cr)
        if end < 0:
            self._tail += chunk
            self._bound(len(self._tail))
            return []
        lines = chunk[: end + 1]
        if self._tail:
            lines = bytes(self._tail + lines)
            self._tail.clear()
        self._tail += chunk[end + 1 :]
        if has_cr:
            lines = lines.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        # A line feed ends any broken UTF-8 sequence, so whole lines decode as the whole body would.
        return self._take(lines.decode("utf-8", "replace"))

    def close(self) -> list[Frame]:
        """The frames that the end of the body leaves over; an open event is marked incomplete."""
        frames: list[Frame] = []
        if self._start:
            self._tail += self._start
        if self._tail:
            self._line(self._tail.decode("utf-8", "replace"), frames)
            self._tail.clear()
        if self._data or (self._loose and self._event):
            frames.append(Frame("data", "\n".join(self._data), self._event, self._last_id, complete=False))
            self._data = []
        return frames

    def _take(self, lines: str) -> list[Frame]:
        """Frames of whole lines, each ended by LF."""
        frames: list[Frame] = []
        blocks = lines.split("\n\n")
        rest = blocks.pop()
        for block in blocks:
            # Nearly all blocks of nearly all servers are one data line.
            one_line = block.startswith("data:") and "\n" not in block and not self._data and not self._event
            if one_line and not self._loose:
                frames.append(Frame("data", block[6:] if block[5:6] == " " else block[5:], "", self._last_id))
                self.last_id = self._last_id
                continue
            for line in block.split("\n"):
                self._line(line, frames)
            self._dispatch(frames)
        if rest:
            for line in rest[:-1].split("\n"):
                self._line(line, frames)
        return frames

    def _line(self, line: str, frames: list[Frame]) -> None:
        if not line:
            self._dispatch(frames)
            return
        field, _, value = line.partition(":")
        if self._loose and field == "data" and value:
            self._bare = self._bare or value[0] != " "
        if not self._bare or field != "data":
            value = value.removeprefix(" ")
        match field:
            case "data":
                self._size += len(value) + _LINE
                self._bound(self._size)
                self._data.append(value)
            case "event":
                self._event = value
            case "":
                frames.append(Frame("comment", value, id=self._last_id))
            case "error":
                frames.append(Frame("error", value, id=self._last_id))
            case "id" if "\0" not in value and len(value) <= _LONGEST_ID:
                self._last_id = value
            case "retry" if value.isascii() and value.isdigit() and len(value) <= _RETRY_DIGITS:
                self.retry = int(value)
            case _ if field in _NAMES:
                pass  # an id or a number of the standard that is none
            case _ if self._loose:
                self._stray(line, frames)
            case _:  # the algorithm skips unknown fields
                if field.strip().lower() not in _KEEP_ALIVE:
                    self.skipped.add(line)

    def _dispatch(self, frames: list[Frame]) -> None:
        if self._data or (self._loose and self._event and not self._inside):
            frames.append(Frame("data", "\n".join(self._data), self._event, self._last_id))
            self._data = []
            self._size = 0
        self._inside = False
        self.last_id = self._last_id
        self._event = ""

    def _stray(self, line: str, frames: list[Frame]) -> None:
        before = "\n" if self._data or self._inside else "\n\n"
        if self._data:
            frames.append(Frame("data", "\n".join(self._data), self._event, self._last_id))
            self._data = []
            self._size = 0
        frames.append(Frame("text", before + line, self._event, self._last_id))
        self._inside = True

    def _bound(self, size: int) -> None:
        if size > self._max_block:
            self._tail.clear()  # `close` must not find it again
            self._data = []
            raise FramingError(f"an event is larger than {self._max_block >> 20} MiB")


class JsonLines:
    """Splits a body of JSON objects, one a line, into frames; a document over several lines is one, at the end."""

    def __init__(self, max_block: int = MAX_BLOCK) -> None:
        self._max_block = max_block
        self._tail = bytearray()
        self._first = True
        self.skipped = SkipCount()
        """Nothing here: a line that is no JSON is a frame."""
        self._document = False
        """The body is one document over several lines."""

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that `chunk` completes. Raises `FramingError` for a line or a document beyond the bound."""
        end = -1 if self._document else chunk.rfind(b"\n")
        if end < 0:
            self._tail += chunk
            if len(self._tail) > self._max_block:
                raise FramingError(f"the answer is larger than {self._max_block >> 20} MiB")
            return []
        lines = (bytes(self._tail) + chunk[: end + 1]).decode("utf-8", "replace")
        self._tail[:] = chunk[end + 1 :]
        frames: list[Frame] = []
        for line in lines.split("\n"):
            # A page feed or U+2028 is no white space of JSON; str.strip() would take it.
            if stripped := line.strip(" \t\r\ufeff"):
                if self._first and not _is_json(stripped):
                    self._document = True
                    self._tail[:0] = lines.encode()
                    return []
                self._first = False
                frames.append(Frame("data", stripped))
        return frames

    def close(self) -> list[Frame]:
        """What the end of the body leaves over, marked incomplete unless it is whole JSON."""
        text = self._tail.decode("utf-8", "replace").strip(" \t\r\n\ufeff")
        self._tail.clear()
        return [Frame("data", text, complete=_is_json(text))] if text else []


class PlainText:
    """A body that is nothing but the text of an answer."""

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8-sig")("replace")

    def feed(self, chunk: bytes) -> list[Frame]:
        """The text of `chunk`, whole characters only."""
        text = self._decoder.decode(chunk)
        return [Frame("text", text)] if text else []

    def close(self) -> list[Frame]:
        """What a body that ends in the middle of a character leaves over."""
        text = self._decoder.decode(b"", final=True)
        return [Frame("text", text, complete=False)] if text else []


class Framing(Protocol):
    """One of the three above."""

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that `chunk` completes. Raises `FramingError` beyond the bounds."""
        ...

    def close(self) -> list[Frame]:
        """What the end of the body leaves over."""
        ...


def body_kind(head: bytes, content_type: str = "", *, ended: bool = False, plain: bool = False) -> BodyKind | None:
    """What a body that begins with `head` is; `None`: too little to tell, unless it has `ended`. `plain`: what looks
    like nothing else is text, whatever its type.

    The first bytes tell, whatever the Content-Type says, because servers mislabel all kinds: no event stream begins
    with a brace, a bracket or an angle bracket, and all begin with a field or a comment. The type decides only between
    a broken event stream and an answer in plain text, and what a text is that begins with such a bracket.
    """
    if len(head) < len(BOM_UTF8) and BOM_UTF8.startswith(head) and not ended:
        return None
    start = head.removeprefix(BOM_UTF8).lstrip(b" \t\r\n")
    named = content_type.partition(";")[0].strip().lower()
    if not start:
        return None if len(head) < _BLANK_HEAD and not ended else "events"
    if start[:1] in b"{[":
        return "json"
    if start[:1] == b"<":
        if named not in _TEXT or _PAGE.match(start):
            return "page"
        return None if len(start) < _PAGE_HEAD and not ended else "text"
    field = _FIELD_NAME.match(start)
    name = field[0] if field else b""
    if start[len(name) : len(name) + 1] in {b":", b"\r", b"\n"} and name in _FIELDS:
        return "events"
    if len(name) == len(start) and not ended and any(known.startswith(name) for known in _FIELDS):
        return None
    return "text" if plain or named in _TEXT or named in _NO_TYPE else "events"


def _is_json(text: str) -> bool:
    try:
        decoded(text)
    except ValueError:
        return False
    return True
