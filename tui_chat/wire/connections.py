"""Connections as httpcore uses them, with bounds that it does not have: on how long the head of an answer takes once it
has begun, how large it is, and how many interim heads (1xx) come before it.
"""

from __future__ import annotations

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

_START: Final = b"HTTP/"
_CODING: Final = b"transfer-encoding:"


class HeadTimeoutError(httpcore.ReadTimeout):
    """The head of an answer began and was not complete in time."""


class HeadTooLargeError(httpcore.RemoteProtocolError):
    """The head of an answer is beyond its bounds. The text is a clause that says which."""


class NotHttpError(httpcore.RemoteProtocolError):
    """What came is no answer in HTTP. The text is its first line."""


class Stream(httpcore.AsyncNetworkStream):
    """One connection. The head of each answer is handed to httpcore whole, without the interim ones before it."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, head_timeout: float) -> None:
        """`head_timeout` in seconds, from the first byte of a head."""
        self._inner = inner
        self._head_timeout = head_timeout
        self._head_comes = False
        """A request was written, and the head of its answer is not read."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        """What has come. The whole head comes at once, and may be larger than `max_bytes`."""
        if not self._head_comes:
            return await self._inner.read(max_bytes, timeout)
        head = await self._read_head(max_bytes, timeout)
        self._head_comes = False
        return head

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's
        """Send all of it; `timeout` seconds are for each 64 KiB."""
        self._head_comes = True
        for at in range(0, len(buffer), _WRITE):
            await self._inner.write(buffer[at : at + _WRITE], timeout)

    async def aclose(self) -> None:
        """Close it."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted."""
        return Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout), self._head_timeout)

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
            deadline = deadline or monotonic() + self._head_timeout
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
    """Makes the connections."""

    def __init__(self, head_timeout: float) -> None:
        """`head_timeout` in seconds, from the first byte of a head."""
        self._inner = httpcore.AnyIOBackend()
        self._head_timeout = head_timeout

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A new connection."""
        inner = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return Stream(inner, self._head_timeout)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


class Pool(httpx.AsyncBaseTransport):
    """What sends httpx's requests: httpcore's connections over a network of ours. Raises httpcore's errors."""

    def __init__(self, network: Network, tls: ssl.SSLContext, proxy: str | None, keep_alive: float) -> None:
        """`keep_alive` is for how many seconds an idle connection is kept."""
        how: dict[str, Any] = {
            "ssl_context": tls,
            "max_connections": None,
            "max_keepalive_connections": 4,
            "keepalive_expiry": keep_alive,
            "network_backend": network,
        }
        self._pool: httpcore.AsyncConnectionPool
        if proxy is None:
            self._pool = httpcore.AsyncConnectionPool(**how)
            return
        described = httpx.Proxy(proxy)
        url, how["proxy_auth"] = _core_url(described.url), described.raw_auth
        if described.url.scheme.startswith("socks"):
            self._pool = httpcore.AsyncSOCKSProxy(url, **how)
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
        answer = await self._pool.handle_async_request(asked)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Pieces(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close all connections."""
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


def _core_url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
