"""Split the bytes of a response body into frames, however they are cut: server-sent events, JSON lines, one JSON
document, or plain text.

`EventStream` follows the WHATWG EventSource algorithm, with three differences that real servers require: comments are
frames (they prove that the server is alive), a field named `error` is a frame (derivatives of llama.cpp report errors
this way), and an event left open at the end of the body is returned, marked as incomplete. For chats it is `lenient`
besides.
"""

from __future__ import annotations

from codecs import BOM_UTF8, IncrementalDecoder, getincrementaldecoder
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

from tui_chat.wire.event_names import SIGNIFICANT_NAMES, is_done
from tui_chat.wire.foreign import decoded, split_documents
from tui_chat.wire.http.charset import decoded_text
from tui_chat.wire.skip_count import SkipCount

FrameKind: TypeAlias = Literal["data", "comment", "error", "text"]

MAX_BLOCK: Final = 16 * 1024 * 1024
"""Maximum bytes of one unterminated line or one open event."""


_RETRY_DIGITS: Final = 12
_LONGEST_ID: Final = 4096
"""Maximum characters of an event id; a longer one would not fit into the header that sends it back."""

_LINE: Final = 8
"""Bytes counted for each line of an event in addition to its text, so that an event of empty lines is limited too."""

_AROUND_JSON: Final = " \t\r\n\x1e\ufeff"
"""White space, the separator of JSON text sequences, and byte order marks."""

_NAMES: Final = frozenset({"id", "retry"})
_KEEP_ALIVE: Final = frozenset({"", "ping", "pong", "heartbeat", "keepalive", "keep-alive", "keep_alive"})
"""Names of nonstandard fields that only show that the server is alive."""
_REPAIRED: Final = frozenset({"data", "event", "error"})
_AROUND_NAMES: Final = " \t\0\ufeff"
"""Characters around field names that a server, or the files it is made of, added by mistake."""


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


class FramingError(ValueError):
    """The body exceeds the limits of framing. The text is a clause for a person."""


