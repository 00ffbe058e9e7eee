"""HTTP: what, together with connections.py, knows httpx and httpcore.

Keeps connections open from turn to turn, hands out the body as it comes, and says in a person's words what went wrong.
Import it lazily: httpx costs as much start-up time as half of the screen.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import sys
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tui_chat import __version__
from tui_chat.chat.events import Failed
from tui_chat.chat.ports import SetupError
from tui_chat.chat.secrets import Secrets, in_user_info
from tui_chat.wire.decoding import DecodingError, cannot_undo, codings_in, unpacked
from tui_chat.wire.endpoint import reach_of
from tui_chat.wire.failures import (
    NO_SECRETS,
    ConnectFailedError,
    ConnectionLostError,
    UndecodableError,
    excerpt,
    sentence,
)
from tui_chat.wire.proxy import proxy_for

# httpx imports its own command line where click and rich are installed, which other packages bring: 2 MB for nothing.
# `None` there says to Python that there is no such module, and httpx goes on without.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpcore  # noqa: E402
import httpx  # noqa: E402

from tui_chat.wire.connections import HeadTimeoutError, Network, NotHttpError, Pool  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping

_DRAIN: Final = 0.1
"""Seconds to wait for the end of a body whose answer is over, so that its connection can carry the next one."""

_REST: Final = 0.005
"""Seconds between two reads of a body that comes in small pieces faster than that: each read costs as much as handling
a dozen of them."""

_MUCH: Final = 4096
"""Bytes; where a read brings more, fewer reads would gain nothing."""

_MOST: Final = 1024 * 1024
"""Bytes that may wait to be taken; beyond that nothing more is read."""

_HANDED: Final = 64 * 1024
"""Bytes that are handed over at once: what is made of them is made without a turn of the event loop."""

_KEEP_ALIVE: Final = 120.0
"""Seconds that an idle connection is kept for the next turn."""


_HEADERS: Final = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "keep-alive",
    "User-Agent": f"tui-chat/{__version__}",
}

_TROUBLES: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class Answer:
    """A response whose head has come."""

    def __init__(self, response: httpx.Response, line: _Line, idle_timeout: float, secrets: Secrets) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        """By lower-case names."""
        self._codings = codings_in(secrets.masked(response.headers.get("content-encoding", "")))
        self.cannot_undo = cannot_undo(self._codings)
        """The coding of the body that cannot be undone; empty: it can be read."""
        self.size = 0
        """Bytes of the body that were handed over."""
        self._response = response
        self._line = line
        self._idle_timeout = idle_timeout
        self._body: _Body | None = None

    async def chunk(self, within: float | None = None) -> bytes | None:
        """What has come since the last time, decompressed and at most 64 KiB; if that is nothing, waits for more.
        `None` at the end of the body. Raises `ConnectionLostError`, and `TimeoutError` when `within` seconds bring
        nothing."""
        if self._body is None:
            if self.cannot_undo:
                raise UndecodableError(self.cannot_undo)
            raw = self._response.aiter_raw()
            self._body = _Body(unpacked(raw, self._codings) if self._codings else raw)
        try:
            async with asyncio.timeout(within), asyncio.timeout(self._idle_timeout or None) as silence:
                chunk = await self._body.take()
        except TimeoutError:
            if not silence.expired():
                raise
            raise ConnectionLostError("the server fell silent") from None
        except httpcore.ReadTimeout:
            raise ConnectionLostError("the server fell silent") from None
        except DecodingError as error:
            raise ConnectionLostError(str(error)) from None
        except _TROUBLES:
            raise ConnectionLostError("the connection was lost") from None
        self.size += len(chunk or b"")
        return chunk

    async def beginning(self, most: int, silence: float, within: float) -> tuple[bytes, float | None]:
        """The body, or `most` bytes of it, or what came before it broke off, paused for `silence` seconds or took
        longer than `within` seconds; and which of these two times ran out."""
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
        """Wait a moment for the end of a body whose rest does not count, so that its connection is kept."""
        with suppress(ConnectionLostError, TimeoutError):
            while await self.chunk(within=_DRAIN) is not None:
                pass

    async def close(self) -> None:
        """Let go of the connection; it can carry another request only if the body was read to its end."""
        if self._body is not None and not await self._body.close():
            self._line.spoiled = True
        await self._response.aclose()


class _Body:
    """A body on its way in, read by a task of its own, so that all that has come can be taken at once.

    httpx gives a body in the pieces in which it was sent, often one for each token, and does not say which of them it
    has already. The reader takes pieces until it has to wait; only then does the event loop get to whoever takes.
    """

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._come: list[bytes] = []
        self._news = asyncio.Event()
        """Something has come, or the end."""
        self._size = 0
        """Bytes that have come and are not taken."""
        self._handed = False
        """More had come than was handed over the last time."""
        self._taken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._waited = True
        """The event loop has had a turn since the last piece: the next one is brought by another read."""
        self._reader = self._loop.create_task(self._read(), name="read a body")
        self._reader.add_done_callback(lambda _: self._news.set())

    async def take(self) -> bytes | None:
        """What has come, at least a byte and hardly more than 64 KiB; `None` at the end. Raises httpcore's errors and
        `DecodingError`."""
        if self._come and self._handed:
            await asyncio.sleep(0)
        while not self._come:
            if self._reader.done():
                self._reader.result()
                return None
            self._news.clear()
            await self._news.wait()
        if self._size <= _HANDED:
            taken, self._come = self._come, []
        else:
            size = count = 0
            while size < _HANDED:
                size += len(self._come[count])
                count += 1
            taken = self._come[:count]
            del self._come[:count]
        data = b"".join(taken)
        self._handed = bool(self._come)
        self._size -= len(data)
        self._taken.set()
        return data

    async def close(self) -> bool:
        """Read no further. True: the whole body had been read."""
        whole = self._reader.done()
        if not whole:
            self._reader.cancel()
            await asyncio.wait({self._reader})
        if not self._reader.cancelled():
            self._reader.exception()  # nobody asked for more, so nobody needs to hear of it
        return whole

    async def _read(self) -> None:
        read_at, brought = 0.0, 0
        async for piece in self._pieces:
            if piece:
                self._come.append(piece)
                self._size += len(piece)
                self._news.set()
            if self._waited:
                soon = monotonic() - read_at < _REST and brought < _MUCH
                self._look_for_a_wait()
                if soon:
                    await asyncio.sleep(_REST)
                    self._look_for_a_wait()  # what is left of this read comes without one
                read_at, brought = monotonic(), 0
            brought += len(piece)
            if self._size > _MOST:
                self._taken.clear()
                await self._taken.wait()

    def _look_for_a_wait(self) -> None:
        self._waited = False
        self._loop.call_soon(self._note_wait)

    def _note_wait(self) -> None:
        self._waited = True


class _Line:
    """Connections, and how many use them."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.users = 0
        self.spoiled = False
        """A request was cancelled: httpcore may have lost the connection (httpx#3782), so all of them are closed."""


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
        """Reads the environment's proxy and certificate settings. Raises `SetupError` naming what is wrong there.
        `head_timeout` is how many seconds the head of an answer may take from its first byte on. `secrets` are masked
        in failures.

        Takes tens of milliseconds for https: make it in a thread.
        """
        self._connect_timeout = connect_timeout
        self._head_timeout = head_timeout
        self._idle_timeout = idle_timeout
        self._proxy = proxy_for(url)
        self.secrets = secrets | Secrets(in_user_info(urlsplit(self._proxy or "").netloc))
        """Those it was given, and the proxy's."""
        self._tls = _tls_context(url.startswith("https:") or self._proxy is not None)
        self._line: _Line | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncGenerator[Answer, None]:
        """Send a request and give its answer, whatever the status; redirects are not followed. Raises
        `ConnectFailedError`."""
        with self._use() as line:
            try:
                request = self._request(method, url, headers, body)
                response = await line.pool.handle_async_request(request)
            except (*_TROUBLES, httpx.InvalidURL, UnicodeError) as error:
                failed, again = self._explain(error, url)
                raise ConnectFailedError(failed, again=again) from error
            answer = Answer(response, line, self._idle_timeout, self.secrets)
            try:
                yield answer
            finally:
                await answer.close()

    async def close(self) -> None:
        """Close the connections that nobody uses (the others close when their user leaves), and wait for that."""
        line, self._line = self._line, None
        if line is not None:
            line.spoiled = True
            if not line.users:
                self._close(line)
        while self._closing:
            await asyncio.wait(set(self._closing))

    @contextmanager
    def _use(self) -> Generator[_Line, None, None]:
        """The connections of the moment. A cancelled user spoils them: the next one gets others."""
        line = self._line = self._line or _Line(self._pool())
        line.users += 1
        try:
            yield line
        except asyncio.CancelledError:
            line.spoiled = True
            raise
        finally:
            line.users -= 1
            if line.spoiled:
                if self._line is line:
                    self._line = None
                if not line.users:
                    self._close(line)

    def _close(self, line: _Line) -> None:
        task = asyncio.get_running_loop().create_task(line.pool.aclose(), name="close connections")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _pool(self) -> Pool:
        return Pool(Network(self._head_timeout), self._tls, self._proxy, _KEEP_ALIVE)

    def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> httpx.Request:
        silence = self._idle_timeout or None
        timeouts = {"connect": self._connect_timeout, "read": silence, "write": silence, "pool": None}
        all_headers = httpx.Headers(_HEADERS)
        all_headers.update(headers)
        return httpx.Request(method, url, headers=all_headers, content=body, extensions={"timeout": timeouts})

    def _explain(self, error: Exception, url: str) -> tuple[Failed, bool]:
        """The failure for a person, and whether asking once more may help."""
        host = urlsplit(url).netloc
        said = self.secrets.masked(str(error))
        if isinstance(error, httpcore.ConnectTimeout):
            hint = "Check the address and the network, or whether a firewall stands in between."
            return Failed(f"No connection to {host} within {self._connect_timeout:g} s.", hint, "network", url), True
        if isinstance(error, HeadTimeoutError):
            problem = (
                f"{host} began to answer, but the head of its answer was not whole within {self._head_timeout:g} s."
            )
            hint = "The server, or a proxy on the way, is stuck; a longer head_timeout waits longer."
            return Failed(problem, hint, "network", url), False
        if isinstance(error, httpcore.WriteTimeout):
            problem = f"{host} did not take the whole question: nothing more was accepted for {self._idle_timeout:g} s."
            return Failed(problem, "Try again, or send less.", "network", url), False
        if isinstance(error, httpcore.TimeoutException):
            hint = "The model may still be loading; a longer idle_timeout waits longer."
            return Failed(f"{host} sent nothing for {self._idle_timeout:g} s.", hint, "network", url), False
        if isinstance(error, httpcore.ProxyError):
            problem = sentence(f"The proxy {_shown(self._proxy)} did not let the request through", said)
            return Failed(problem, "Check the proxy variables (HTTPS_PROXY, NO_PROXY).", "network", url), False
        if isinstance(error, httpcore.ConnectError):
            return self._connect_error(error, url, host), True
        if isinstance(error, httpcore.NetworkError):
            return Failed(f"The connection to {host} was lost.", "Try again.", "network", url), True
        if isinstance(error, NotHttpError):
            problem = sentence(f"{host} does not answer in HTTP", said)
            return Failed(problem, "Check the port, and http or https in the base URL.", "network", url), False
        if isinstance(error, httpcore.RemoteProtocolError):
            if "without sending" in str(error):
                return Failed(f"{host} closed the connection without an answer.", "Try again.", "network", url), True
            problem = sentence(f"The answer of {host} breaks the rules of HTTP", said)
            hint = "Look at the server's log; a proxy or gateway on the way may have made the answer so."
            return Failed(problem, hint, "network", url), False
        return Failed(sentence("The request cannot be sent", said), "Check the base URL.", "request", url), False

    def _connect_error(self, error: httpcore.ConnectError, url: str, host: str) -> Failed:
        whom = f"the proxy {_shown(self._proxy)}" if self._proxy else host
        for cause in _causes(error):
            if isinstance(cause, socket.gaierror):
                problem = f"The name of {whom} cannot be found."
                hint = "Check the address for a typing error, and the network."
            elif isinstance(cause, ssl.SSLCertVerificationError):
                problem = f"The certificate of {whom} is not trusted: {cause.verify_message}."
                hint = "If it is your own authority's, name its file in SSL_CERT_FILE."
            elif isinstance(cause, ssl.SSLError):
                problem = f"No TLS with {whom}: {excerpt(cause.reason or str(cause))}."
                hint = "If the server speaks plain http, begin the base URL with http://."
            elif isinstance(cause, ConnectionRefusedError):
                problem = f"Nothing listens at {whom} (connection refused)."
                hint = "Check the address and the port."
                if not self._proxy and reach_of(urlsplit(url).hostname or "") == "loopback":
                    hint = "Start the server, or check the port."
            elif isinstance(cause, OSError) and cause.errno in {errno.ENETUNREACH, errno.EHOSTUNREACH}:
                problem, hint = f"There is no way to {whom} from here.", "Check the network (VPN, Wi-Fi)."
            else:
                continue
            return Failed(problem, hint, "network", url)
        said = self.secrets.masked(str(error))
        return Failed(f"No connection to {whom}: {excerpt(said)}.", "Check the address.", "network", url)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exceptions behind `error`, the innermost first."""
    inner = error.__cause__ or error.__context__
    if inner is not None:
        yield from _causes(inner)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _causes(member)
    yield error


def _shown(proxy: str | None) -> str:
    """A proxy's URL without user and password."""
    parts = urlsplit(proxy or "")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _tls_context(needed: bool) -> ssl.SSLContext:
    if not needed:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # knows no authority; loading them takes 20 ms and more
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        variable = "SSL_CERT_FILE" if os.environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        raise SetupError(f"{variable} names no usable certificates: {error}.") from error
