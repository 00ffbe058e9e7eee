"""A server on a real socket that sends exactly the bytes a test says, and notes what the client does.

    async with ByteServer() as server:
        server.script = lambda request: [head(), *chunked([b"data: x\n\n"]), END]

A script is the list of steps that answer one request: bytes are written, a number is seconds to wait, an event is
waited for, `HANG` sends nothing more and holds the connection, `RESET` and `CLOSE` end it. Without either of these the
connection is kept for the next request.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from types import TracebackType


class End(Enum):
    """Ways in which an answer ends other than by its bytes."""

    HANG = "send nothing more and keep the connection"
    CLOSE = "close the connection in order"
    RESET = "reset the connection"


HANG, CLOSE, RESET = End.HANG, End.CLOSE, End.RESET
Step: TypeAlias = "bytes | float | asyncio.Event | End"
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One request that a client sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    """The request's headers by lower-case name."""
    body: bytes
    connection: int
    """The number of its connection, from 1."""


Script: TypeAlias = Callable[[Request], "Iterable[Step] | AsyncIterator[Step]"]


def head(
    status: int = 200, content_type: str | None = "text/event-stream", *, chunked: bool = True, **headers: str
) -> bytes:
    """A response's head; names of headers are written with `_` for `-`."""
    lines = [f"HTTP/1.1 {status} X"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def chunked(pieces: Iterable[bytes]) -> list[bytes]:
    """HTTP chunks: the client gets each piece by itself, however the socket joins them."""
    return [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece]


def whole(body: bytes, status: int = 200, content_type: str | None = "application/json", **headers: str) -> list[Step]:
    """An answer with a known length, after which the connection is kept."""
    return [head(status, content_type, chunked=False, Content_Length=str(len(body)), **headers) + body]


def stream(pieces: Iterable[bytes], content_type: str | None = "text/event-stream") -> list[Step]:
    """A 200 that sends `pieces` and ends in order."""
    return [head(200, content_type), b"".join(chunked(pieces)), LAST_CHUNK]


@dataclass
class ByteServer:
    """Listens on a free loopback port while it is entered."""

    script: Script = lambda _: whole(b"no script", 500, "text/plain")
    quiet_head: bool = False
    """HEAD requests, with which a client opens its connection ahead, are answered with 204 and not noted."""
    requests: list[Request] = field(default_factory=list)
    hang_ups: list[float] = field(default_factory=list)
    """Monotonic seconds at which clients left in the middle of an answer."""
    connections: int = 0
    open: set[int] = field(default_factory=set)
    """Connections that neither side has closed."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The base URL for an endpoint."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until `condition` holds; it is asked whenever the server notes something."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(condition)

    async def __aenter__(self) -> ByteServer:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _note(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        number = self.connections
        self.open.add(number)
        try:
            await self._serve(_Ahead(reader), writer, number)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open.discard(number)
            writer.close()
            await self._note()

    async def _serve(self, ahead: _Ahead, writer: asyncio.StreamWriter, number: int) -> None:
        while (request := await ahead.request(number)) is not None:
            if request.method == "HEAD" and self.quiet_head:
                writer.write(head(204, None, chunked=False))
                await writer.drain()
                continue
            self.requests.append(request)
            await self._note()
            play = asyncio.create_task(self._play(self.script(request), writer))
            watch = asyncio.create_task(ahead.peek())
            try:
                await asyncio.wait({play, watch}, return_when=asyncio.FIRST_COMPLETED)
                # A client that has left is noticed by reading, or by writing to it, whichever comes first.
                refused = play.done() and isinstance(play.exception(), ConnectionError)
                if refused or (watch.done() and not watch.result()):
                    if refused or not play.done():
                        self.hang_ups.append(monotonic())
                    return
                if await play is not None:
                    return
                await watch
            finally:
                play.cancel()
                watch.cancel()
                await asyncio.gather(play, watch, return_exceptions=True)

    @staticmethod
    async def _play(steps: Iterable[Step] | AsyncIterator[Step], writer: asyncio.StreamWriter) -> End | None:
        async for step in _each(steps):
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            elif isinstance(step, (int, float)):
                await asyncio.sleep(step)
            elif isinstance(step, asyncio.Event):
                await step.wait()
            elif step is HANG:
                await asyncio.Event().wait()
            else:
                if step is RESET:
                    linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                return step
        return None


async def _each(steps: Iterable[Step] | AsyncIterator[Step]) -> AsyncIterator[Step]:
    if isinstance(steps, AsyncIterator):
        async for step in steps:
            yield step
    else:
        for step in steps:
            yield step


class _Ahead:
    """A reader that can look whether anything comes without taking it."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._peeked = b""

    async def peek(self) -> bytes:
        """The first byte of what comes next, `b""` when the client has left."""
        if not self._peeked:
            try:
                self._peeked = await self._reader.read(1)
            except ConnectionError:
                return b""
        return self._peeked

    async def request(self, number: int) -> Request | None:
        """The next request, `None` when the client has left."""
        if not await self.peek():
            return None
        text, self._peeked = self._peeked, b""
        text += await self._reader.readuntil(b"\r\n\r\n")
        first, *lines = text.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return Request(method, target, headers, body, number)
