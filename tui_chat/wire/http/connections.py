"""Connections for httpcore with limits that it lacks: on how long a response's headers may take once they have
begun, on their size, and on the number of interim responses (1xx) before them. Connections can be opened ahead of a
request, and they record what happened to it."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from tui_chat.wire.http.chunks import ChunkJoiner
from tui_chat.wire.http.dialing import dial
from tui_chat.wire.http.exchange import EXCHANGE
from tui_chat.wire.http.light_httpx import httpcore, httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterable

MAX_HEAD: Final = 100 * 1024
"""Maximum bytes of a response's status line and headers; h11 accepts no more either."""

MAX_INTERIM: Final = 100
"""Maximum number of interim responses (1xx) before the final one."""

_MUCH: Final = 800_000
"""Bytes a second; if a body arrives faster, fewer reads would not be cheaper."""

_LITTLE: Final = 25_000
"""Bytes a second of a body that is read as a person reads, about a hundred deltas: the rests between reads of it are
longer, because what comes in one of them is a few words at most."""

_LONGER: Final = 5 / 3

_WRITE: Final = 64 * 1024
"""Maximum bytes sent at once; the time limit applies to each piece, so a large request may take longer."""

_TICKETS: Final = 0.01
"""Seconds to wait for data if only TLS itself has something to read."""

_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_START: Final = b"HTTP/"
_CODING: Final = b"transfer-encoding:"


class HeadTimeoutError(httpcore.ReadTimeout):
    """The response's headers began and were not complete in time."""


class HeadTooLargeError(httpcore.RemoteProtocolError):
    """The response's headers exceed a limit. The text is a clause that names it."""


class NotHttpError(httpcore.RemoteProtocolError):
    """The received data is not an HTTP response. The text is its first line."""


