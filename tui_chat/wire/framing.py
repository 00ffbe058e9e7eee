"""Split the bytes of a response body into frames, however they are cut: server-sent events, JSON lines, one JSON
document, or plain text.

`EventStream` follows the WHATWG EventSource algorithm, with three differences that real servers require: comments are
frames (they prove that the server is alive), a field named `error` is a frame (derivatives of llama.cpp report errors
this way), and an event left open at the end of the body is returned, marked as incomplete.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, getincrementaldecoder
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

from tui_chat.wire.foreign import decoded

FrameKind: TypeAlias = Literal["data", "comment", "error", "text"]
BodyKind: TypeAlias = Literal["events", "json", "page", "text"]

MAX_BLOCK: Final = 16 * 1024 * 1024
"""Maximum bytes of one unterminated line or one open event."""


_RETRY_DIGITS: Final = 12
_LONGEST_ID: Final = 4096
"""Maximum characters of an event id; a longer one would not fit into the header that sends it back."""

_LINE: Final = 8
"""Bytes counted for each line of an event in addition to its text, so that an event of empty lines is limited too."""

_BLANK_HEAD: Final = 64 * 1024
_PAGE_HEAD: Final = 16
_PAGE: Final = re.compile(rb"<(!doctype|!--|html|head|body|\?xml)", re.IGNORECASE)
_TEXT: Final = frozenset({"text/plain", "text/markdown"})
_NO_TYPE: Final = frozenset({"", "application/octet-stream"})
"""The content type used if none is given."""
_FIELDS: Final = frozenset({b"", b"data", b"event", b"id", b"retry", b"error"})
_NAMES: Final = frozenset({"id", "retry"})
_KEEP_ALIVE: Final = frozenset({"", "ping", "pong", "heartbeat", "keepalive", "keep-alive", "keep_alive"})
"""Names of nonstandard fields that only show that the server is alive."""
_FIELD_NAME: Final = re.compile(rb"[a-z]*")


class Frame(NamedTuple):
    """One unit of a body, such as an event. A tuple, because a fast stream creates very many of them."""

    kind: FrameKind
    data: str
    event: str = ""
    """The event's name; empty if none was given (EventSource then uses `message`)."""
    id: str = ""
    """The last event id at that point."""
    complete: bool = True
    """False: the body ended inside this event."""


class SkipCount:
    """The amount of a body that could not be read and was skipped.

    Data with a meaning by standard or common use does not count: comments, blank lines, standard fields and `error`,
    keep-alives (`data: ping`, `data: null`), and event types unknown to a dialect.
    """

    def __init__(self) -> None:
        self.events = 0
        """Number of events, or of lines outside of events."""
        self.bytes = 0

    def add(self, text: str) -> None:
        """Count one more item; its text has U+FFFD for each byte that is not valid UTF-8."""
        self.events += 1
        self.bytes += len(text.encode("utf-8", "replace")) - 2 * text.count("\ufffd")

    def include(self, other: SkipCount) -> None:
        """Add another count to this one."""
        self.events += other.events
        self.bytes += other.bytes


class FramingError(ValueError):
    """The body exceeds the limits of framing. The text is a clause for a person."""


class EventStream:
    """Split one body of server-sent events into frames: `feed` its bytes as they arrive, then `close` it."""

    def __init__(self, max_block: int = MAX_BLOCK, *, last_id: str = "", loose: bool = False) -> None:
        """`last_id` is the last event id of the previous connection.

        `loose` is for hand-written servers whose data is plain text. Once data came without a space after the colon,
        such a server writes none, so a space there belongs to the text. An event with a name and without data is a
        frame. A line without any field is a frame of the kind `text`: the rest of a text with line breaks that the
        server inserted into `data: {text}`; its frame includes the preceding line breaks.
        """
        self.retry: int | None = None
        """The last valid `retry` field in milliseconds."""
        self._max_block = max_block
        self._loose = loose
        self._bare = False
        """Data came without a space after the colon."""
        self._inside = False
        """The current event has text."""
        self._start: bytes | None = b""
        """Bytes that may begin a byte order mark; `None` once that is decided."""
        self._tail = bytearray()
        """The current unterminated line."""
        self._after_cr = False
        """The last byte was a CR that ended a line; a following LF belongs to it."""
        self._data: list[str] = []
        self._size = 0
        self._event = ""
        self.skipped = SkipCount()
        self.last_id = last_id
        """The id to send when reconnecting: of the last complete event, or of a block with only an id."""
        self._last_id = last_id

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the frames that `chunk` completes. Raises `FramingError` for a line or an event beyond the limit."""
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
        """Return the frames left at the end of the body; an open event is marked as incomplete."""
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
        """Return the frames of complete lines, each terminated by LF."""
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
                pass  # an invalid id or number
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
    """Split a body of JSON objects, one on each line, into frames; a document over several lines becomes one frame
    at the end."""

    def __init__(self, max_block: int = MAX_BLOCK) -> None:
        self._max_block = max_block
        self._tail = bytearray()
        self._first = True
        self.skipped = SkipCount()
        """Always empty: a line that is not JSON is a frame."""
        self._document = False
        """The body is one document over several lines."""

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the frames that `chunk` completes. Raises `FramingError` for a line or a document beyond the limit."""
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
            # str.strip() would also remove characters that are not white space in JSON, such as a page feed or U+2028.
            if stripped := line.strip(" \t\r\ufeff"):
                if self._first and not _is_json(stripped):
                    self._document = True
                    self._tail[:0] = lines.encode()
                    return []
                self._first = False
                frames.append(Frame("data", stripped))
        return frames

    def close(self) -> list[Frame]:
        """Return the rest of the body, marked as incomplete unless it is complete JSON."""
        text = self._tail.decode("utf-8", "replace").strip(" \t\r\n\ufeff")
        self._tail.clear()
        return [Frame("data", text, complete=_is_json(text))] if text else []


class PlainText:
    """Framing of a body that is the plain text of an answer."""

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8-sig")("replace")

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the text of `chunk`, up to the last complete character."""
        text = self._decoder.decode(chunk)
        return [Frame("text", text)] if text else []

    def close(self) -> list[Frame]:
        """Return the rest of a body that ends inside a character."""
        text = self._decoder.decode(b"", final=True)
        return [Frame("text", text, complete=False)] if text else []


class Framing(Protocol):
    """The common protocol of the three classes above."""

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the frames that `chunk` completes. Raises `FramingError` beyond the limits."""
        ...

    def close(self) -> list[Frame]:
        """Return the frames left at the end of the body."""
        ...


def body_kind(head: bytes, content_type: str = "", *, ended: bool = False, plain: bool = False) -> BodyKind | None:
    """The kind of a body that begins with `head`; `None`: too few bytes to decide and the body has not `ended`.
    `plain`: treat anything unrecognized as text, whatever its type.

    The first bytes decide, because servers mislabel all kinds: no event stream begins with a brace, a bracket or an
    angle bracket, and every one begins with a field or a comment. The Content-Type only decides between a broken event
    stream and plain text, and about a text that begins with such a bracket.
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
