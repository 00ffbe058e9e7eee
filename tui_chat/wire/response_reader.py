"""Read the events of a response: choose the framing by the kind of body, decode the frames, and end exactly once."""

from __future__ import annotations

import re
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import CutOff, Ending, Failed, Finished, KeepAlive, Skipped, TextDelta
from tui_chat.chat.quick_dataclass import replace
from tui_chat.wire.body_kind import body_kind
from tui_chat.wire.ending_wait import EndingWait
from tui_chat.wire.failures.errors import (
    ERROR_BODY,
    ERROR_BODY_WAIT,
    NO_SECRETS,
    ConnectionLostError,
    excerpt,
    of_page,
    page_title,
)
from tui_chat.wire.foreign import decoded
from tui_chat.wire.framing import EventStream, Frame, FramingError, JsonLines, PlainText
from tui_chat.wire.http.charset import charset_in, decoded_text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.secrets import Secrets
    from tui_chat.wire.body_kind import BodyKind
    from tui_chat.wire.dialects import ResponseDecoder
    from tui_chat.wire.framing import Framing
    from tui_chat.wire.http.transport import HttpResponse

_MAX_TEXT: Final = 2000
_LINES: Final = re.compile(r"application/(x-)?(ndjson|jsonl(ines)?)\b", re.IGNORECASE)


async def read_events(
    answer: HttpResponse,
    dialect: ResponseDecoder,
    url: str,
    page_timeout: float,
    secrets: Secrets = NO_SECRETS,
    *,
    patient: bool = False,
) -> AsyncGenerator[Sequence[ChatEvent], None]:
    """Yield the events of a 2xx response in batches, one for each piece of the body; the last event is an ending. A
    web page instead of an answer is read for up to `page_timeout` seconds. `patient`: the rest of a response is awaited
    without a limit after its end was announced."""
    head = b""
    lost = ""
    wait = EndingWait(unlimited=patient)
    content_type = answer.headers.get("content-type", "")
    kind: BodyKind | None = None
    try:
        while kind is None and (chunk := await answer.chunk()) is not None:
            head += chunk
            kind = body_kind(head, content_type, plain=dialect.plain)
            if kind is None:
                yield [KeepAlive()]
    except ConnectionLostError as error:
        lost = str(error)
    if kind is None:  # the body has ended
        kind = body_kind(head, content_type, ended=True, plain=dialect.plain) if head else "events"
    match kind:
        case "page":
            rest, seconds = await answer.beginning(ERROR_BODY, ERROR_BODY_WAIT, page_timeout)
            yield [
                of_page(
                    head + rest,
                    url=url,
                    status=answer.status,
                    seconds=seconds,
                    secrets=secrets,
                    content_type=content_type,
                )
            ]
            return
        case "json":
            batches = _json(answer, dialect, head, lost, content_type, wait)
        case "text":
            batches = _text(answer, head, lost, charset_in(content_type))
        case _:
            batches = _events(answer, dialect, head, lost, secrets, charset_in(content_type), wait)
    async with aclosing(batches) as reading:
        async for batch in reading:
            yield batch


class _BodyDecoder:
    """Decode the frames of one body with a dialect, and track skipped data and the wait for the end."""

    def __init__(self, dialect: ResponseDecoder, framing: EventStream | JsonLines, wait: EndingWait) -> None:
        self.dialect = dialect
        self.framing = framing
        self.wait = wait
        self._reported = (0, 0)
        """Skipped events and bytes that were already reported."""

    def decode(self, frame: Frame) -> Sequence[ChatEvent]:
        """Return the events of one frame."""
        dialect = self.dialect
        events = dialect.decode(frame)
        if dialect.ending_announced or self.wait.running:
            self.wait.observe(events, announced=dialect.ending_announced, reason=dialect.finishing)
        return events

    def batch(self, events: list[ChatEvent]) -> Sequence[ChatEvent]:
        """Return events that arrived together, with newly skipped data reported before an ending; never empty."""
        counts = (self.dialect.skipped, self.framing.skipped)
        skipped = (sum(count.events for count in counts), sum(count.bytes for count in counts))
        if skipped != self._reported:
            place = len(events) - bool(events and isinstance(events[-1], Ending))
            events.insert(place, Skipped(skipped[0] - self._reported[0], skipped[1] - self._reported[1]))
            self._reported = skipped
        return events or (KeepAlive(),)


async def _events(
    answer: HttpResponse,
    dialect: ResponseDecoder,
    head: bytes,
    lost: str,
    secrets: Secrets,
    charset: str,
    wait: EndingWait,
) -> AsyncGenerator[Sequence[ChatEvent], None]:
    framed = False
    framing = EventStream(loose=dialect.plain, lenient=not dialect.plain, charset=charset)
    decoder = _BodyDecoder(dialect, framing, wait)
    async with aclosing(_framed(answer, framing, head, lost, decoder)) as pieces:
        async for frames, ended in pieces:
            batch: list[ChatEvent] = []
            framed = framed or bool(frames)
            if ended is not None and not framed and head:
                text = secrets.masked(decoded_text(head, charset))[:_MAX_TEXT].strip()  # not an event stream after all
                frames = [Frame("data", text, complete=False)]
            for frame in frames:
                batch += decoder.decode(frame)
            if ended is not None:
                skipped = dialect.skipped.last or framing.skipped.last
                batch += _with_what_came_instead(dialect.close(ended), skipped, secrets)
            yield decoder.batch(batch)