class EventStream:
    """Split one body of server-sent events into frames: `feed` its bytes as they arrive, then `close` it."""

    def __init__(
        self,
        max_block: int = MAX_BLOCK,
        *,
        last_id: str = "",
        loose: bool = False,
        lenient: bool = False,
        charset: str = "",
    ) -> None:
        """`last_id` is the last event id of the previous connection. `charset` is used for lines that are not UTF-8.

        `lenient` is for servers that write JSON in a form that is almost right, which the standard would skip or join:
        one JSON object after the other without blank lines, an object over several lines of which only the first is
        marked as data, lines of JSON without `data:`, field names with other characters around them, and the names of
        ends and errors without data.

        `loose` is for hand-written servers whose data is plain text. Once data came without a space after the colon,
        such a server writes none, so a space there belongs to the text. An event with a name and without data is a
        frame. A line without any field is a frame of the kind `text`: the rest of a text with line breaks that the
        server inserted into `data: {text}`; its frame includes the preceding line breaks.
        """
        self.retry: int | None = None
        """The last valid `retry` field in milliseconds."""
        self._max_block = max_block
        self._loose = loose
        self._lenient = lenient
        self._charset = charset
        self._unseparated = False
        """The server writes no blank lines between events."""
        self._open_json: bool | None = None
        """Whether the current event is a JSON document over several lines that are not all marked as data; `None`:
        that was not looked at."""
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
        return self._take(decoded_text(lines, self._charset))

    def close(self) -> list[Frame]:
        """Return the frames left at the end of the body; an open event is marked as incomplete."""
        frames: list[Frame] = []
        if self._start:
            self._tail += self._start
        if self._tail:
            self._line(decoded_text(bytes(self._tail), self._charset), frames)
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
                if self._data and self._lenient:
                    self._separate(frames)
                self._size += len(value) + _LINE
                self._bound(self._size)
                self._data.append(value)
                if self._unseparated and (is_done(value) or _is_object(value)):
                    self._dispatch(frames)
            case "event":
                if self._unseparated or (self._event and self._data and self._lenient):
                    self._unseparated = True
                    self._dispatch(frames)
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
            case _:
                if not (self._lenient and self._repaired(line, field, value, frames)):
                    self._skip(line)

    def _skip(self, line: str) -> None:
        """Count a line of an unknown field, which the algorithm skips."""
        if line.partition(":")[0].strip().lower() not in _KEEP_ALIVE:
            self.skipped.add(line)

    def _separate(self, frames: list[Frame]) -> None:
        """End an event before the next line of data if it is a JSON object already."""
        if self._unseparated or (len(self._data) == 1 and _is_object(self._data[0])):
            self._unseparated = True
            self._dispatch(frames)

    def _repaired(self, line: str, field: str, value: str, frames: list[Frame]) -> bool:
        """Handle a line that a server got almost right. Returns False for any other."""
        if self._open_json is None and self._data:
            self._open_json = self._data[0].lstrip()[:1] in {"{", "["} and not _is_json("\n".join(self._data))
        if self._open_json:
            self._size += len(line) + _LINE
            self._bound(self._size)
            self._data.append(line)
            return True
        if (name := field.strip(_AROUND_NAMES).lower()) != field and name in _REPAIRED:
            self._line(f"{name}:{value}", frames)
            return True
        if not self._data and (is_done(line) or _is_object(line)):
            frames.append(Frame("data", line.strip(), self._event, self._last_id))
            return True
        return False

    def _dispatch(self, frames: list[Frame]) -> None:
        self._open_json = None
        named = self._event and (
            (self._loose and not self._inside) or (self._lenient and self._event.lower() in SIGNIFICANT_NAMES)
        )
        if self._data or named:
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

    def __init__(self, max_block: int = MAX_BLOCK, *, charset: str = "", text: bool = False) -> None:
        """`charset` is used where the body is not UTF-8. `text`: what is not one document at the end is a text that
        begins with a bracket, and not several documents."""
        self._max_block = max_block
        self._charset = charset
        self._text = text
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
        lines = decoded_text(bytes(self._tail) + chunk[: end + 1], self._charset)
        self._tail[:] = chunk[end + 1 :]
        frames: list[Frame] = []
        for line in lines.split("\n"):
            # str.strip() would also remove characters that are not white space in JSON, such as a page feed or U+2028.
            if stripped := line.strip(_AROUND_JSON):
                if self._first and not _is_json(stripped):
                    self._document = True
                    self._tail[:0] = lines.encode()
                    return []
                self._first = False
                frames.append(Frame("data", stripped))
        return frames

    def close(self) -> list[Frame]:
        """Return the rest of the body: its documents, and what is left behind them, marked as incomplete."""
        text = decoded_text(bytes(self._tail), self._charset).strip(_AROUND_JSON)
        self._tail.clear()
        if not text or _is_json(text):
            return [Frame("data", text)] if text else []
        documents, rest = ([], text) if self._text else split_documents(text)
        frames = [Frame("data", document) for document in documents]
        return [*frames, Frame("data", rest, complete=False)] if rest else frames


class PlainText:
    """Framing of a body that is the plain text of an answer."""

    def __init__(self, charset: str = "") -> None:
        """`charset` is used from the first bytes on that are not UTF-8."""
        self._charset = charset
        self._decoder: IncrementalDecoder = getincrementaldecoder("utf-8-sig")("strict" if charset else "replace")

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the text of `chunk`, up to the last complete character."""
        text = self._decoded(chunk)
        return [Frame("text", text)] if text else []

    def _decoded(self, chunk: bytes, *, final: bool = False) -> str:
        held = self._decoder.getstate()[0]
        try:
            return self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self._decoder = getincrementaldecoder(self._charset)("replace")
            return self._decoder.decode(held + chunk, final)

    def close(self) -> list[Frame]:
        """Return the rest of a body that ends inside a character."""
        text = self._decoded(b"", final=True)
        return [Frame("text", text, complete=False)] if text else []


class Framing(Protocol):
    """The common protocol of the three classes above."""

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the frames that `chunk` completes. Raises `FramingError` beyond the limits."""
        ...

    def close(self) -> list[Frame]:
        """Return the frames left at the end of the body."""
        ...


def _is_object(text: str) -> bool:
    return text.lstrip()[:1] == "{" and _is_json(text)


def _is_json(text: str) -> bool:
    try:
        decoded(text)
    except ValueError:
        return False
    return True
