"""HTTP requests; only this module and connections.py use httpx and httpcore.

Keeps connections open between turns, returns the body as it arrives, and reports errors as sentences for a person.
Import it lazily: httpx takes as long to import as half of the screen.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tui_chat import __version__
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.secrets import Secrets, in_user_info
from tui_chat.chat.wording.sentences import ended
from tui_chat.wire.failures.errors import NO_SECRETS, ConnectionLostError, UndecodableError
from tui_chat.wire.http.body import REST, ReceivedBody
from tui_chat.wire.http.connect_errors import HTTPCORE_ERRORS, ConnectErrors
from tui_chat.wire.http.connections import Pool, Stream
from tui_chat.wire.http.decoding import DecodingError, cannot_undo, codings_in, unmarked, unpacked
from tui_chat.wire.http.exchange import EXCHANGE, Exchange
from tui_chat.wire.http.light_httpx import httpcore, httpx
from tui_chat.wire.http.proxy import proxy_for

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence

    from tui_chat.wire.http.proxy import Proxy

_DRAIN: Final = 0.1
"""Seconds to wait for the end of a body whose answer is over, so that its connection can be reused."""

_KEEP_ALIVE: Final = 120.0
"""Seconds that an idle connection is kept for the next turn."""

_AHEAD: Final = 35.0
"""Seconds that a connection opened ahead of a question is kept."""


_ZONE: Final = re.compile(r"^[a-z]+://(?:[^/@]*@)?(\[[0-9A-Fa-f:.]+)%[^\]/]+\](:\d+)?")
"""An IPv6 address with a zone, which has a meaning on this machine only and is not sent (RFC 6874)."""

_HEADERS: Final = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "keep-alive",
    "User-Agent": f"tui-chat/{__version__}",
}


class HttpResponse:
    """A response whose headers were received."""

    def __init__(
        self, response: httpx.Response, pooled: _PooledClient, idle_timeout: float, sent: float | None, secrets: Secrets
    ) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        """Header values by lower-case name."""
        self.reason = response.reason_phrase
        """The words behind the status."""
        self.raw_headers: Sequence[tuple[bytes, bytes]] = response.headers.raw
        """All headers as they were sent, in their order."""
        self.cannot_undo = ""
        """The unsupported coding of the body; empty: it can be read."""
        self._codings: list[str] = []
        self._recognise = False
        self._secrets = secrets
        self.proxy: Proxy | None = None
        """The proxy that the response came through."""
        self.sent = sent
        """Monotonic second at which the request had been sent."""
        self.reused = False
        """Whether the connection had been open before."""
        self.opening: tuple[float | None, float | None, float | None] = (None, None, None)
        """Seconds that looking the name up, connecting and the TLS handshake took; `None`: it did not happen."""
        self.observer: Callable[[bytes], None] | None = None
        """Called with each piece of the body, unpacked, in the moment in which it arrives. Set it before the first
        `chunk`."""
        self.ending: str | None = None
        """A clause that says how the body broke off; empty: it is whole; `None`: it was not read to its end."""
        self.size = 0
        """Bytes of the body returned so far."""
        self.rest = REST
        """Seconds that small pieces may wait for others, so that they are read together; the first never waits."""
        self._response = response
        self._pooled = pooled
        self._idle_timeout = idle_timeout
        self._body: ReceivedBody | None = None

    def unpack(self) -> None:
        """Have `chunk` return the body without its codings. Call it before the first `chunk`."""
        self._codings = codings_in(self._secrets.masked(self.headers.get("content-encoding", "")))
        self.cannot_undo = cannot_undo(self._codings)

    def recognise_compression(self) -> None:
        """Have `chunk` also decompress a body that is compressed although no header says so, for a body that is text.
        Call it before the first `chunk`."""
        self._recognise = True

    async def chunk(self, within: float | None = None) -> bytes | None:
        """Return all data received since the last call, decompressed and at most 64 KiB, waiting for data if there
        is none; `None` at the end of the body. Raises `ConnectionLostError`, and `TimeoutError` if nothing arrives
        within `within` seconds."""
        if self._body is None:
            if self.cannot_undo:
                raise UndecodableError(self.cannot_undo)
            raw = self._response.aiter_raw()
            body = unpacked(raw, self._codings) if self._codings else raw
            body = unmarked(body) if self._recognise else body
            stream = self._response.extensions.get("network_stream")
            if isinstance(stream, Stream):
                stream.rest = self.rest if self.rest > REST else 0.0
            self._body = ReceivedBody(body, min(self.rest, REST), self.observer)
        try:
            async with asyncio.timeout(within), asyncio.timeout(self._idle_timeout or None) as silence:
                chunk = await self._body.take()
        except TimeoutError:
            if not silence.expired():
                raise
            raise self._lost("the server fell silent") from None
        except httpcore.ReadTimeout:
            raise self._lost("the server fell silent") from None
        except DecodingError as error:
            raise self._lost(str(error)) from None
        except HTTPCORE_ERRORS as error:
            broken = isinstance(error, httpcore.RemoteProtocolError) and "peer closed" not in str(error)
            why = "the body of the answer breaks the rules of HTTP" if broken else "the connection was lost"
            raise self._lost(why) from None
        if chunk is None:
            self.ending = ""
        else:
            self.size += len(chunk)
        return chunk

    def _lost(self, why: str) -> ConnectionLostError:
        self.ending = why
        return ConnectionLostError(why)

    async def beginning(self, most: int, silence: float, within: float) -> tuple[bytes, float | None]:
        """Return the body, limited to `most` bytes, `silence` seconds without data and `within` seconds in total, or
        what was received before it broke off; and the time limit that was exceeded, if any."""
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(within) as whole:
                while size < most and (chunk := await self.chunk(within=silence)) is not None:
                    pieces.append(chunk)
                    size += len(chunk)
        except ConnectionLostError:
            return b"".join(pieces), None
        except TimeoutError:
            return b"".join(pieces), within if whole.expired() else silence
        return b"".join(pieces), None

    async def drain(self) -> None:
        """Wait briefly for the end of a body whose rest is not needed, so that its connection is kept."""
        end = monotonic() + _DRAIN  # a limit for the whole: a server may keep sending after its last event
        with suppress(ConnectionLostError, TimeoutError):
            while (left := end - monotonic()) > 0 and await self.chunk(within=left) is not None:
                pass

    async def close(self) -> None:
        """Release the connection; it can carry another request only if the body was read to its end."""
        if self._body is not None and not await self._body.close():
            self._pooled.discard = True
        await self._response.aclose()


class _PooledClient:
    """A connection pool and the number of its users."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.users = 0
        self.discard = False
        """Close the pool after use. Set when a request was cancelled, because httpcore may then have leaked the
        connection (httpx#3782)."""