class Stream(httpcore.AsyncNetworkStream):
    """One connection. It passes the headers of each response to httpcore as a whole, without interim responses
    before them, and the chunks of a body that were received together as one."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, head_timeout: float) -> None:
        """`head_timeout`: seconds from the first byte of a response's headers."""
        self.used = False
        """The connection has carried a request, or was opened ahead of one."""
        self._inner = inner
        self._head_timeout = head_timeout
        self._awaiting_head = False
        """A request was written and the headers of its response are not read."""
        self._speaks_http = False
        """A request was written on this connection."""
        self._secured_for: str | None = None
        self.rest = 0.0
        """Seconds between two reads of a body that arrives in smaller, faster pieces: what comes meanwhile is read
        together."""
        self._read_at = 0.0
        self._brought = 0
        self._chunks = ChunkJoiner(b"")

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        """Return received data. Headers are returned as a whole and may be larger than `max_bytes`."""
        if not self._awaiting_head:
            if self.rest and self._brought < _MUCH * self.rest:
                rest = self.rest * _LONGER
                if self._brought > _LITTLE * rest:
                    rest = self.rest
                if (left := self._read_at + rest - monotonic()) > 0:
                    await asyncio.sleep(left)
            # httpcore sets no time limit for a SOCKS proxy.
            data = await self._inner.read(max_bytes, timeout if self._speaks_http else self._head_timeout)
            self._read_at, self._brought = monotonic(), len(data)
            return self._chunks.joined(data)
        head = await self._read_head(max_bytes, timeout)
        self._awaiting_head = False
        return head

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's
        """Send the whole buffer; `timeout` seconds apply to each 64 KiB."""
        exchange = EXCHANGE.get()
        if not self._awaiting_head:
            if exchange is not None:
                exchange.reused, exchange.begun = self.used, False
            if buffer[:1].isalpha():  # SOCKS handshakes come first and do not start with a letter
                self._awaiting_head = self._speaks_http = self.used = True
                self._chunks = ChunkJoiner(b"")
        for at in range(0, len(buffer), _WRITE):
            await self._inner.write(buffer[at : at + _WRITE], timeout)
        if exchange is not None:
            exchange.sent = monotonic()

    async def aclose(self) -> None:
        """Close the connection of the stream."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
    ) -> Stream:
        """Return this connection encrypted; a connection that was encrypted when it was opened ahead returns itself."""
        exchange = EXCHANGE.get()
        if exchange is not None:
            exchange.secured = server_hostname or ""
        if self._secured_for is not None and self._secured_for == server_hostname and not self._speaks_http:
            return self
        began = monotonic()
        secured = Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout), self._head_timeout)
        if exchange is not None:
            exchange.tls = monotonic() - began
        secured._secured_for = server_hostname
        return secured

    async def is_alive(self) -> bool:
        """Whether the connection can carry a request, judged without sending one: no data may have arrived."""
        if not self._inner.get_extra_info("is_readable"):
            return True
        if self._secured_for is None:
            return False
        try:  # TLS sends tickets after the handshake, which are not data
            await self._inner.read(1, _TICKETS)
        except httpcore.ReadTimeout:
            return True
        except httpcore.NetworkError:
            return False
        return False

    def get_extra_info(self, info: str) -> Any:
        """Properties of the underlying connection that httpcore asks for."""
        return self._inner.get_extra_info(info)

    async def _read_head(self, max_bytes: int, silence: float | None) -> bytes:
        """Read a response's headers and the part of the body that arrived with them; if the connection ends, return
        what there is."""
        received = bytearray()
        deadline: float | None = None
        interim = searched = 0
        while True:
            try:
                left = silence if deadline is None else max(0.001, deadline - monotonic())
                data = await self._inner.read(max_bytes, left)
            except httpcore.ReadTimeout:
                if deadline is None:
                    raise
                raise HeadTimeoutError from None
            if not data:
                return bytes(received)
            if deadline is None:
                deadline = monotonic() + self._head_timeout
                if (exchange := EXCHANGE.get()) is not None:
                    exchange.begun = True
            received += data
            while True:
                if not received.startswith(_START[: len(received)]):
                    received = received.lstrip(b"\r\n")  # some servers send an empty line after the previous body
                if not received.startswith(_START[: len(received)]):
                    raise NotHttpError(bytes(received[:_WRITE]).partition(b"\n")[0].decode("utf-8", "replace"))
                end = _end_of_head(received, searched)
                if end < 0:
                    break
                if not _is_interim(received):
                    readable = _readable(bytes(received[:end]))
                    self._chunks = ChunkJoiner(readable)
                    return readable + self._chunks.joined(bytes(received[end:]))
                del received[:end]
                searched = 0
                interim += 1
                if interim > MAX_INTERIM:
                    raise HeadTooLargeError(f"more than {MAX_INTERIM} interim answers (1xx) came and no other")
            searched = max(0, len(received) - 3)
            if len(received) > MAX_HEAD:
                raise HeadTooLargeError(f"the head is larger than {MAX_HEAD >> 10} KiB")
            if monotonic() > deadline:
                raise HeadTimeoutError


def _end_of_head(received: bytearray, start: int) -> int:
    """The position after the empty line that ends the headers; -1: not received."""
    found = [at + len(line) for line in (b"\n\r\n", b"\n\n") if (at := received.find(line, start)) >= 0]
    return min(found, default=-1)


def _is_interim(head: bytearray) -> bool:
    """Whether these headers are an interim response (1xx)."""
    status = bytes(head[:40]).partition(b" ")[2].lstrip()[:3]
    return status[:1] == b"1" and status != b"101"


def _readable(head: bytes) -> bytes:
    """Merge repeated `Transfer-Encoding: chunked` headers of a gateway into one, as browsers do, because h11 refuses
    them."""
    lines = head.split(b"\n")
    numbers = [number for number, line in enumerate(lines) if line[: len(_CODING)].lower() == _CODING]
    codings = {coding.strip().lower() for number in numbers for coding in lines[number][len(_CODING) :].split(b",")}
    if not numbers or not codings <= {b"chunked", b"identity", b""}:
        return head
    if b"chunked" in codings:
        lines[numbers.pop(0)] = b"Transfer-Encoding: chunked\r"
    return b"\n".join(line for number, line in enumerate(lines) if number not in numbers)


class Network(httpcore.AsyncNetworkBackend):
    """Open connections, one of them ahead of a request if asked to."""

    def __init__(self, head_timeout: float) -> None:
        """`head_timeout`: seconds from the first byte of a response's headers."""
        self._inner = httpcore.AnyIOBackend()
        self._head_timeout = head_timeout
        self._ahead: tuple[str, int, Stream] | None = None
        self._dropping: asyncio.Task[None] | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return the connection that was opened ahead, or a new one."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            alive = False
            try:
                alive = ahead[:2] == (host, port) and await ahead[2].is_alive()
            finally:
                if not alive:
                    await ahead[2].aclose()
            if alive:
                return ahead[2]
        options = None if socket_options is None else list(socket_options)
        inner, dns, connect = await dial(self._inner, host, port, timeout, local_address=local_address, options=options)
        if (exchange := EXCHANGE.get()) is not None:
            exchange.opened.append(inner)
            exchange.dns, exchange.connect = dns, connect
        return Stream(inner, self._head_timeout)

    async def open_ahead(self, host: str, port: int, tls: ssl.SSLContext | None, seconds: float, keep: float) -> None:
        """Open a connection within `seconds`, encrypted if `tls` is given, for a request in the next `keep` seconds.
        Raises httpcore's errors."""
        if self._ahead is not None:
            return
        stream = Stream((await dial(self._inner, host, port, seconds)).stream, self._head_timeout)
        kept = False
        try:
            if tls is not None:
                tls.set_alpn_protocols(["http/1.1"])  # as httpcore does
                stream = await stream.start_tls(tls, host, seconds)
            kept = self._ahead is None
        finally:
            if not kept:
                await stream.aclose()
        if not kept:
            return
        stream.used = True
        self._ahead = host, port, stream
        if self._dropping is not None:
            self._dropping.cancel()
        self._dropping = asyncio.create_task(self._drop(stream, keep), name="close what was opened ahead")

    async def _drop(self, stream: Stream, seconds: float) -> None:
        # A server that handles one connection at a time is blocked by this one, so it is not kept for long.
        await asyncio.sleep(seconds)
        if self._ahead is not None and self._ahead[2] is stream:
            self._ahead = None
            await stream.aclose()

    async def close(self) -> None:
        """Close the connection that was opened ahead."""
        if self._dropping is not None:
            self._dropping.cancel()
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            await ahead[2].aclose()

    async def sleep(self, seconds: float) -> None:
        """Wait; required by httpcore."""
        await self._inner.sleep(seconds)


