"""The tap passes requests and responses on unchanged, and hang-ups in both directions."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, ByteServer, chunked, head, whole
from tui_chat.wire.http import transport
from tui_chat.wire.http.transport import Transport
from tui_chat.wire.tap import MAX_HEAD, TapServer
from tui_chat.wire.tape.tape import Tape

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.byte_server import Request, Step

PIECES = [b"data: %d\n\n" % number for number in range(20)]


@asynccontextmanager
async def tapping(url: str, tape: Tape | None = None) -> AsyncIterator[TapServer]:
    tap = TapServer(url, 0, Transport(url, connect_timeout=60, idle_timeout=60), tape or Tape())
    await tap.start()
    try:
        yield tap
    finally:
        await tap.close()


@asynccontextmanager
async def getting(url: str, tape: Tape | None = None) -> AsyncIterator[httpx.Response]:
    """A response that came through a tap, with its body still to be read."""
    async with tapping(url, tape) as tap, client() as http, http.stream("GET", tap.base_url) as answer:
        yield answer


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=60, trust_env=False)


async def test_a_request_arrives_as_it_was_sent_and_so_does_its_response() -> None:
    def script(_: Request) -> list[Step]:
        return [head(201, "text/event-stream", X_Odd="1"), *chunked(PIECES), LAST_CHUNK]

    body = bytes(range(256)) * 400
    async with ByteServer(script) as server, tapping(server.url) as tap, client() as http:
        assert tap.base_url.endswith("/v1")
        answer = await http.post(f"{tap.base_url}/x?a=b%20c", content=body, headers={"Authorization": "Bearer k-123"})
        assert (answer.status_code, answer.content, answer.headers["x-odd"]) == (201, b"".join(PIECES), "1")
    (request,) = server.requests
    assert (request.method, request.target, request.body) == ("POST", "/v1/x?a=b%20c", body)
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["authorization"] == "Bearer k-123"
    assert request.headers["accept-encoding"] == http.headers["accept-encoding"]


async def test_a_piece_is_there_before_the_next_is_sent() -> None:
    more = asyncio.Event()
    script: list[Step] = [head(), *chunked([b"data: one\n\n"]), more, *chunked([b"data: two\n\n"]), LAST_CHUNK]
    async with ByteServer(lambda _: script) as server, getting(server.url) as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"data: one\n\n"
        more.set()
        assert await anext(pieces) == b"data: two\n\n"


async def test_no_piece_waits_for_others_to_be_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "REST", 3600.0)  # what a client's own reading would wait
    apart: list[Step] = [step for piece in chunked(PIECES[:5]) for step in (piece, 0.02)]
    async with ByteServer(lambda _: [head(), *apart, LAST_CHUNK]) as server, getting(server.url) as answer:
        assert b"".join([piece async for piece in answer.aiter_raw()]) == b"".join(PIECES[:5])


async def test_a_compressed_body_passes_as_it_is() -> None:
    data = gzip.compress(b"".join(PIECES))
    script = whole(data, 200, "text/event-stream", Content_Encoding="gzip")
    async with ByteServer(lambda _: script) as server, getting(server.url) as answer:
        assert b"".join([piece async for piece in answer.aiter_raw()]) == data
        assert answer.headers["content-length"] == str(len(data))


async def test_a_connection_carries_many_requests() -> None:
    async with ByteServer(lambda _: whole(b"{}")) as server, tapping(server.url) as tap, client() as http:
        for number in range(5):
            assert (await http.post(f"{tap.base_url}/{number}", content=b"x" * number)).content == b"{}"
    assert [request.body for request in server.requests] == [b"x" * number for number in range(5)]
    assert server.connections == 1


async def test_fifty_streams_pass_at_once() -> None:
    together = asyncio.Event()

    def script(request: Request) -> list[Step]:
        if len(server.requests) == 50:
            together.set()
        return [head(), together, *chunked([request.target.encode(), *PIECES]), LAST_CHUNK]

    async with ByteServer(script) as server, tapping(server.url) as tap, client() as http:
        answers = await asyncio.gather(*(http.get(f"{tap.base_url}/{number}") for number in range(50)))
    assert [answer.content for answer in answers] == [b"/v1/%d" % number + b"".join(PIECES) for number in range(50)]


@pytest.mark.parametrize("begun", [True, False])
async def test_a_client_that_hangs_up_ends_the_request_to_the_server(begun: bool) -> None:
    script: list[Step] = [head(), *chunked([b"data: one\n\n"]), HANG] if begun else [HANG]
    async with ByteServer(lambda _: script) as server, tapping(server.url, tape := Tape()) as tap:
        reader, writer = await asyncio.open_connection(*tap.base_url.removeprefix("http://").split("/")[0].split(":"))
        writer.write(b"GET /v1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await server.until(lambda: len(server.requests) == 1)
        if begun:
            await reader.readuntil(b"one\n\n")
        writer.close()
        await server.until(lambda: len(server.hang_ups) == 1)
    assert tape.exchanges[0].how == "stopped"


async def test_a_server_that_breaks_off_is_seen_to_break_off() -> None:
    script: list[Step] = [head(), *chunked([b"data: one\n\n"]), CLOSE]
    async with ByteServer(lambda _: script) as server, getting(server.url, tape := Tape()) as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"data: one\n\n"
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(pieces)
    assert tape.exchanges[0].how == "lost"


async def test_a_server_that_is_not_there_is_a_502_with_the_reason() -> None:
    async with ByteServer() as server:
        url = server.url
    async with tapping(url) as tap, client() as http:
        answer = await http.get(tap.base_url)
    assert answer.status_code == 502
    assert "tui-chat tap" in answer.text


@pytest.mark.parametrize(
    ("request_bytes", "status", "word"),
    [
        (b"CONNECT host:443 HTTP/1.1\r\nHost: host:443\r\n\r\n", b"501", b"CONNECT"),
        (
            b"GET /v1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            b"501",
            b"WebSocket",
        ),
        (b"GET http://other/ HTTP/1.1\r\nHost: other\r\n\r\n", b"400", b"base URL"),
        (b"GET /v1 HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421", b"localhost"),
    ],
)
async def test_what_cannot_pass_is_refused_with_a_sentence(request_bytes: bytes, status: bytes, word: bytes) -> None:
    async with ByteServer(lambda _: whole(b"{}")) as server, tapping(server.url) as tap:
        answer = await said(tap, request_bytes)
        assert answer.split()[1] == status
        assert word in answer
        assert not server.requests


async def test_a_head_that_never_ends_is_not_read_for_ever() -> None:
    async with ByteServer() as server, tapping(server.url) as tap:
        assert await said(tap, b"GET /v1 HTTP/1.1\r\nX: " + b"x" * 4 * MAX_HEAD) == b""
        assert not server.requests


async def test_a_body_in_chunks_is_passed_on_whole_after_100_continue() -> None:
    start = b"POST /v1 HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with ByteServer(lambda _: whole(b"{}")) as server, tapping(server.url) as tap:
        answer = await said(tap, start + b"".join(chunked([b"abc", b"def"])) + LAST_CHUNK)
    assert b"200" in answer
    assert server.requests[0].body == b"abcdef"


async def said(tap: TapServer, data: bytes) -> bytes:
    """What the tap answers to these bytes until it has answered or hangs up."""
    host, _, port = tap.base_url.removeprefix("http://").partition("/")[0].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    found = b""
    with suppress(ConnectionError):
        writer.write(data)
        await writer.drain()
        while b"{}" not in found and (piece := await reader.read(65536)):
            found += piece
    writer.close()
    return found