def _closed_while_idle(answer: HttpResponse) -> bool:
    """Whether a server closed the connection because of silence before the request."""
    return answer.status == 408 and "close" in answer.headers.get("connection", "").lower()


def _is_stale(error: Exception, exchange: Exchange) -> bool:
    """Whether a request failed because of its connection's past: it was closed meanwhile, or the rest of another
    response preceded its own."""
    match error:
        case httpcore.TimeoutException():
            return False
        case httpcore.RemoteProtocolError() if "without sending" not in str(error):
            return exchange.reused
        case _:
            return exchange.stale


async def _sent(pool: Pool, request: httpx.Request, exchange: Exchange) -> httpx.Response:
    """Send a request and return its response; `exchange` records what happened to it."""
    token = EXCHANGE.set(exchange)
    try:
        return await pool.handle_async_request(request)
    except BaseException:  # re-raised, also when the task was cancelled
        for stream in exchange.opened:  # httpcore does not close connections that failed before the request
            await stream.aclose()
        raise
    finally:
        EXCHANGE.reset(token)


class Transport:
    """Connections to the host of one URL."""

    def __init__(
        self,
        url: str,
        *,
        connect_timeout: float,
        idle_timeout: float,
        head_timeout: float = 30.0,
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        """Read the proxy and certificate variables of the environment. Raises `SetupError` that names an invalid one.
        `head_timeout`: seconds for a response's headers from their first byte on. `secrets` are masked in failures.

        Takes tens of milliseconds for https, so create it in a thread.
        """
        self._connect_timeout = connect_timeout
        self._head_timeout = head_timeout
        self._idle_timeout = idle_timeout
        self.proxy = proxy_for(url)
        """The proxy of all requests."""
        self.secrets = secrets | Secrets(in_user_info(urlsplit(self.proxy.url if self.proxy else "").netloc))
        """The given secrets and the proxy's."""
        self._connect_errors = ConnectErrors(self.proxy, connect_timeout, idle_timeout, head_timeout, self.secrets)
        self._tls = _tls_context(url.startswith("https:") or self.proxy is not None)
        self._pooled: _PooledClient | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncGenerator[HttpResponse, None]:
        """Send a request and give its response, whatever the status; redirects are not followed. Raises
        `ConnectFailedError`."""
        all_headers = httpx.Headers(_HEADERS)
        all_headers.update(headers)
        async with self.forward(method, url, all_headers.raw, body) as answer:
            answer.unpack()
            yield answer

    @asynccontextmanager
    async def forward(
        self, method: str, url: str, headers: Sequence[tuple[bytes, bytes]], body: bytes | None = None
    ) -> AsyncGenerator[HttpResponse, None]:
        """Send a request with these headers and no others, and give its response, whose body is not unpacked. Raises
        `ConnectFailedError`."""
        for last in (False, True):
            with self._use() as pooled:
                exchange = Exchange()
                try:
                    request = self._request(method, url, headers, body)
                    response = await _sent(pooled.pool, request, exchange)
                except (*HTTPCORE_ERRORS, httpx.InvalidURL, UnicodeError) as error:
                    if not last and _is_stale(error, exchange):
                        self._retire(pooled)
                        continue
                    raise self._connect_errors.failure(error, url, exchange) from error
                answer = HttpResponse(response, pooled, self._idle_timeout, exchange.sent, self.secrets)
                answer.proxy = self.proxy
                answer.reused = exchange.reused
                answer.opening = exchange.dns, exchange.connect, exchange.tls
                try:
                    if last or not (exchange.stale or (exchange.reused and _closed_while_idle(answer))):
                        yield answer
                        return
                    self._retire(pooled)
                finally:
                    await answer.close()

    async def open_ahead(self, url: str) -> None:
        """Open a connection for the next request; sends nothing. Raises `ConnectFailedError`."""
        with self._use() as pooled:
            try:
                await pooled.pool.open_ahead(httpx.URL(url), self._connect_timeout, _AHEAD)
            except (*HTTPCORE_ERRORS, httpx.InvalidURL, UnicodeError) as error:
                raise self._connect_errors.failure(error, url, Exchange()) from error

    async def close(self) -> None:
        """Close all unused connections and wait for that; the others are closed when their users finish."""
        pooled, self._pooled = self._pooled, None
        if pooled is not None:
            pooled.discard = True
            if not pooled.users:
                self._close(pooled)
        while self._closing:
            await asyncio.wait(set(self._closing))

    def _retire(self, pooled: _PooledClient) -> None:
        """Use other connections for the next request."""
        pooled.discard = True
        if self._pooled is pooled:
            self._pooled = None

    @contextmanager
    def _use(self) -> Generator[_PooledClient, None, None]:
        """Give the current connections. A cancelled user marks them as discarded, so that the next one gets new
        connections."""
        pooled = self._pooled = self._pooled or _PooledClient(self._pool())
        pooled.users += 1
        try:
            yield pooled
        except asyncio.CancelledError:
            pooled.discard = True
            raise
        finally:
            pooled.users -= 1
            if pooled.discard:
                if self._pooled is pooled:
                    self._pooled = None
                if not pooled.users:
                    self._close(pooled)

    def _close(self, pooled: _PooledClient) -> None:
        task = asyncio.get_running_loop().create_task(pooled.pool.aclose(), name="close connections")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _pool(self) -> Pool:
        proxy = None if self.proxy is None else self.proxy.url
        return Pool(self._tls, proxy, head_timeout=self._head_timeout, keep_alive=_KEEP_ALIVE)

    def _request(
        self, method: str, url: str, headers: Sequence[tuple[bytes, bytes]], body: bytes | None
    ) -> httpx.Request:
        silence = self._idle_timeout or None
        if (zone := _ZONE.search(url)) and not any(name.lower() == b"host" for name, _ in headers):
            headers = [(b"Host", f"{zone[1]}]{zone[2] or ''}".encode()), *headers]
        timeouts = {"connect": self._connect_timeout, "read": silence, "write": silence, "pool": None}
        return httpx.Request(method, url, headers=list(headers), content=body, extensions={"timeout": timeouts})


def _tls_context(needed: bool) -> ssl.SSLContext:
    if not needed:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # has no certificates; loading them takes 20 ms and more
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        variable = "SSL_CERT_FILE" if os.environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        raise SetupError(ended(f"{variable} names no usable certificates: {error}")) from error
