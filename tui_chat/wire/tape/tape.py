"""Keep requests and responses as they went over the wire, with times, in bounded memory."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Final, Literal, Protocol

from tui_chat.chat.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType
    from typing import Self

    from tui_chat.wire.http.proxy import Proxy

EndKind = Literal["end", "stopped", "lost", "failed"]
"""The way an exchange ended: the body was read to its end, it was left before (also because the reply was over), it
broke off, or there was no response."""

NO_SECRETS: Final = Secrets()

_PIECE: Final = 16
"""Bytes that a piece takes besides its own: a time and an offset."""

MEMORY: Final = 8 * 1024 * 1024
"""The most bytes of bodies that a tape keeps by default."""

MOST_EXCHANGES: Final = 1000
"""The number of exchanges that a tape keeps; their heads are not counted in bytes."""


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """The known facts about the connection of an exchange."""

    reused: bool = False
    """Whether the connection had been open before."""
    sent: float | None = None
    """Monotonic second at which the request's last byte was passed to the system."""
    proxy: str = ""
    """The proxy's URL without its password; empty: none."""
    dns: float | None = None
    """Seconds that looking up the host's name took; `None`: unknown, or the connection was reused."""
    connect: float | None = None
    """Seconds that opening the TCP connection took."""
    tls: float | None = None
    """Seconds that the TLS handshake took."""


