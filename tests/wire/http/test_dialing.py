"""A name's addresses are tried one after the other, the first that connects wins, and no connection is left open."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import httpcore
import pytest

from tests.byte_server import ByteServer, whole
from tests.wire.tapes import asked
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.http import dialing
from tui_chat.wire.http.dialing import dial

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

V4, V6 = socket.AF_INET, socket.AF_INET6


class FakeStream(httpcore.AsyncNetworkStream):
    def __init__(self, address: str) -> None:
        self.address = address
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True


class FakeBackend(httpcore.AsyncNetworkBackend):
    """A network where each address connects after a while, or never (`None`), or is refused (below 0)."""

    def __init__(self, seconds: Mapping[str, float | None]) -> None:
        self.seconds = seconds
        self.tried: list[str] = []
        self.streams: list[FakeStream] = []
        self.cancelled: list[str] = []
        self.second = asyncio.Event()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.tried.append(host)
        if len(self.tried) == 2:
            self.second.set()
        seconds = self.seconds[host]
        try:
            await asyncio.sleep(abs(seconds) if seconds is not None else 3600)
        except asyncio.CancelledError:
            self.cancelled.append(host)
            raise
        if seconds is not None and seconds < 0:
            raise httpcore.ConnectError from ConnectionRefusedError()
        self.streams.append(stream := FakeStream(host))
        return stream


def found(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """The name stands for these addresses."""

    async def getaddrinfo(_host: bytes, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(V6 if ":" in each else V4, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


async def dialed(backend: FakeBackend, seconds: float = 30.0) -> FakeStream:
    stream = (await dial(backend, "host.example", 80, seconds)).stream
    assert isinstance(stream, FakeStream)
    assert [each for each in backend.streams if not each.closed] == [stream]
    assert len(backend.cancelled) + len(backend.streams) <= len(backend.tried)
    return stream


async def test_an_address_that_does_not_answer_does_not_hold_the_others_up(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, "2001:db8::1", "2001:db8::2", "192.0.2.1")
    backend = FakeBackend({"2001:db8::1": None, "192.0.2.1": 0.0, "2001:db8::2": 0.0})
    assert (await dialed(backend)).address == "192.0.2.1"
    assert backend.tried == ["2001:db8::1", "192.0.2.1"]
    assert backend.cancelled == ["2001:db8::1"]


async def test_a_refused_address_is_followed_by_the_next_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialing, "DELAY", 3600.0)
    found(monkeypatch, "::1", "127.0.0.1")
    assert (await dialed(FakeBackend({"::1": -0.001, "127.0.0.1": 0.0}))).address == "127.0.0.1"


async def test_of_two_that_connect_together_one_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialing, "DELAY", 0.0)
    found(monkeypatch, "192.0.2.1", "192.0.2.2")
    backend = FakeBackend({"192.0.2.1": 0.0, "192.0.2.2": 0.0})
    await dialed(backend)


async def test_what_fails_everywhere_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, "::1", "127.0.0.1")
    with pytest.raises(httpcore.ConnectError) as caught:
        await dialed(FakeBackend({"::1": -0.0001, "127.0.0.1": -0.0001}))
    assert isinstance(caught.value.__cause__, ExceptionGroup)
    found(monkeypatch, "192.0.2.1", "192.0.2.2")
    backend = FakeBackend({"192.0.2.1": None, "192.0.2.2": None})
    with pytest.raises(httpcore.ConnectTimeout):
        await dial(backend, "host.example", 80, 0.3)
    assert sorted(backend.cancelled) == sorted(backend.tried)


async def test_one_who_gives_up_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, "192.0.2.1", "192.0.2.2")
    backend = FakeBackend({"192.0.2.1": None, "192.0.2.2": None})
    dialing_task = asyncio.create_task(dial(backend, "host.example", 80, None))
    await asyncio.wait_for(backend.second.wait(), 60)
    dialing_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dialing_task
    assert sorted(backend.cancelled) == ["192.0.2.1", "192.0.2.2"]


async def test_the_tape_has_the_times_of_a_new_connection_and_none_of_a_reused_one() -> None:
    async with ByteServer(lambda _: whole(b'{"choices": []}')) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        exchange, _ = await asked(Endpoint(url, "", dialect="openai-chat"))
        facts = exchange.connection
        assert facts.dns is not None
        assert facts.connect is not None
        assert facts.sent is not None
        assert 0 <= facts.dns + facts.connect <= facts.sent - exchange.began
        assert (facts.tls, facts.reused) == (None, False)
        direct, _ = await asked(Endpoint(server.url, "", dialect="openai-chat"))
        assert direct.connection.dns is None
        assert direct.connection.connect is not None
