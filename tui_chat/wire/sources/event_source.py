"""Read a URL as a browser's EventSource does (HTML standard, section 9.2), and other text streams as well.

An event stream that ends is requested again with the id of its last event, until the server answers 204 or something
other than an event stream. JSON lines and plain text, which a browser refuses, are read once.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_chat.chat.events import Failed
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.sentences import clause
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.wire.body_kind import body_kind
from tui_chat.wire.failures.errors import ConnectFailedError, ConnectionLostError, excerpt, sentence
from tui_chat.wire.framing import EventStream, FramingError, JsonLines, PlainText
from tui_chat.wire.http.charset import charset_in
from tui_chat.wire.sources.fetch import refusal
from tui_chat.wire.sources.files import offered_file

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from tui_chat.wire.sources.fetch import Fetcher, FollowedResponse

StreamKind: TypeAlias = Literal["events", "json", "text"]

WAIT: Final = 3.0
"""Seconds before a browser reconnects, unless a `retry` field changes it."""

SHORTEST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 30.0
"""Seconds; the wait after failed connections grows up to this."""

_JSON: Final = re.compile(r"application/(x-ndjson|x-jsonlines|jsonl|ndjson|([^+]{0,100}\+)?json(-seq)?)$")
_NO_TEXT: Final = frozenset({"text/html"})
_HEADERS: Final = {"Accept": "text/event-stream, */*;q=0.5", "Cache-Control": "no-cache"}


@dataclass(frozen=True, slots=True)
class Connected:
    """The headers of a readable response were received."""

    url: str
    status: int
    kind: StreamKind
    content_type: str


@dataclass(frozen=True, slots=True)
class Bytes:
    """A piece of the body as received."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """An event, a line of JSON or a piece of plain text; the latter two have no id and no name."""

    data: str
    name: str = ""
    id: str = ""
    """The last event id at that point."""


@dataclass(frozen=True, slots=True)
class ProtocolWarning:
    """A sentence about the stream that its server's developer should know."""

    what: str


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The connection ended or failed, and will be made again after `wait` seconds."""

    why: str
    wait: float
    last_id: str


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """The source has ended; always the last event."""

    why: str
    """A clause that says why the connection ended."""
    whole: bool = True
    """False: the body broke off."""
    failed: Failed | None = None
    """The failure, if nothing could be read."""


SourceEvent: TypeAlias = Connected | Bytes | ServerSentEvent | ProtocolWarning | Reconnecting | SourceEnded


async def listen(
    fetcher: Fetcher, url: str, headers: Mapping[str, str], *, reconnect: bool = True
) -> AsyncGenerator[SourceEvent, None]:
    """Yield the events at `url` as they arrive. `headers` are sent only to its own origin. Raises `SetupError`."""
    source = _Source(fetcher, url, headers)
    while True:
        ended: SourceEnded | None = None
        async with aclosing(source.connection()) as events:
            async for event in events:
                if isinstance(event, SourceEnded):
                    ended = event
                else:
                    yield event
        if ended is None:
            raise RuntimeError("a connection ended without saying how")
        if not (reconnect and source.comes_back):
            yield ended
            return
        yield Reconnecting(ended.why, wait := source.wait, source.last_id)
        await asyncio.sleep(wait)


class _Source:
    """The state of an event source across connections."""

    def __init__(self, fetcher: Fetcher, url: str, headers: Mapping[str, str]) -> None:
        self.last_id = ""
        self.comes_back = False
        """Whether to connect again."""
        self._fetcher = fetcher
        self._url = url
        self._headers = headers
        self._retry = WAIT
        self._failures = 0
        self._been_open = False

    @property
    def wait(self) -> float:
        """Seconds before the next connection."""
        backed_off = self._retry * 2.0 ** min(max(0, self._failures - 1), 16)
        return max(SHORTEST_WAIT, self._retry, min(LONGEST_WAIT, backed_off))

    async def connection(self) -> AsyncGenerator[SourceEvent, None]:
        """Make one connection and yield its events; the last one is `SourceEnded`."""
        self.comes_back = False
        private = dict(self._headers)
        if self.last_id:
            private = {name: value for name, value in private.items() if name.lower() != "last-event-id"}
            private["Last-Event-ID"] = self.last_id
        try:
            async with self._fetcher.get(self._url, _HEADERS, private) as response:
                self._failures = 0
                async with aclosing(self._read_response(response)) as events:
                    async for event in events:
                        yield event
        except ConnectFailedError as error:
            self._failures += 1
            # A browser may stop if reconnecting is futile; a server never reached counts as a wrong address.
            self.comes_back = self._been_open and error.again
            yield SourceEnded(clause(error.failed.problem), whole=False, failed=error.failed)

    async def _read_response(self, response: FollowedResponse) -> AsyncGenerator[SourceEvent, None]:
        answer = response.answer
        if answer.status == 204:
            yield SourceEnded("the server says that there is no more (204)")
            return
        if answer.status != 200:
            failed = await refusal(response)
            yield SourceEnded(clause(failed.problem), failed=failed)
            return
        named = answer.headers.get("content-type", "").strip()
        kind = stream_kind(named)
        if kind is None or offered_file(answer.headers, response.url) is not None:
            failed = _no_stream(response, named)
            yield SourceEnded(clause(failed.problem), failed=failed)
            return
        yield Connected(response.url, answer.status, kind, named)
        if kind == "events":
            self._been_open = self.comes_back = True
            bodies = self._events(response)
        else:
            bodies = _lines(response) if kind == "json" else _text(response)
        try:
            async with aclosing(bodies) as events:
                async for event in events:
                    yield event
        except ConnectionLostError as error:
            yield SourceEnded(str(error), whole=False)
        except FramingError as error:
            yield SourceEnded(f"{error}, and was not read any further", whole=False)
        else:
            yield SourceEnded("the connection ended")

    async def _events(self, response: FollowedResponse) -> AsyncGenerator[SourceEvent, None]:
        if charset := charset_in(response.answer.headers.get("content-type", "")):
            yield ProtocolWarning(f"The server says that the charset is {charset}; a browser reads UTF-8 in any case.")
        stream = EventStream(last_id=self.last_id)
        while (chunk := await response.answer.chunk()) is not None:
            yield Bytes(chunk)
            frames = stream.feed(chunk)
            self.last_id = stream.last_id
            if stream.retry is not None:
                self._retry = stream.retry / 1000
            for kind, data, name, identity, _ in frames:
                if kind == "data":
                    yield ServerSentEvent(data, name or "message", identity)
        # The standard drops an event left open at the end.
        if any(frame.kind == "data" for frame in stream.close()):
            yield ProtocolWarning(
                "The stream ended inside an event, which a browser drops: an empty line ends an event."
            )
        if count := stream.skipped.events:
            last = excerpt(response.secrets.masked(stream.skipped.last))
            lines = "1 line was skipped" if count == 1 else f"{count:,} lines were skipped"
            whose = "its field is" if count == 1 else "their fields are"
            yield ProtocolWarning(
                f"{lines}, as a browser does, because {whose} none of the standard's (data, event, id, "
                f"retry); the last one: “{last}”"
            )


async def _lines(response: FollowedResponse) -> AsyncGenerator[SourceEvent, None]:
    framing = JsonLines(charset=charset_in(response.answer.headers.get("content-type", "")))
    while (chunk := await response.answer.chunk()) is not None:
        yield Bytes(chunk)
        for frame in framing.feed(chunk):
            yield ServerSentEvent(frame.data)
    for frame in framing.close():
        yield ServerSentEvent(frame.data)


async def _text(response: FollowedResponse) -> AsyncGenerator[SourceEvent, None]:
    framing = PlainText(charset_in(response.answer.headers.get("content-type", "")))
    first = True
    while (chunk := await response.answer.chunk()) is not None:
        yield Bytes(chunk)
        if first and body_kind(chunk, ended=True) == "events":
            yield ProtocolWarning(
                "This looks like an event stream, but it is not called text/event-stream: a browser refuses it."
            )
        first = False
        for frame in framing.feed(chunk):
            yield ServerSentEvent(frame.data)
    for frame in framing.close():
        yield ServerSentEvent(frame.data)


def stream_kind(content_type: str) -> StreamKind | None:
    """The kind of stream for a Content-Type; `None`: it cannot be read as a stream."""
    named = content_type.partition(";")[0].strip().lower()
    if named == "text/event-stream":
        return "events"
    if _JSON.match(named):
        return "json"
    return "text" if not named or (named.startswith("text/") and named not in _NO_TEXT) else None


def _no_stream(response: FollowedResponse, content_type: str) -> Failed:
    file = offered_file(response.answer.headers, response.url)
    if file is not None:
        size = "" if file.size is None else f" of {readable_size(file.size)}"
        problem = f"The server sends a file{size}: {file.name}."
    else:
        problem = sentence(
            "The server sends something that is not a stream of events or text",
            excerpt(response.secrets.masked(content_type)),
        )
    hint = f"To save it: tui-chat listen --save {shlex.quote(response.url)}"
    return Failed(problem, hint, "request", response.url, response.answer.status)
