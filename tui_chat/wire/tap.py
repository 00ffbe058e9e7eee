"""A loopback proxy that passes requests on to one server, and notes on a tape what both sides said.

Another program uses the tap's address as its base URL. Bodies pass unchanged, byte for byte and piece by piece; headers
pass in their order, without those that belong to one connection (RFC 9110, section 7.6.1). A hang-up passes in both
directions.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import h11

from tui_chat.chat.secrets import Secrets, in_headers, in_url
from tui_chat.wire.failures.errors import ConnectFailedError, ConnectionLostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui_chat.wire.http.transport import HttpResponse, Transport
    from tui_chat.wire.tape.tape import Tape

log = logging.getLogger(__name__)

MAX_HEAD: Final = 64 * 1024
"""Maximum bytes of a request's head."""

MAX_BODY: Final = 256 * 1024 * 1024
"""Maximum bytes of a request's body."""

HEAD_WAIT: Final = 30.0
"""Seconds that a request's head may take once it has begun, and each piece of its body."""

IDLE: Final = 120.0
"""Seconds that a client's connection is kept between two requests."""

_READ: Final = 64 * 1024
_PER_CONNECTION: Final = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te"}
    | {b"trailer", b"transfer-encoding", b"upgrade", b"expect"}
)
"""Headers that are not passed on."""

RawHeaders = list[tuple[bytes, bytes]]


class TapServer:
    """Listens on loopback and passes each request on to the server of one URL."""

    def __init__(self, url: str, port: int, transport: Transport, tape: Tape) -> None:
        """`url`: the server's base URL; each request's own path is asked of its host. `port` 0 chooses a free one."""
        parts = urlsplit(url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.rstrip("/")
        self._port = port
        self._transport = transport
        self._tape = tape
        self._secrets = Secrets(in_url(url)) | transport.secrets
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        """The URL to give to another program in place of the server's."""
        if self._server is None:
            raise RuntimeError("the tap has not been started")
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}{self._path}"

    async def start(self) -> None:
        """Begin to listen. Raises `OSError` if the port is taken."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, limit=_READ)

    async def close(self) -> None:
        """Stop listening, and hang up on both sides."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        await self._transport.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
        try:
            client = _Client(reader, writer)
            while await self._pass_one(client):
                client.next()
        except (ConnectionError, TimeoutError, h11.ProtocolError) as error:
            log.info("A client's connection to the tap ended: %s", error)
        except asyncio.CancelledError:
            pass  # the tap is being closed; asyncio would report a cancelled handler as an error
        finally:
            if task is not None:
                self._connections.discard(task)
            writer.close()

    async def _pass_one(self, client: _Client) -> bool:
        """Pass on one request and its response. Returns whether the connection can carry another."""
        request = await client.request()
        if request is None:
            return False
        method, target = request.method.decode("ascii"), request.target.decode("ascii")
        if problem := _refusal(request):
            await client.refuse(problem)
            return False
        body = await client.body()
        url = self._origin + target
        headers = _to_server(request.headers, body)
        shown = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        secrets = self._secrets | Secrets([*in_headers(shown), *in_url(url)])
        with self._tape.begin(method, url, shown, body or b"", secrets) as taped:
            passing = asyncio.create_task(self._forward(client, method, url, headers, body, taped.responded, secrets))
            gone = asyncio.create_task(client.gone())
            try:
                await asyncio.wait({passing, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (passing, gone):
                    task.cancel()
                await asyncio.wait({passing, gone})
            return passing.result() if not passing.cancelled() else False

    async def _forward(
        self,
        client: _Client,
        method: str,
        url: str,
        headers: RawHeaders,
        body: bytes | None,
        responded: Callable[[HttpResponse, Secrets], None],
        secrets: Secrets,
    ) -> bool:
        try:
            async with self._transport.forward(method, url, headers, body) as answer:
                answer.rest = 0.0
                responded(answer, secrets)
                await client.respond(answer)
                while (piece := await answer.chunk()) is not None:
                    await client.send(piece)
        except ConnectFailedError as error:
            await client.refuse((HTTPStatus.BAD_GATEWAY, f"tui-chat tap: {secrets.masked(str(error))}"))
            return False
        except ConnectionLostError:
            return False  # the client sees that it broke off, as it would without the tap
        return await client.finish()


class _Client:
    """One connection of another program."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._early = b""
        """The bytes that the client sent before the response was over: the next request."""

    async def request(self) -> h11.Request | None:
        """The next request's head; `None`: the client hung up."""
        event = await self._event(IDLE)
        return event if isinstance(event, h11.Request) else None

    async def body(self) -> bytes | None:
        """The request's body; `None`: it has none. Raises `ConnectionError` if it breaks off or is too large."""
        pieces: list[bytes] = []
        size = 0
        while True:
            if self._http.they_are_waiting_for_100_continue:
                await self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
            event = await self._event(HEAD_WAIT)
            if isinstance(event, h11.EndOfMessage):
                return b"".join(pieces) if pieces else None
            if not isinstance(event, h11.Data):
                raise ConnectionError("the client hung up")
            pieces.append(bytes(event.data))
            size += len(event.data)
            if size > MAX_BODY:
                await self.refuse((HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "tui-chat tap: the request is too large"))
                raise ConnectionError("the request is too large")

    async def gone(self) -> None:
        """Return when the client has hung up; what it sends meanwhile is kept for the next request."""
        while data := await self._reader.read(_READ):
            self._early += data
            if len(self._early) > MAX_HEAD:
                await asyncio.Event().wait()  # it sends ahead, and waits until the response is over

    async def respond(self, answer: HttpResponse) -> None:
        """Send the response's head."""
        headers = list(answer.raw_headers)
        dropped = _PER_CONNECTION | _named_by_connection(headers)
        kept = [(name, value) for name, value in headers if name.lower() not in dropped]
        reason = answer.reason.encode("latin-1", "replace")
        await self._write(self._http.send(h11.Response(status_code=answer.status, headers=kept, reason=reason)))

    async def send(self, data: bytes) -> None:
        """Send a piece of the body."""
        await self._write(self._http.send(h11.Data(data=data)))

    async def finish(self) -> bool:
        """End the response. Returns whether the connection can carry another request."""
        await self._write(self._http.send(h11.EndOfMessage()))
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def refuse(self, problem: tuple[HTTPStatus, str]) -> None:
        """Answer with a status and a sentence, and close the connection."""
        status, text = problem
        data = text.encode() + b"\n"
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(data)))]
        response = h11.Response(
            status_code=status, headers=[*headers, ("Connection", "close")], reason=status.phrase.encode()
        )
        if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            for event in (response, h11.Data(data=data), h11.EndOfMessage()):
                await self._write(self._http.send(event))

    def next(self) -> None:
        """Begin with the next request."""
        self._http.start_next_cycle()

    async def _event(self, wait: float) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._early:
                data, self._early = self._early, b""
            else:
                async with asyncio.timeout(wait):
                    data = await self._reader.read(_READ)
            self._http.receive_data(data)
            wait = HEAD_WAIT

    async def _write(self, data: bytes | None) -> None:
        if data:
            self._writer.write(data)
            await self._writer.drain()


