"""Requests through a proxy, and the failures when it refuses them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import CLOSE, ByteServer, stream, whole
from tests.wire.test_client import GOOD, ask, failure, question, text
from tests.wire.tls import tls_server
from tui_chat.chat.events import Failed
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.sources import event_source
from tui_chat.wire.sources.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_proxy_variables")
LOCKED = whole(b"", 407, Proxy_Authenticate="Basic")


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_a_proxy_that_wants_a_password_is_named_with_its_variable(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ByteServer(script=lambda _: LOCKED) as proxy:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        failed = await failure("https://llm.example/v1", max_retries=2)
    assert failed.problem.startswith(f"The proxy http://127.0.0.1:{proxy.port} wants a user and a password")
    assert variable in failed.hint
    assert len(proxy.requests) == 1


async def test_so_it_is_where_the_question_goes_in_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ByteServer(script=lambda _: LOCKED) as proxy:
        monkeypatch.setenv("http_proxy", f"http://me:hush@127.0.0.1:{proxy.port}")
        failed = await failure("http://llm.example/v1", max_retries=2)
        fetcher = Fetcher(connect_timeout=5, idle_timeout=5)
        heard = [each async for each in event_source.listen(fetcher, "http://llm.example/", {}, reconnect=False)]
        await fetcher.close()
    assert failed.problem.startswith(f"The proxy http://127.0.0.1:{proxy.port} wants a user and a password")
    assert "http_proxy" in failed.hint
    assert "hush" not in repr(failed)
    over = heard[-1]
    assert isinstance(over, event_source.SourceEnded)
    assert "wants a user and a password" in over.why


async def test_a_407_without_a_proxy_is_told_as_what_it_is() -> None:
    async with ByteServer(script=lambda _: LOCKED) as server:
        failed = await failure(server.url)
    assert "proxy in front of the server" in failed.problem


async def test_a_proxy_that_gets_no_connection_is_told_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ByteServer(script=lambda _: whole(b"", 502)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        failed = await failure("https://llm.example/v1")
    assert "did not let the request through: 502" in failed.problem
    assert "HTTPS_PROXY" in failed.hint


async def test_a_proxy_that_is_not_there_is_told_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    failed = await failure("https://llm.example/v1")
    assert failed.problem == "Nothing listens at the proxy http://127.0.0.1:9 (connection refused)."
    assert failed.hint == "Check HTTPS_PROXY."


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
    except ConnectionError:
        writer.close()


@asynccontextmanager
async def tunnel(
    greet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object], port: int
) -> AsyncIterator[int]:
    """A proxy that leads everything to `port` after it has been greeted; its own port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeting = greet(reader, writer)
        try:
            if asyncio.iscoroutine(greeting) and await greeting:
                inward, outward = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(pipe(reader, outward), pipe(inward, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    return True


async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    await reader.readexactly(3)
    writer.write(b"\x05\x00")
    _, _, _, kind = await reader.readexactly(4)
    assert kind == 3  # the name goes to the proxy, which looks it up
    await reader.readexactly((await reader.readexactly(1))[0] + 2)
    writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50")
    return True


@asynccontextmanager
async def encrypted(certificate: tuple[Path, Path]) -> AsyncIterator[int]:
    """A server that answers well over TLS; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"".join(step for step in stream(GOOD) if isinstance(step, bytes)))
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async with tls_server(certificate, answer) as port:
        yield port


@pytest.mark.parametrize(
    ("host", "trusted", "says"),
    [("llm.example", True, "not valid for"), ("localhost.example", False, "self-signed certificate")],
    ids=["of another host", "of no authority"],
)
async def test_a_certificate_of_the_server_is_not_called_the_proxys(
    host: str,
    trusted: bool,
    says: str,
    own_certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate[0]))
    async with encrypted(own_certificate) as port, tunnel(connect, port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
        failed = await failure(f"https://{host}/v1", max_retries=2)
    assert failed.problem.startswith(f"The certificate of {host} is not trusted")
    assert says in failed.problem.replace("self signed", "self-signed")
    assert not failed.problem.endswith("..")


async def test_the_certificate_of_an_encrypted_proxy_is_called_its_own(
    own_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with encrypted(own_certificate) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{port}")
        failed = await failure("https://llm.example/v1", max_retries=2)
    assert failed.problem.startswith(f"The certificate of the proxy https://127.0.0.1:{port} is not trusted")


async def test_a_question_goes_through_a_tunnel(
    own_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate[0]))
    monkeypatch.setattr("tui_chat.wire.http.proxy.reach_of", lambda _: "public")
    async with encrypted(own_certificate) as port, tunnel(connect, port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
        assert text(await ask(f"https://localhost:{port}/v1")) == "all well"


async def test_what_was_opened_ahead_to_a_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        client = Client(Endpoint("http://llm.example/v1"))
        await client.warm()
        assert text([event async for heard in client.reply(question()) for event in heard]) == "all well"
        await client.aclose()
        assert proxy.connections == 1


# ---- TLS errors are reported at once


@pytest.mark.parametrize("max_retries", [2])
async def test_an_untrusted_certificate_is_not_tried_again(
    own_certificate: tuple[Path, Path], max_retries: int
) -> None:
    async with encrypted(own_certificate) as port:
        client = Client(Endpoint(f"https://localhost:{port}/v1"), max_retries=2)
        events = [event async for heard in client.reply(question()) for event in heard]
        await client.aclose()
    assert len(events) == 1
    assert isinstance(events[0], Failed)
    assert "not trusted" in events[0].problem


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    writer.close()


async def test_tls_on_a_plain_port_is_not_tried_again() -> None:
    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        client = Client(Endpoint(url), max_retries=2)
        events = [event async for heard in client.reply(question()) for event in heard]
        await client.aclose()
    assert len(events) == 1
    assert isinstance(events[0], Failed)
    assert "http://" in events[0].hint


async def test_a_server_that_does_not_answer_in_tls_is_told() -> None:
    async with ByteServer() as server:
        failed = await failure(f"https://127.0.0.1:{server.port}/v1", connect_timeout=0.2)
        await server.until(lambda: not server.open)
    assert failed.problem == f"No TLS with 127.0.0.1:{server.port} within 0.2 s."


async def test_plain_http_on_a_tls_port_is_told(own_certificate: tuple[Path, Path]) -> None:
    async with encrypted(own_certificate) as port:
        failed = await failure(f"http://127.0.0.1:{port}/v1", max_retries=2)
    assert failed.problem in {
        f"127.0.0.1:{port} speaks TLS, and was asked in plain http.",
        f"127.0.0.1:{port} closed the connection without an answer.",
        f"The connection to 127.0.0.1:{port} was lost.",
    }
    assert "was lost" in failed.problem or "https://" in failed.hint


# ---- SOCKS


def needs_socks() -> None:
    pytest.importorskip("socksio", reason="SOCKS proxies need the extra 'socks'")


async def test_a_question_goes_through_a_socks_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    needs_socks()
    async with ByteServer(script=lambda _: stream(GOOD)) as server, tunnel(socks, server.port) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://127.0.0.1:{proxy}")
        client = Client(Endpoint("http://llm.example/v1"), max_retries=0)
        await client.warm()
        for _ in range(2):
            assert text([event async for heard in client.reply(question()) for event in heard]) == "all well"
        await client.aclose()
    assert server.requests[0].headers["host"] == "llm.example"
    assert server.connections == 1


@pytest.mark.parametrize("says", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05\xff", b"\x04\x5a", b"\x05"])
async def test_what_is_no_socks_proxy_is_told(says: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_socks()

    async def other(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(says)
        return False

    async with tunnel(other, 0) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{proxy}")
        failed = await failure("http://llm.example/v1")
    assert f"The proxy socks5://127.0.0.1:{proxy}" in failed.problem
    assert "ALL_PROXY" in failed.hint


async def test_a_socks_proxy_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    needs_socks()

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> bool:
        await reader.read()
        return False

    async with tunnel(silent, 0) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{proxy}")
        failed = await failure("http://llm.example/v1", head_timeout=0.2)
    assert f"the proxy socks5://127.0.0.1:{proxy}" in failed.problem


async def test_a_socks_proxy_that_hangs_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    needs_socks()
    async with ByteServer(script=lambda _: [CLOSE]) as server, tunnel(socks, server.port) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{proxy}")
        assert "closed the connection" in (await failure("http://llm.example/v1")).problem
