"""Read the body of a response in a task of its own."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

REST: Final = 0.005
"""Seconds between two reads of a body that arrives in smaller, faster pieces, unless the reader can wait longer: a read
costs as much as processing a dozen of them."""

_MUCH: Final = 800_000
"""Bytes a second; if a body arrives faster, fewer reads would not be cheaper."""

_MOST: Final = 1024 * 1024
"""Maximum unconsumed bytes; reading pauses beyond that."""

_HANDED: Final = 64 * 1024
"""Maximum bytes returned at once; the caller processes them without a turn of the event loop."""


class ReceivedBody:
    """A body read by its own task, so that all received data can be taken at once.

    httpx returns a body in the pieces in which it was sent, often one for each token, without telling which of them are
    available already. The reading task takes pieces until it has to wait; only then does the event loop run the
    consumer.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], rest: float = REST, observer: Callable[[bytes], None] | None = None
    ) -> None:
        """`rest`: seconds between two reads of pieces that arrive faster. `observer` is called with each piece in the
        moment in which it is read."""
        self._pieces = pieces
        self._rest = rest
        self._observer = observer
        self._received: list[bytes] = []
        self._news = asyncio.Event()
        """Set when data arrived or the body ended."""
        self._size = 0
        """Bytes received and not taken."""
        self._handed = False
        """More data was available than the last call returned."""
        self._taken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._waited = True
        """The event loop has run since the last piece, so another read returns the next one."""
        self._reader = self._loop.create_task(self._read(), name="read a body")
        self._reader.add_done_callback(lambda _: self._news.set())

    async def take(self) -> bytes | None:
        """Return the received data, at least one byte and hardly more than 64 KiB; `None` at the end. Raises
        httpcore's errors and `DecodingError`."""
        if self._received and self._handed:
            await asyncio.sleep(0)
        while not self._received:
            if self._reader.done():
                self._reader.result()
                return None
            self._news.clear()
            await self._news.wait()
        if self._size <= _HANDED:
            taken, self._received = self._received, []
        else:
            size = count = 0
            while size < _HANDED:
                size += len(self._received[count])
                count += 1
            taken = self._received[:count]
            del self._received[:count]
        data = b"".join(taken)
        self._handed = bool(self._received)
        self._size -= len(data)
        self._taken.set()
        return data

    async def close(self) -> bool:
        """Stop reading. Returns True if the whole body had been read."""
        whole = self._reader.done()
        if not whole:
            self._reader.cancel()
            await asyncio.wait({self._reader})
        if not self._reader.cancelled():
            self._reader.exception()  # retrieved so that asyncio does not log it
        return whole

    async def _read(self) -> None:
        rest, much = self._rest, self._rest * _MUCH
        read_at, brought = 0.0, 0
        async for piece in self._pieces:
            if piece:
                if self._observer is not None:
                    self._observer(piece)
                self._received.append(piece)
                self._size += len(piece)
                self._news.set()
            if self._waited:
                soon = monotonic() - read_at < rest and brought < much
                self._watch_for_wait()
                if soon:
                    await asyncio.sleep(rest)
                    self._watch_for_wait()  # pieces left from this read arrive without a wait
                read_at, brought = monotonic(), 0
            brought += len(piece)
            if self._size > _MOST:
                self._taken.clear()
                await self._taken.wait()

    def _watch_for_wait(self) -> None:
        self._waited = False
        self._loop.call_soon(self._note_wait)

    def _note_wait(self) -> None:
        self._waited = True