@dataclass(slots=True)
class RecordedExchange:
    """One request and its response. Times are monotonic seconds."""

    number: int
    """Counts the exchanges of a tape from 1."""
    at: datetime
    """The wall clock's time of the request, in UTC."""
    began: float
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    secrets: Secrets
    """The secrets that must not be shown or written; the fields themselves hold the exact values."""
    status: int | None = None
    """The response's status; `None`: there is no response."""
    response_headers: tuple[tuple[str, str], ...] = ()
    responded: float | None = None
    connection: ConnectionFacts = ConnectionFacts()
    ended: float | None = None
    """`None`: it is still running."""
    how: EndKind | None = None
    why: str = ""
    """A clause that says why it broke off or failed."""
    dropped_bytes: int = 0
    """Bytes at the body's beginning that are no longer kept."""
    dropped_pieces: int = 0
    dropped_request: int = 0
    """Bytes of the request's body that are no longer kept."""
    question: str = ""
    """The id of the message that is answered; empty: it is not known."""
    attempt: int = 1
    """Counts the requests that were made for one reply, from 1."""
    exact: bool = True
    """Whether each piece was noted in the moment it arrived, and not some milliseconds later with others."""
    _times: array[float] = field(default_factory=lambda: array("d"))
    _ends: array[int] = field(default_factory=lambda: array("Q"))
    """For each piece, where it ends in the whole body."""
    _body: bytearray = field(default_factory=bytearray)

    @property
    def size(self) -> int:
        """Bytes of the body so far, with those that are no longer kept."""
        return self.dropped_bytes + len(self._body)

    @property
    def count(self) -> int:
        """The number of pieces that are kept."""
        return len(self._times)

    @property
    def kept(self) -> int:
        """Bytes of memory that the kept pieces take."""
        return len(self._body) + len(self._times) * _PIECE

    def pieces(self, start: int = 0) -> Iterator[tuple[float, bytes]]:
        """Yield the kept pieces from number `start` on: when each arrived, and its bytes, unpacked."""
        begin = self.dropped_bytes if start == 0 else self._ends[start - 1]
        for index in range(start, len(self._times)):
            end = self._ends[index]
            yield self._times[index], bytes(self._body[begin - self.dropped_bytes : end - self.dropped_bytes])
            begin = end

    def part(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end` of the whole body, as far as they are kept."""
        return bytes(self._body[max(0, start - self.dropped_bytes) : max(0, end - self.dropped_bytes)])

    def add(self, at: float, data: bytes) -> int:
        """Keep a piece; returns how many bytes of memory it takes."""
        self._body += data
        self._times.append(at)
        self._ends.append(self.dropped_bytes + len(self._body))
        return len(data) + _PIECE

    def drop(self, most: int) -> int:
        """Forget the oldest pieces that take at most `most` bytes of memory, at least one; returns how many bytes."""
        freed = count = 0
        begin = self.dropped_bytes
        while count < len(self._times):
            cost = self._ends[count] - begin + _PIECE
            if count and freed + cost > most:
                break
            freed += cost
            begin = self._ends[count]
            count += 1
        del self._body[: begin - self.dropped_bytes]
        del self._times[:count]
        del self._ends[:count]
        self.dropped_bytes = begin
        self.dropped_pieces += count
        return freed


class Response(Protocol):
    """The parts of an HTTP response that a tape needs."""

    status: int
    headers: Mapping[str, str]
    proxy: Proxy | None
    reused: bool
    sent: float | None
    opening: tuple[float | None, float | None, float | None]
    ending: str | None
    observer: Callable[[bytes], None] | None


class TapeListener(Protocol):
    """Receives what is recorded at once, in the event loop: its methods must be quick and never raise."""

    def began(self, exchange: RecordedExchange) -> None:
        """A request is about to be sent."""

    def responded(self, exchange: RecordedExchange) -> None:
        """The headers of the response were received."""

    def received(self, exchange: RecordedExchange, at: float, data: bytes) -> None:
        """A piece of the body was received."""

    def ended(self, exchange: RecordedExchange) -> None:
        """The exchange is complete; nothing more follows."""


class Tape:
    """The last exchanges of a program. The oldest bytes are forgotten first, and counted."""

    def __init__(self, memory: int = MEMORY, listeners: tuple[TapeListener, ...] = ()) -> None:
        """`memory`: the most bytes of bodies to keep. 0 keeps none, for a tape that only notifies its listeners."""
        self.exchanges: deque[RecordedExchange] = deque()
        """The recorded exchanges, oldest first."""
        self.listeners: list[TapeListener] = list(listeners)
        self.exact = True
        """Whether clients are to read each piece in the moment it arrives, which costs them more."""
        self._memory = memory
        self._used = 0
        self._count = 0

    def begin(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Secrets = NO_SECRETS,
        *,
        question: str = "",
        attempt: int = 1,
    ) -> TapedExchange:
        """Begin an exchange, just before its request is sent. `question`: the id of the message that is answered;
        `attempt`: how many requests its reply has taken with this one."""
        self._count += 1
        exchange = RecordedExchange(
            self._count, datetime.now(UTC), monotonic(), method, url, tuple(headers.items()), body, secrets
        )
        exchange.question, exchange.attempt, exchange.exact = question, attempt, self.exact
        self.exchanges.append(exchange)
        self._used += len(body)
        while len(self.exchanges) > MOST_EXCHANGES and self.exchanges[0].ended is not None:
            oldest = self.exchanges.popleft()
            self._used -= len(oldest.body) + oldest.kept
        for listener in self.listeners:
            listener.began(exchange)
        self._bound()
        return TapedExchange(self, exchange)

    def add(self, exchange: RecordedExchange, data: bytes) -> None:
        """Keep a piece of a body that was just received."""
        at = monotonic()
        self._used += exchange.add(at, data)
        if self._used > self._memory:
            self._bound()
        for listener in self.listeners:
            listener.received(exchange, at, data)

    def _bound(self) -> None:
        """Forget a quarter of the memory at a time, so that the rest is not moved for each piece."""
        if self._used <= self._memory:
            return
        spare = self._used - self._memory + self._memory // 4
        for exchange in self.exchanges:
            while spare > 0 and exchange.count:
                freed = exchange.drop(spare)
                self._used -= freed
                spare -= freed
        for exchange in self.exchanges:
            if self._used > self._memory:
                self._used -= len(exchange.body)
                exchange.dropped_request += len(exchange.body)
                exchange.body = b""


class TapedExchange:
    """The writing end of one exchange, used as a context by the code that carries it out; notes how it ended."""

    def __init__(self, tape: Tape, exchange: RecordedExchange) -> None:
        self.exchange = exchange
        self._tape = tape
        self._response: Response | None = None

    def responded(self, response: Response, secrets: Secrets) -> None:
        """Note the response's head, with the secrets that are known by now, and each piece of its body from now on."""
        exchange = self.exchange
        exchange.responded = monotonic()
        exchange.status = response.status
        exchange.response_headers = tuple(response.headers.items())
        proxy = response.proxy.shown if response.proxy is not None else ""
        exchange.connection = ConnectionFacts(response.reused, response.sent, proxy, *response.opening)
        exchange.secrets = secrets
        self._response = response
        response.observer = self._received
        for listener in self._tape.listeners:
            listener.responded(exchange)

    def _received(self, data: bytes) -> None:
        if self.exchange.ended is None:
            self._tape.add(self.exchange, data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        exchange = self.exchange
        exchange.ended = monotonic()
        ending = None if self._response is None else self._response.ending
        if ending is not None:
            exchange.how, exchange.why = ("lost", ending) if ending else ("end", "")
        elif self._response is None and isinstance(error, Exception):
            exchange.how, exchange.why = "failed", str(error)
        else:
            exchange.how = "stopped"
        for listener in self._tape.listeners:
            listener.ended(exchange)
