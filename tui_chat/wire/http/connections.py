"""Connections as httpcore uses them, with bounds that it does not have: on how long the head of an answer takes once it
has begun, how large it is, and how many interim heads (1xx) come before it. They can be opened before there is anything
to send, and tell what happened to a request.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterable

MAX_HEAD: Final = 100 * 1024
"""Bytes that the head of an answer may have; h11 takes no more either."""

MAX_INTERIM: Final = 100
"""Interim heads (1xx) that may come before the real one."""

_WRITE: Final = 64 * 1024
"""Bytes that are sent at once: the limit of time is for each, so that a large question may take longer."""

_TICKETS: Final = 0.01
"""Seconds to wait for a word where only TLS has something to read."""

_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_START: Final = b"HTTP/"
_CODING: Final = b"transfer-encoding:"


class HeadTimeoutError(httpcore.ReadTimeout):
    """The head of an answer began and was not complete in time."""


class HeadTooLargeError(httpcore.RemoteProtocolError):
    """The head of an answer is beyond its bounds. The text is a clause that says which."""


class NotHttpError(httpcore.RemoteProtocolError):
    """What came is no answer in HTTP. The text is its first line."""


@dataclass(slots=True)
class Exchange:
    """What became of one request, as far as its connection tells."""

    sent: float | None = None
    """Monotonic second at which its last byte was handed to the system."""
    reused: bool = False
    """Its connection had been open before."""
    begun: bool = False
    """A byte of the answer has come."""
    opened: list[httpcore.AsyncNetworkStream] = field(default_factory=list)
    """What was connected for it."""
    secured: str = ""
    """The host with which TLS was last agreed on, or was to be; empty: there was none."""

    @property
    def stale(self) -> bool:
        """What was read is no answer to this request: what happened on the connection before has spoiled it."""
        return self.reused and not self.begun


EXCHANGE: Final[ContextVar[Exchange | None]] = ContextVar("exchange", default=None)
"""That of the request which a task is sending."""


class Stream(httpcore.AsyncNetworkStream):
    """One connection. The head of each answer is handed to httpcore whole, without the interim ones before it."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, head_timeout: float) -> None:
        """`head_timeout` in seconds, from the first byte of a head."""
        self.used = False
        """It has carried a request, or has waited for one."""
        self._inner = inner
        self._head_timeout = head_timeout
        self._head_comes = False
        """A request was written, and the head of its answer is not read."""
        self._speaks_http = False
        """A request was written."""
        self._secured_for: str | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        """What has come. The whole head comes at once, and may be larger than `max_bytes`."""
        if not self._head_comes:
            # httpcore lets a SOCKS proxy take as long as it likes.
            return await self._inner.read(max_bytes, timeout if self._speaks_http else self._head_timeout)
        head = await self._read_head(max_bytes, timeout)
        self._head_comes = False
        return head

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's
        """Send all of it; `timeout` seconds are for each 64 KiB."""
        exchange = EXCHANGE.get()
        if not self._head_comes:
            if exchange is not None:
                exchange.reused, exchange.begun = self.used, False
            if buffer[:1].isalpha():  # a SOCKS proxy is spoken to in other bytes before
                self._head_comes = self._speaks_http = self.used = True
        for at in range(0, len(buffer), _WRITE):
            await self._inner.write(buffer[at : at + _WRITE], timeout)
        if exchange is not None:
            exchange.sent = monotonic()

    async def aclose(self) -> None:
        """Close it."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
    ) -> Stream:
        """The same connection, encrypted; itself where it was before there was a request."""
        exchange = EXCHANGE.get()
        if exchange is not None:
            exchange.secured = server_hostname or ""
        if self._secured_for is not None and self._secured_for == server_hostname and not self._speaks_http:
            return self
        secured = Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout), self._head_timeout)
        secured._secured_for = server_hostname
        return secured

    async def is_alive(self) -> bool:
        """Whether it can carry a request, as far as that can be told without sending one: nothing may have come."""
        if not self._inner.get_extra_info("is_readable"):
            return True
        if self._secured_for is None:
            return False
        try:  # TLS sends tickets after its greeting, which are nothing to whoever reads
            await self._inner.read(1, _TICKETS)
        except httpcore.ReadTimeout:
            return True
        except httpcore.NetworkError:
            return False
        return False

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of the connection below."""
        return self._inner.get_extra_info(info)

    async def _read_head(self, max_bytes: int, silence: float | None) -> bytes:
        """A head, and what came with it of the body; what there is of it where the connection ends."""
        came = bytearray()
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
                return bytes(came)
            if deadline is None:
                deadline = monotonic() + self._head_timeout
                if (exchange := EXCHANGE.get()) is not None:
                    exchange.begun = True
            came += data
            while True:
                if not came.startswith(_START[: len(came)]):
                    came = came.lstrip(b"\r\n")  # some send an empty line behind the body before
                if not came.startswith(_START[: len(came)]):
                    raise NotHttpError(bytes(came[:_WRITE]).partition(b"\n")[0].decode("utf-8", "replace"))
                end = _end_of_head(came, searched)
                if end < 0:
                    break
                if not _is_interim(came):
                    return _readable(bytes(came[:end])) + came[end:]
                del came[:end]
                searched = 0
                interim += 1
                if interim > MAX_INTERIM:
                    raise HeadTooLargeError(f"more than {MAX_INTERIM} interim answers (1xx) came and no other")
            searched = max(0, len(came) - 3)
            if len(came) > MAX_HEAD:
                raise HeadTooLargeError(f"the head is larger than {MAX_HEAD >> 10} KiB")
            if monotonic() > deadline:
                raise HeadTimeoutError


