"""How a body is read that comes in pieces: how often, how much at once, and how far ahead."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import HANG, LAST_CHUNK, ByteServer, chunked, head
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.http import body, connections
from tui_chat.wire.http.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.byte_server import Step
    from tui_chat.wire.http.transport import HttpResponse

PIECES = [b"piece %d " % number for number in range(300)]


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The rests between reads, in seconds."""
    taken: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        taken.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", noted)
    return taken


@asynccontextmanager
async def asking(server: ByteServer) -> AsyncIterator[HttpResponse]:
    reading = Transport(server.url, connect_timeout=60, idle_timeout=60)
    async with reading.ask("GET", server.url, {}) as answer:
        yield answer
    await reading.close()


async def pieces(answer: HttpResponse) -> AsyncIterator[bytes]:
    while (piece := await answer.chunk()) is not None:
        yield piece


async def body_of(steps: Sequence[Step], rest: float = body.REST) -> bytes:
    async with ByteServer(script=lambda _: steps) as server, asking(server) as answer:
        answer.rest = rest
        return b"".join([piece async for piece in pieces(answer)])


async def test_what_came_at_once_is_taken_at_once() -> None:
    async with (
        ByteServer(script=lambda _: [head(), b"".join(chunked(PIECES)), LAST_CHUNK]) as server,
        asking(server) as answer,
    ):
        taken = [piece async for piece in pieces(answer)]
    assert b"".join(taken) == b"".join(PIECES)
    assert len(taken) <= 3  # the network may cut


async def test_who_takes_nothing_holds_the_server_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "_MOST", 100_000)
    sent = [b"x" * 10_000] * 5_000  # more than all buffers on the way hold
    async with ByteServer(script=lambda _: [head(), *chunked(sent), LAST_CHUNK]) as server, asking(server) as answer:
        first = await answer.chunk() or b""
        received = answer._body
        assert received is not None
        for _ in range(5000):  # turns of the loop, in which the server writes and the body is read
            await asyncio.sleep(0)
        assert body._MOST < received._size <= body._MOST + 64 * 1024  # one read of the socket
        assert len(first) + sum([len(piece) async for piece in pieces(answer)]) == 50_000_000


async def test_a_body_that_is_left_in_the_middle_is_hung_up() -> None:
    endless = ByteServer(script=lambda _: [head(), *chunked([b"a piece"]), HANG])
    async with endless as server:
        async with asking(server) as answer:
            assert await answer.chunk() == b"a piece"
        await server.until(lambda: len(server.hang_ups) == 1)


async def test_many_small_pieces_are_let_gather(rests: list[float]) -> None:
    paced = [step for piece in chunked(PIECES) for step in (piece, 0.0005)]
    assert await body_of([head(), *paced, LAST_CHUNK], rest=0.05) == b"".join(PIECES)
    long = [rest for rest in rests if rest > body.REST]
    assert 0 < len(long) < len(PIECES) / 2
    assert max(long) <= 0.05 * connections._LONGER


async def test_rests_are_shorter_where_more_comes_than_a_person_reads(rests: list[float]) -> None:
    paced = [step for piece in chunked([b"a" * 4_000] * 20) for step in (piece, 0.01)]
    await body_of([head(), *paced, LAST_CHUNK], rest=0.05)
    assert [rest for rest in rests if body.REST < rest <= 0.05 and rest != 0.01]


async def test_pieces_at_the_pace_of_a_model_are_read_as_they_come(rests: list[float]) -> None:
    paced = [step for piece in chunked(PIECES[:8]) for step in (piece, 5 * body.REST)]
    await body_of([head(), *paced, LAST_CHUNK])
    assert body.REST not in rests


async def test_what_comes_at_once_is_read_without_a_rest(rests: list[float]) -> None:
    burst = b"".join(chunked(PIECES * 100))
    assert await body_of([head(), burst, LAST_CHUNK]) == b"".join(PIECES * 100)
    assert rests.count(body.REST) <= 3  # the network may cut off a small end


def test_the_command_line_of_httpx_is_not_loaded() -> None:
    code = "import sys, tui_chat.wire.http.transport; sys.exit('click' in sys.modules or 'rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_httpx_that_needs_its_command_line_gets_it(tmp_path: Path) -> None:
    package = tmp_path / "httpx"
    package.mkdir()
    (package / "__init__.py").write_text("from httpx._main import main")
    (package / "_main.py").write_text("main = print('needed')")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "try: import tui_chat.wire.http.transport\n"
        "except (ImportError, AttributeError): pass  # the rest of httpx is missing"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "needed\n"


def link_local() -> tuple[str, str] | None:
    """An address of this machine that is unique within one interface only, and the interface."""
    table = Path("/proc/net/if_inet6")
    for line in table.read_text().splitlines() if table.exists() else []:
        digits, _, _, scope, _, interface = line.split()
        if scope == "20":
            return str(ipaddress.IPv6Address(int(digits, 16))), interface
    return None


@pytest.mark.parametrize("percent", ["%", "%25"])
async def test_an_address_with_a_zone_is_reached_and_the_zone_is_not_sent(percent: str) -> None:
    if (found := link_local()) is None:
        pytest.skip("this machine has no link-local address")
    address, interface = found
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    scope = socket.if_nametoindex(interface)
    listening = socket.socket(socket.AF_INET6)
    listening.bind((address, 0, 0, scope))
    server = await asyncio.start_server(serve, sock=listening)
    port = listening.getsockname()[1]
    endpoint = Endpoint(f"http://[{address}{percent}{interface}]:{port}")
    transport = Transport(endpoint.base_url, connect_timeout=60, idle_timeout=60)
    async with server, transport.ask("GET", endpoint.url("/x"), {}) as answer:
        assert b"".join([piece async for piece in pieces(answer)]) == b"hi"
        assert f"host: [{address}]:{port}".encode() in asked[0].lower()
    await transport.close()
