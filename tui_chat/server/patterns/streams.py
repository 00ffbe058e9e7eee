"""Minimal streams of events, text and JSON.

Each route is an async generator of bytes that sleeps between its pieces. `StreamedBody` sends each piece at once,
notices when the client hangs up, and ends the stream properly when the server stops.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from tui_chat.server.formats.writing import to_json
from tui_chat.server.http.streaming_response import StreamedBody
from tui_chat.server.patterns.query import number, whole_number

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence

    from starlette.middleware import Middleware
    from starlette.requests import Request

EVENT_STREAM = "text/event-stream"

SHUTTING_DOWN = "The server is shutting down."

MOST = 1_000_000_000
"""The highest number of an event."""


class Streams:
    """The four streams that have nothing to do with chats."""

    def __init__(self, closing: asyncio.Event) -> None:
        """`closing`: set to end running streams."""
        self._closing = closing

    def routes(self, middleware: Sequence[Middleware]) -> list[Route]:
        """All four routes, each wrapped in `middleware`."""
        return [
            Route("/stream", self.ticker, middleware=middleware),
            Route("/stream-data", self.text, middleware=middleware),
            Route("/stream-with-context", self.updates, middleware=middleware),
            Route("/stream-json", self.json_lines, middleware=middleware),
        ]

    async def ticker(self, request: Request) -> Response:
        """`/stream?every=SECONDS&count=N`: an event every second, endlessly or `N` times.

        Each event has its number as its id. A client that reconnects with `Last-Event-ID` gets the events after it; if
        there are none it gets 204, which stops a browser from reconnecting.
        """
        every = number(request, "every", 1.0, least=0.001, most=3600)
        last = whole_number(request, "count", MOST, most=MOST)
        first = last_event_number(request) + 1
        if first > last:
            return Response(status_code=204)

        async def ticks() -> AsyncGenerator[bytes, None]:
            yield b"retry: 1000\n\n"  # milliseconds that a browser waits before it comes back
            async for tick in beats(every, range(first, last + 1)):
                yield event(to_json({"tick": tick, "time": now()}), id=str(tick))

        return StreamedBody(ticks(), EVENT_STREAM, self._closing, last_words=event_of_shutdown())

    async def text(self, request: Request) -> Response:
        """`/stream-data?every=SECONDS&count=N`: ten (or `N`) lines of plain text, each sent as soon as it is
        written."""
        every = number(request, "every", 1.0, least=0.001, most=3600)
        last = whole_number(request, "count", 10, most=MOST)

        async def lines() -> AsyncGenerator[bytes, None]:
            async for line in beats(every, range(1, last + 1)):
                yield f"Chunk {line} of {last}\n".encode()

        # A browser that may guess the type waits for the first 1,024 bytes to guess from.
        headers = {"X-Content-Type-Options": "nosniff"}
        words = f"{SHUTTING_DOWN}\n".encode()
        return StreamedBody(lines(), "text/plain", self._closing, headers=headers, last_words=words)

    async def updates(self, request: Request) -> Response:
        """`/stream-with-context?every=SECONDS`: events named `update`, until the client hangs up.

        The hang-up cancels the generator while it sleeps; the log shows how many updates were sent.
        """
        every = number(request, "every", 1.0, least=0.001, most=3600)

        async def updates() -> AsyncGenerator[bytes, None]:
            async for update in beats(every, count(1)):
                yield event(to_json({"update": update, "time": now()}), name="update")

        return StreamedBody(updates(), EVENT_STREAM, self._closing, last_words=event_of_shutdown())

    async def json_lines(self, request: Request) -> Response:
        """`/stream-json?every=SECONDS&count=N`: ten (or `N`) JSON objects, one per line."""
        every = number(request, "every", 1.0, least=0.001, most=3600)
        last = whole_number(request, "count", 10, most=MOST)

        async def lines() -> AsyncGenerator[bytes, None]:
            async for line in beats(every, range(1, last + 1)):
                yield to_json({"line": line, "of": last, "time": now()}) + b"\n"

        words = to_json({"error": SHUTTING_DOWN}) + b"\n"
        return StreamedBody(lines(), "application/x-ndjson", self._closing, last_words=words)


async def beats(every: float, numbers: Iterable[int]) -> AsyncGenerator[int, None]:
    """Yield the numbers, one `every` so many seconds, the first at once.

    Number n is due n times `every` after the start, so that delays do not add up; overdue ones are yielded at once.
    """
    loop = asyncio.get_running_loop()
    due = loop.time()
    for beat in numbers:
        await asyncio.sleep(max(0.0, due - loop.time()))
        yield beat
        due += every


def event(data: bytes | str, *, name: str = "", id: str = "") -> bytes:  # noqa: A002 (the field's name)
    """One server-sent event; a text of several lines becomes several `data` lines, which the client joins again."""
    text = data if isinstance(data, str) else data.decode()
    fields = [f"event: {name}"] if name else []
    fields += [f"id: {id}"] if id else []
    fields += [f"data: {line}" for line in re.split(r"\r\n|\r|\n", text)]
    return ("\n".join(fields) + "\n\n").encode()


def event_of_shutdown(data: bytes | str | None = None) -> bytes:
    """The last event of a stream that ends because the server stops. It is not named `error`, because browsers fire an
    event of their own with that name."""
    return event(to_json({"error": {"message": SHUTTING_DOWN}}) if data is None else data, name="shutdown")


def last_event_number(request: Request) -> int:
    """The number in `Last-Event-ID`, or 0 if there is none."""
    text = request.headers.get("last-event-id", "")
    return min(int(text), MOST) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def now() -> str:
    """The current time in ISO 8601: UTC, with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