def _end_of_head(came: bytearray, start: int) -> int:
    """Where the empty line behind a head ends; -1: it has not come."""
    found = [at + len(line) for line in (b"\n\r\n", b"\n\n") if (at := came.find(line, start)) >= 0]
    return min(found, default=-1)


def _is_interim(head: bytearray) -> bool:
    """Whether the answer proper is still to come."""
    status = bytes(head[:40]).partition(b" ")[2].lstrip()[:3]
    return status[:1] == b"1" and status != b"101"


def _readable(head: bytes) -> bytes:
    """The head with one `Transfer-Encoding: chunked` where a gateway has said it twice, as browsers read it: h11
    refuses that."""
    lines = head.split(b"\n")
    said = [number for number, line in enumerate(lines) if line[: len(_CODING)].lower() == _CODING]
    codings = {coding.strip().lower() for number in said for coding in lines[number][len(_CODING) :].split(b",")}
    if not said or not codings <= {b"chunked", b"identity", b""}:
        return head
    if b"chunked" in codings:
        lines[said.pop(0)] = b"Transfer-Encoding: chunked\r"
    return b"\n".join(line for number, line in enumerate(lines) if number not in said)


class Network(httpcore.AsyncNetworkBackend):
    """Makes the connections, one of them ahead where it is asked to."""

    def __init__(self, head_timeout: float) -> None:
        """`head_timeout` in seconds, from the first byte of a head."""
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
        """The connection that was opened ahead, or a new one."""
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
        inner = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        if (exchange := EXCHANGE.get()) is not None:
            exchange.opened.append(inner)
        return Stream(inner, self._head_timeout)

    async def open_ahead(self, host: str, port: int, tls: ssl.SSLContext | None, seconds: float, keep: float) -> None:
        """Open a connection within `seconds`, encrypted where `tls` is given, for the first request in `keep` seconds.
        Raises httpcore's errors."""
        if self._ahead is not None:
            return
        stream = Stream(await self._inner.connect_tcp(host, port, seconds), self._head_timeout)
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
        # A server that serves one connection after the other waits for this one: it does not do so for long.
        await asyncio.sleep(seconds)
        if self._ahead is not None and self._ahead[2] is stream:
            self._ahead = None
            await stream.aclose()

    async def close(self) -> None:
        """Close what was opened ahead."""
        if self._dropping is not None:
            self._dropping.cancel()
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            await ahead[2].aclose()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


class Pool(httpx.AsyncBaseTransport):
    """What sends httpx's requests: httpcore's connections over a network of ours. Raises httpcore's errors."""

    def __init__(self, tls: ssl.SSLContext, proxy: str | None, *, head_timeout: float, keep_alive: float) -> None:
        """`keep_alive` is for how many seconds an idle connection is kept."""
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
        """Send a request; the head of its answer has come."""
        asked = httpcore.Request(
            request.method,
            _core_url(request.url),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool.handle_async_request(asked)
        except self._mistakes as error:  # about what a SOCKS proxy says, which httpcore trusts
            raise httpcore.ProxyError("it does not answer as a SOCKS proxy does") from error
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Pieces(answer), extensions=answer.extensions
        )

    async def open_ahead(self, url: httpx.URL, seconds: float, keep: float) -> None:
        """Open a connection for the next request to `url`, unless one is there. Nothing is sent. Raises httpcore's
        errors."""
        if any(each.is_idle() and not each.has_expired() for each in self._pool.connections):
            return
        first = self._proxy or url
        tls = self._tls if first.scheme == "https" and self._proxy is None else None
        port = first.port or _PORTS[first.scheme]
        await self._network.open_ahead(first.raw_host.decode("ascii"), port, tls, seconds, keep)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._network.close()
        await self._pool.aclose()


class _Pieces(httpx.AsyncByteStream):
    """A body in the pieces in which it comes."""

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