class Pool(httpx.AsyncBaseTransport):
    """An httpx transport that uses httpcore's connection pool with connections of `Network`. Raises httpcore's
    errors."""

    def __init__(self, tls: ssl.SSLContext, proxy: str | None, *, head_timeout: float, keep_alive: float) -> None:
        """`keep_alive`: seconds that an idle connection is kept."""
        self._tls = tls
        self._network = Network(head_timeout)
        how: dict[str, Any] = {
            "ssl_context": tls,
            "max_connections": None,
            "max_keepalive_connections": 4,
            "keepalive_expiry": keep_alive,
            "network_backend": self._network,
        }
        self._pool: httpcore.AsyncConnectionPool
        self._proxy: httpx.URL | None = None
        self._mistakes: tuple[type[Exception], ...] = ()
        if proxy is None:
            self._pool = httpcore.AsyncConnectionPool(**how)
            return
        described = httpx.Proxy(proxy)
        self._proxy = described.url
        url, how["proxy_auth"] = _core_url(described.url), described.raw_auth
        if described.url.scheme.startswith("socks"):
            self._pool = httpcore.AsyncSOCKSProxy(url, **how)
            self._mistakes = (AssertionError, *_socks_errors())
        else:
            self._pool = httpcore.AsyncHTTPProxy(url, **how)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its response once the headers are received."""
        asked = httpcore.Request(
            request.method,
            _core_url(request.url),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool.handle_async_request(asked)
        except self._mistakes as error:  # raised because httpcore does not check a SOCKS proxy's answers
            raise httpcore.ProxyError("it does not answer as a SOCKS proxy does") from error
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Pieces(answer), extensions=answer.extensions
        )

    async def open_ahead(self, url: httpx.URL, seconds: float, keep: float) -> None:
        """Open a connection for the next request to `url`, unless an idle one exists. Sends nothing. Raises
        httpcore's errors."""
        if any(each.is_idle() and not each.has_expired() for each in self._pool.connections):
            return
        first = self._proxy or url
        tls = self._tls if first.scheme == "https" and self._proxy is None else None
        port = first.port or _PORTS[first.scheme]
        await self._network.open_ahead(first.raw_host.decode("ascii"), port, tls, seconds, keep)

    async def aclose(self) -> None:
        """Close all connections of the pool."""
        await self._network.close()
        await self._pool.aclose()


class _Pieces(httpx.AsyncByteStream):
    """A response body in the pieces in which it arrives."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


def _socks_errors() -> tuple[type[Exception], ...]:
    try:
        from socksio.exceptions import SOCKSError
    except ImportError:
        return ()
    return (SOCKSError,)


def _core_url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