def _with_what_came_instead(events: Sequence[ChatEvent], skipped: str, secrets: Secrets) -> Sequence[ChatEvent]:
    """Add the last line that was skipped to the reason of a broken reply: servers write their error there."""
    said = page_title(skipped.encode()) or ("" if skipped.startswith("<") else excerpt(secrets.masked(skipped)))
    if not said or not events or not isinstance(events[-1], CutOff):
        return events
    return (*events[:-1], replace(events[-1], why=f"{events[-1].why}; the last it sent was “{said}”"))


async def _json(
    answer: HttpResponse, dialect: ResponseDecoder, head: bytes, lost: str, content_type: str, wait: EndingWait
) -> AsyncGenerator[Sequence[ChatEvent], None]:
    """Read JSON lines or one document: unless lines are certain, the first one waits for a second."""
    held: Frame | None = None
    streams = dialect.lines or _LINES.match(content_type) is not None
    text = content_type.startswith("text/plain")
    framing = JsonLines(charset=charset_in(content_type), text=text)
    decoder = _BodyDecoder(dialect, framing, wait)
    async with aclosing(_framed(answer, framing, head, lost, decoder)) as pieces:
        async for frames, ended in pieces:
            batch: list[ChatEvent] = []
            if ended == "" and frames and not (frames[0].complete or dialect.begun or held or dialect.plain or text):
                yield [Failed("The server's answer breaks off in the middle of its JSON.", "Try again.")]
                return
            for frame in frames:
                if not streams and held is None:
                    held = frame
                    continue
                if held is not None:
                    batch += decoder.decode(held)
                    held, streams = None, True
                batch += decoder.decode(frame)
            if ended is not None and held is None:
                batch += dialect.close(ended)
            elif ended is not None and held is not None:
                batch += _document(dialect, held, ended, content_type)
            yield decoder.batch(batch)


def _document(dialect: ResponseDecoder, held: Frame, lost: str, content_type: str) -> Sequence[ChatEvent]:
    text = content_type.startswith("text/plain")
    if held.complete:
        events = dialect.decode_document(decoded(held.data))
        if not (text and dialect.plain and not dialect.begun and _is_unrecognised(events)):
            return events
    elif lost:
        return dialect.close(lost)
    if text:  # it begins with a bracket
        return [TextDelta(held.data), Finished(None, "eof")]
    return dialect.decode_document(None)


def _is_unrecognised(events: Sequence[ChatEvent]) -> bool:
    """Whether a document is neither an answer nor an error."""
    return isinstance(events[-1], Failed) and events[-1].message is None


async def _text(
    answer: HttpResponse, head: bytes, lost: str, charset: str
) -> AsyncGenerator[Sequence[ChatEvent], None]:
    """Read a plain text answer, which ends with the body."""
    async with aclosing(_framed(answer, PlainText(charset), head, lost)) as pieces:
        async for frames, ended in pieces:
            batch: list[ChatEvent] = [TextDelta(frame.data) for frame in frames]
            if ended is not None:
                batch.append(CutOff(ended) if ended else Finished(None, "eof"))
            yield batch or [KeepAlive()]


async def _framed(
    answer: HttpResponse, framing: Framing, head: bytes, lost: str, decoder: _BodyDecoder | None = None
) -> AsyncGenerator[tuple[list[Frame], str | None], None]:
    """Yield the frames of each piece of the body, and at its end a clause that says how it broke off (`""`: it did
    not). After the dialect's ending, or when the wait for one is over, the rest of the body is ignored."""
    chunk: bytes | None = head
    dialect = None if decoder is None else decoder.dialect
    try:
        while chunk is not None:
            frames = framing.feed(chunk)
            try:
                yield frames, None
            finally:
                if dialect is not None and dialect.over:
                    await answer.drain()
            if dialect is not None and dialect.over:
                return
            if lost:
                break
            chunk = await (answer.chunk() if decoder is None else _within(answer, decoder.wait))
    except ConnectionLostError as error:
        lost = str(error)
    except FramingError as error:
        lost = f"{error}, and was not read any further"
    yield framing.close(), lost


async def _within(answer: HttpResponse, wait: EndingWait) -> bytes | None:
    """Return the next piece; `None`: the body has ended, or the wait for its end is over."""
    while (within := wait.left()) != 0:
        try:
            return await answer.chunk(within=within)
        except TimeoutError:
            continue
    return None