def _to_server(headers: Iterable[tuple[bytes, bytes]], body: bytes | None) -> RawHeaders:
    """The headers to pass on: without those of the connection, and without the tap's own name as the host."""
    headers = list(headers)
    dropped = _PER_CONNECTION | _named_by_connection(headers) | {b"host", b"content-length"}
    length = [] if body is None else [(b"Content-Length", str(len(body)).encode())]
    return [*((name, value) for name, value in headers if name.lower() not in dropped), *length]


def _refusal(request: h11.Request) -> tuple[HTTPStatus, str] | None:
    """Why a request is not passed on: a status and a sentence."""
    headers = {name.lower(): value for name, value in request.headers}
    if request.method == b"CONNECT":
        what = "set it as the base URL of a client, not as its proxy"
        return HTTPStatus.NOT_IMPLEMENTED, f"tui-chat tap is not a tunnel (CONNECT): {what}"
    if b"upgrade" in headers and b"websocket" in headers[b"upgrade"].lower():
        return HTTPStatus.NOT_IMPLEMENTED, "tui-chat tap passes no WebSockets on, only HTTP requests"
    if not request.target.startswith(b"/"):
        return HTTPStatus.BAD_REQUEST, "tui-chat tap is not a proxy: set it as the base URL of a client"
    if not _is_local(headers.get(b"host", b"").decode("latin-1")):
        # A web page whose name was made to point to this machine could read what passes (DNS rebinding).
        return HTTPStatus.MISDIRECTED_REQUEST, "tui-chat tap answers only to localhost and to loopback addresses"
    return None


def _is_local(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost" or name.endswith(".localhost")


def _named_by_connection(headers: Sequence[tuple[bytes, bytes]]) -> set[bytes]:
    """The headers that the Connection header names, in lower case."""
    values = [value for name, value in headers if name.lower() == b"connection"]
    return {each.strip().lower() for value in values for each in value.split(b",")} - {b""}
