"""Where a question goes when a server says that it should go elsewhere."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, stream, whole
from tests.patience import PATIENCE
from tests.wire.test_client import GOOD, ask, failure, question, text
from tests.wire.tls import tls_server
from tui_chat.chat.events import Failed
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.http.redirects import Redirect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.byte_server import Request, Step


def elsewhere(location: str, status: int = 307) -> list[Step]:
    return whole(b"", status, None, Location=location)


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("location", ["/other/v2?x=1", "v2", "HOST/other"])
async def test_a_redirect_within_the_server_is_followed_with_the_question(status: int, location: str) -> None:
    def answer(request: Request) -> list[Step]:
        if request.target == "/v1/chat/completions":
            return elsewhere(location.replace("HOST", f"http://127.0.0.1:{server.port}"), status)
        return stream(GOOD)

    async with ByteServer(script=answer) as server:
        assert text(await ask(server.url, key="sk-secret-key")) == "all well"
    first, second = server.requests
    assert second.target != first.target
    assert (second.method, second.body, second.headers["authorization"]) == ("POST", first.body, "Bearer sk-secret-key")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_slash_that_the_server_wants_at_the_end_is_put_there(status: int) -> None:
    def answer(request: Request) -> list[Step]:
        return stream(GOOD) if request.target.endswith("/") else elsewhere(f"{request.target}/", status)

    async with ByteServer(script=answer) as server:
        assert text(await ask(server.url)) == "all well"
    assert server.requests[1].method == "POST"


@pytest.mark.parametrize(("status", "location"), [(301, "/login"), (302, "/login"), (303, "/v1/chat/completions/")])
async def test_a_redirect_that_would_lose_the_question_is_told(status: int, location: str) -> None:
    async with ByteServer(script=lambda _: elsewhere(location, status)) as server:
        failed = await failure(server.url)
    assert f"redirects to http://127.0.0.1:{server.port}{location} ({status})" in failed.problem
    assert "a question is not sent again" in failed.problem
    assert len(server.requests) == 1


async def test_redirects_without_end_are_given_up() -> None:
    async with ByteServer(script=lambda request: elsewhere(request.target + "x")) as server:
        assert "more than 5 times" in (await failure(server.url)).problem
    assert len(server.requests) == 6


@pytest.mark.parametrize("key", ["", "sk-secret-key"])
async def test_a_redirect_to_another_host_is_not_followed_and_its_base_url_works(key: str) -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as other:
        there = f"http://localhost:{other.port}/api/v1/chat/completions"
        async with ByteServer(script=lambda _: elsewhere(there)) as server:
            failed = await failure(server.url, key=key)
        assert there in failed.problem
        assert ("the key belongs to the host" in failed.problem) == bool(key)
        assert ("another host" in failed.problem) == (not key)
        assert other.requests == []
        base = re.search(r"set the base URL to (\S+)$", failed.hint)
        assert base is not None
        assert text(await ask(base[1], key=key)) == "all well"
    assert other.requests[0].target == "/api/v1/chat/completions"


async def test_the_base_url_that_is_named_keeps_a_slash_at_its_end() -> None:
    def answer(request: Request) -> list[Step]:
        return stream(GOOD) if request.target.endswith("/completions/") else whole(b"", 404)

    async with ByteServer(script=answer) as other:
        there = f"http://localhost:{other.port}/v1/chat/completions/"
        async with ByteServer(script=lambda _: elsewhere(there)) as server:
            failed = await failure(server.url)
        assert failed.hint.endswith(there)
        assert text(await ask(there, endpoint={"dialect": "auto"})) == "all well"


@pytest.mark.parametrize("location", ["", "http://", "ftp://127.0.0.1/x", "http://a:b:c/", "//[", "x" * 50_000])
async def test_a_redirect_to_nowhere_is_told(location: str) -> None:
    async with ByteServer(script=lambda _: elsewhere(location)) as server:
        failed = await failure(server.url)
    assert "redirects" in failed.problem
    assert len(failed.problem) < 600


def test_a_redirect_never_leads_away() -> None:
    url = "https://api.example.com/v1/chat/completions"
    for location in (
        "http://api.example.com/v1/chat/completions",
        "https://api.example.com:8443/v1/chat/completions",
        "https://api.example.com.evil.example/v1/chat/completions",
        "https://user:password@api.example.com/v1/chat/completions",
        "//evil.example/v1/chat/completions",
    ):
        for status in (301, 302, 303, 307, 308):
            assert Redirect(status, location).followed("POST", url) is None
    plain = Redirect(307, "http://api.example.com/v1").failure(url, base_url="https://api.example.com/v1", has_key=True)
    assert "in plain http" in plain.problem


def test_a_default_port_is_the_same_port() -> None:
    url = "https://api.example.com/v1/chat/completions"
    assert Redirect(308, "https://api.example.com:443/x").followed("POST", url) == "https://api.example.com:443/x"


@asynccontextmanager
async def encrypted(certificate: tuple[Path, Path], heads: list[bytes]) -> AsyncIterator[int]:
    """A server that answers well over TLS, and notes the heads of requests; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                heads.append(head)
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                await reader.readexactly(int(length[1]) if length else 0)
                writer.write(b"".join(step for step in stream(GOOD) if isinstance(step, bytes)))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with tls_server(certificate, answer) as port:
        yield port


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_plain_http_becomes_https_on_the_same_host(
    status: int, own_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate[0]))
    heads: list[bytes] = []
    async with encrypted(own_certificate, heads) as port:
        there = f"https://localhost:{port}/v1/chat/completions"
        async with ByteServer(script=lambda _: elsewhere(there, status)) as server:
            client = Client(Endpoint(f"http://localhost:{server.port}/v1", key="sk-secret-key"))
            for _ in range(2):
                assert text([event async for batch in client.reply(question()) for event in batch]) == "all well"
            await client.aclose()
        assert len(server.requests) == 1  # from then on the key goes encrypted at once
    assert b"POST /v1/chat/completions" in heads[0]
    assert b"Bearer sk-secret-key" in heads[0]


async def test_a_connection_that_was_encrypted_ahead_carries_the_question(
    own_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate[0]))
    heads: list[bytes] = []
    async with encrypted(own_certificate, heads) as port:
        client = Client(Endpoint(f"https://localhost:{port}/v1"), max_retries=0)
        await client.warm()
        network = client._follower.transports[f"https://localhost:{port}"]._pooled
        assert network is not None
        ahead = network.pool._network._ahead
        assert ahead is not None
        async with asyncio.timeout(PATIENCE):
            while not ahead[2].get_extra_info("is_readable"):  # noqa: ASYNC110 - the tickets that TLS sends
                await asyncio.sleep(0.002)
        assert await ahead[2].is_alive()
        events = [event async for batch in client.reply(question()) for event in batch]
        assert text(events) == "all well"
        assert network.pool._network._ahead is None
        await client.aclose()


async def test_models_are_listed_behind_a_redirect() -> None:
    def answer(request: Request) -> list[Step]:
        return whole(b'{"data": [{"id": "m"}]}') if request.target.endswith("/") else elsewhere("/v1/models/", 301)

    async with ByteServer(script=answer) as server:
        client = Client(Endpoint(server.url))
        models = await client.models()
        await client.aclose()
    assert not isinstance(models, Failed)
    assert [model.name for model in models] == ["m"]
