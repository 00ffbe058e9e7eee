"""Cut the body of a recorded response into frames and decode them, afterwards or while it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui_chat.chat.events import (
    CutOff,
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Skipped,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from tui_chat.chat.metrics.replies import reply_metrics
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.dialects.detect import DetectedDialect, dialect_in
from tui_chat.wire.failures.errors import of_page
from tui_chat.wire.failures.statuses import of_status
from tui_chat.wire.foreign import decoded
from tui_chat.wire.framing import Frame
from tui_chat.wire.inspection.frame_cutter import FrameCutter
from tui_chat.wire.tape.api import api_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.events import ChatEvent, Delta, Usage
    from tui_chat.chat.metrics.replies import ReplyMetrics
    from tui_chat.tape_file import TapeFile
    from tui_chat.wire.dialects import Dialect
    from tui_chat.wire.inspection.frame_cutter import CutFrame

TapedFrameKind = Literal["data", "comment", "error", "text", "rest"]
"""`rest`: bytes at the end of a body that make no frame."""


@dataclass(frozen=True, slots=True)
class TapedFrame:
    """One frame of a recorded body. Times are seconds on the clock of the pieces."""

    number: int
    """Counts the frames of a body from 1."""
    at: float
    """The arrival of its last byte, in seconds since the request."""
    gap: float
    """The time since the frame before it, or since the request."""
    kind: TapedFrameKind
    event: str
    """The name of a server-sent event; empty: none was given."""
    data: str
    """Its text, as the server wrote it."""
    raw: bytes
    """Its bytes on the wire, unpacked, with what separates it from the frame before it."""
    events: tuple[ChatEvent, ...]
    """Its meaning in the API of the request; empty: none."""
    skipped: int = 0
    """The bytes before it or in it that could not be read."""
    complete: bool = True
    """Whether it had its end; otherwise the body ended before."""


class FrameReader:
    """Reads one response: `feed` it the pieces of the body in order, then `close` it."""

    def __init__(self, url: str, status: int, headers: Mapping[str, str], began: float = 0.0) -> None:
        """`url`: of the request; `headers`: of the response, by lower-case names; `began`: when the request was made,
        on the clock of the pieces."""
        self.ending: ChatEvent | None = None
        """The ending of the reply, once it has one."""
        self._url = url
        self._status = status
        self._headers = headers
        self._name = api_of(url)
        self._decoder = DetectedDialect(_dialect(self._name or "openai-chat"), self._name, _dialect)
        self._cutter = FrameCutter(headers.get("content-type", ""))
        self._raw = bytearray()
        """The bytes that came since the last frame."""
        self._cut = 0
        """Bytes of the body that belong to frames."""
        self._document: TapedFrame | None = None
        """A JSON document that may be the first line of many or the whole answer."""
        self._body = bytearray()
        """The body of an error or a web page."""
        self._count = 0
        self._last = began
        self._known_skipped = 0
        """Bytes that could not be read, up to the last frame."""

    @property
    def is_stream(self) -> bool:
        """Whether the body is a stream of events; otherwise it is lines, one document, a page or text."""
        return self._cutter.kind == "events" and 200 <= self._status < 300

    def feed(self, at: float, data: bytes) -> list[TapedFrame]:
        """Return the frames that a piece completes. `at`: when it came."""
        self._raw += data
        return [self._frame(at, cut) for cut in self._cutter.feed(data)]

    def close(self, at: float, lost: str = "") -> tuple[list[TapedFrame], Sequence[ChatEvent]]:
        """Return the frames at the end of the body, and the events that its end brings. `lost`: a clause that says how
        the body broke off; empty: it did not."""
        found = [self._frame(at, cut) for cut in self._cutter.close()]
        if self._raw.strip():
            found.append(self._made(at, Frame("text", self._raw.decode("utf-8", "replace")), (), kind="rest"))
        return found, [*self._skipped(), *([] if self.ending is not None else self._noted(self._end(lost), at))]

    def _frame(self, at: float, cut: CutFrame) -> TapedFrame:
        frame = cut.frame
        size = max(0, cut.end - self._cut)  # frames of one event have the same bytes; the first of them gets them
        kind = self._cutter.kind
        events: Sequence[ChatEvent] = ()
        if not 200 <= self._status < 300 or kind == "page":
            self._body += self._raw[:size]
        elif kind == "text":
            events = [TextDelta(frame.data)]
        elif kind == "json" and self._count == 0 and not self._lines(frame):
            self._document = made = self._made(at, frame, (), size)
            return made
        elif self.ending is None:
            if self._document is not None:
                first, self._document = self._document, None
                events = [*self._decoder.decode(Frame("data", first.data)), *self._decoder.decode(frame)]
            else:
                events = self._decoder.decode(frame)
        return self._made(at, frame, self._noted(events, at), size)

    def _lines(self, frame: Frame) -> bool:
        """Whether the first JSON document is certainly the first line of many."""
        content_type = self._headers.get("content-type", "")
        return frame.complete and (self._decoder.lines or "ndjson" in content_type or "jsonl" in content_type)

    def _made(
        self,
        at: float,
        frame: Frame,
        events: Sequence[ChatEvent],
        size: int | None = None,
        kind: TapedFrameKind | None = None,
    ) -> TapedFrame:
        self._count += 1
        raw = bytes(self._raw[:size])
        del self._raw[:size]
        self._cut += len(raw)
        gap, self._last = at - self._last, at
        skipped = self._decoder.skipped.bytes + self._cutter.skipped.bytes
        new, self._known_skipped = skipped - self._known_skipped, skipped
        complete = frame.complete or self._cutter.kind != "events"
        made = kind or frame.kind
        return TapedFrame(self._count, at, gap, made, frame.event, frame.data, raw, tuple(events), new, complete)

    def _end(self, lost: str) -> Sequence[ChatEvent]:
        if not 200 <= self._status < 300:
            return [of_status(self._status, self._headers, bytes(self._body), url=self._url)]
        if self._cutter.kind == "page":
            return [of_page(bytes(self._body), url=self._url, status=self._status)]
        if self._cutter.kind == "text":
            return [CutOff(lost) if lost else Finished(None, "eof")]
        if self._document is not None and not lost:
            try:
                document = decoded(self._document.data)
            except ValueError:
                document = None
            if dialect_in(document) is not None or isinstance(document, dict):
                return self._decoder.decode_document(document)
        return self._decoder.close(lost)

    def _skipped(self) -> Sequence[ChatEvent]:
        counts = [self._decoder.skipped, self._cutter.skipped]
        events, size = sum(count.events for count in counts), sum(count.bytes for count in counts)
        return [Skipped(events, size)] if events or size else []

    def _noted(self, events: Sequence[ChatEvent], at: float) -> Sequence[ChatEvent]:
        """Give events the time of their piece, and note the ending."""
        timed = [replace(event, at=at) for event in events]
        for event in timed:
            if isinstance(event, Finished | CutOff | Failed):
                self.ending = event
        return timed


def _dialect(name: str) -> Dialect:
    return DIALECTS[name]()


@dataclass(frozen=True, slots=True)
class TapedReply:
    """A recorded response, read. Times are seconds since the request was begun."""

    frames: tuple[TapedFrame, ...]
    events: tuple[ChatEvent, ...]
    """Everything that the response meant, in order; empty if there was none."""

    @property
    def deltas(self) -> list[Delta]:
        """The pieces of the reply."""
        return [
            event
            for event in self.events
            if isinstance(event, TextDelta | ReasoningDelta | RefusalDelta | ToolCallDelta)
        ]

    def metrics(self, sent: float | None = None) -> ReplyMetrics:
        """Return the metrics of the reply. `sent`: when the request had been sent; `None`: at 0."""
        deltas, usage = self.deltas, self.usage
        tokens = None if usage is None else usage.output
        if tokens is not None and usage is not None and usage.reasoning_apart:
            tokens += usage.reasoning or 0
        return reply_metrics(sent or 0.0, [delta.at for delta in deltas], tokens)

    @property
    def usage(self) -> Usage | None:
        """The token counts that the server reported last."""
        return next((event.usage for event in reversed(self.events) if isinstance(event, UsageReport)), None)

    @property
    def ending(self) -> Finished | CutOff | Failed | None:
        """The ending of the reply; `None`: the client stopped it, or there was no response."""
        return next((event for event in reversed(self.events) if isinstance(event, Finished | CutOff | Failed)), None)


def read_reply(tape: TapeFile) -> TapedReply:
    """Read the response of a tape. It may take a second for a large one: call it in a thread, not in an event loop."""
    if tape.status is None:
        return TapedReply((), ())
    headers = {name.lower(): value for name, value in tape.response_headers}
    reader = FrameReader(tape.url, tape.status, headers)
    frames = [frame for at, data in tape.pieces for frame in reader.feed(at, data)]
    end = tape.ended if tape.ended is not None else (tape.pieces[-1][0] if tape.pieces else tape.responded or 0.0)
    lost = tape.why or ("the recording was interrupted" if tape.ended is None else "")
    last, events = reader.close(end, lost if tape.how != "end" else "")
    frames += last
    if tape.how == "stopped":  # what the end of the body would mean is no matter: the client did not wait for it
        events = [event for event in events if not isinstance(event, CutOff)]
    return TapedReply(tuple(frames), (*(event for frame in frames for event in frame.events), *events))
