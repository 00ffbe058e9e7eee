"""Stopping leaks nothing: sessions against a real socket, and what the server saw."""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, ByteServer, Step, chunked, head, whole
from tests.patience import PATIENCE
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, Retrying, Stopped
from tui_chat.chat.session import Session
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.byte_server import Request
    from tui_chat.chat.message import Message


def delta(text: str, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


async def endless(_: Request, per_second: float = 200.0) -> AsyncIterator[Step]:
    """Deltas without end, at an even pace."""
    yield head()
    while True:
        yield chunked([delta("word ")])[0]
        yield 1 / per_second


def complete(_: Request) -> list[Step]:
    return [head(), *chunked([delta("all"), delta("", "stop"), b"data: [DONE]\n\n"]), LAST_CHUNK]


@asynccontextmanager
async def chat(server: ByteServer, **options: Any) -> AsyncIterator[tuple[Session, Client]]:
    client = Client(Endpoint(server.url), **options)
    await client.prepare()
    session = Session(Conversation(), client, "m")
    try:
        yield session, client
    finally:
        await session.close()
        await client.aclose()


def connections(client: Client) -> list[str]:
    """The states of all connections in the client's pool, as httpcore names them."""
    (transport,) = client._follower.transports.values()
    if transport._pooled is None:
        return []
    return [connection.info() for connection in transport._pooled.pool._pool.connections]


async def until(session: Session, condition: Callable[[Message], bool]) -> Message:
    """Wait until something has made `condition` true of the session's reply."""
    met = asyncio.Event()

    def look(*_: object) -> None:
        leaf = session.conversation.leaf
        if leaf is not None and leaf.role == "assistant" and condition(leaf):
            met.set()

    unsubscribe = session.conversation.subscribe(look)
    look()
    async with asyncio.timeout(PATIENCE):
        await met.wait()
    unsubscribe()
    assert session.conversation.leaf is not None
    return session.conversation.leaf


async def settled_stop(server: ByteServer, session: Session) -> None:
    """After a stop: the turn has ended and the server has no connection of it any more."""
    async with asyncio.timeout(PATIENCE):
        await session.idle()
    await server.until(lambda: not server.open)


async def normal_turn(server: ByteServer, session: Session, client: Client) -> None:
    server.script = complete
    session.send("again")
    async with asyncio.timeout(PATIENCE):
        await session.idle()
    leaf = session.conversation.leaf
    assert leaf is not None
    assert leaf.ending == Finished("stop", "done-sentinel")
    assert leaf.text == "all"
    assert [state for state in connections(client) if "ACTIVE" in state] == []


@pytest.mark.parametrize("turns", range(41))
async def test_a_stop_after_any_number_of_loop_turns_leaves_no_connection(turns: int) -> None:
    async with ByteServer(script=endless) as server, chat(server) as (session, client):
        session.send("go")
        for _ in range(turns):
            await asyncio.sleep(0)
        assert session.stop()
        await settled_stop(server, session)
        leaf = session.conversation.leaf
        assert leaf is not None
        assert leaf.role == "user" or isinstance(leaf.ending, Stopped)
        assert connections(client) == []
        await normal_turn(server, session, client)
        gc.collect()  # a socket that nobody closed would warn here, and warnings are errors


async def test_fifty_stops_in_a_row_and_then_a_normal_turn() -> None:
    async with ByteServer(script=endless) as server, chat(server) as (session, client):
        for turn in range(50):
            session.send("go")
            reply = await until(session, lambda message: message.deltas > 2)
            assert session.stop()
            await settled_stop(server, session)
            assert isinstance(reply.ending, Stopped)
            assert reply.text.startswith("word word word ")
            assert len(server.hang_ups) == turn + 1
        assert connections(client) == []
        await normal_turn(server, session, client)
        assert len(server.hang_ups) == 50


async def test_a_second_stop_and_a_close_in_the_middle_of_the_first_are_harmless() -> None:
    async with ByteServer(script=endless) as server, chat(server) as (session, client):
        for turn in range(10):
            session.send("go")
            await until(session, lambda message: message.deltas > 0)
            assert session.stop()
            for _ in range(turn):
                await asyncio.sleep(0)
            assert not session.stop()
            await session.close()
            await server.until(lambda: not server.open)
            assert connections(client) == []
        await normal_turn(server, session, client)


async def test_what_is_sent_right_after_a_stop_is_asked_when_the_old_connection_is_closed() -> None:
    async with ByteServer(script=endless) as server, chat(server) as (session, client):
        session.send("one")
        stopped = await until(session, lambda message: message.deltas > 0)
        session.stop()
        await until(session, lambda message: message.settled)
        server.script = complete
        session.send("two")
        async with asyncio.timeout(PATIENCE):
            await session.idle()
        assert isinstance(stopped.ending, Stopped)
        assert session.conversation.leaf is not None
        assert session.conversation.leaf.text == "all"
        assert len(server.hang_ups) == 1
        assert [state for state in connections(client) if "ACTIVE" in state] == []


async def test_a_text_sent_in_the_same_breath_as_a_stop_is_not_lost() -> None:
    async with ByteServer(script=endless) as server, chat(server) as (session, _):
        session.send("one")
        await until(session, lambda message: message.deltas > 0)
        session.stop()
        server.script = complete
        session.send("two")
        async with asyncio.timeout(PATIENCE):
            await session.idle()
        path = session.conversation.path()
        assert [message.text for message in path if message.role == "user"] == ["one", "two"]
        assert isinstance(path[1].ending, Stopped)
        assert path[3].text == "all"
        assert session.queue == []


async def test_a_stop_while_connecting_ends_at_once() -> None:
    # TEST-NET-1 routes nowhere: the connection is neither made nor refused, or refused by the network at once.
    client = Client(Endpoint("http://192.0.2.1:9"), max_retries=0, connect_timeout=2 * PATIENCE)
    await client.prepare()
    session = Session(Conversation(), client, "m")
    session.send("go")
    await until(session, lambda message: True)
    session.stop()
    async with asyncio.timeout(PATIENCE):
        await session.idle()
    leaf = session.conversation.leaf
    assert leaf is not None
    assert leaf.settled
    assert connections(client) == []
    await client.aclose()


async def test_a_stop_while_waiting_for_the_head_ends_at_once() -> None:
    async with ByteServer(script=lambda _: [HANG]) as server, chat(server) as (session, client):
        session.send("go")
        await server.until(lambda: len(server.requests) == 1)
        session.stop()
        await settled_stop(server, session)
        leaf = session.conversation.leaf
        assert leaf is not None
        assert isinstance(leaf.ending, Stopped)
        assert len(server.hang_ups) == 1
        await normal_turn(server, session, client)


async def test_a_stop_during_the_countdown_to_a_retry_ends_at_once() -> None:
    async with (
        ByteServer(script=lambda _: whole(b"", 503, Retry_After="100")) as server,
        chat(server) as (session, client),
    ):
        session.send("go")
        reply = await until(session, lambda message: message.retrying is not None)
        assert isinstance(reply.retrying, Retrying)
        session.stop()
        async with asyncio.timeout(PATIENCE):
            await session.idle()
        assert isinstance(reply.ending, Stopped)
        await normal_turn(server, session, client)


async def test_stopping_one_reply_leaves_another_on_the_same_client_alone() -> None:
    go_on = asyncio.Event()

    def script(request: Request) -> list[Step] | AsyncIterator[Step]:
        if b"slow" in request.body:
            end = [delta("two"), delta("", "stop"), b"data: [DONE]\n\n"]
            return [head(), *chunked([delta("one ")]), go_on, *chunked(end), LAST_CHUNK, CLOSE]
        return endless(request)

    async with ByteServer(script=script) as server, chat(server) as (stopped, client):
        other = Session(Conversation(), client, "m")
        other.send("slow")
        reply = await until(other, lambda message: message.deltas > 0)
        stopped.send("go")
        await until(stopped, lambda message: message.deltas > 0)
        stopped.stop()
        await stopped.idle()
        go_on.set()
        async with asyncio.timeout(PATIENCE):
            await other.idle()
        assert reply.text == "one two"
        assert reply.ending == Finished("stop", "done-sentinel")


@pytest.mark.slow
async def test_the_server_sees_the_hang_up_within_milliseconds(capsys: pytest.CaptureFixture[str]) -> None:
    taken = []
    async with ByteServer(script=endless) as server, chat(server) as (session, _):
        for turn in range(200):
            session.send("go")
            await until(session, lambda message: message.deltas > 2)
            start = monotonic()
            session.stop()
            await server.until(lambda turn=turn: len(server.hang_ups) == turn + 1)  # type: ignore[misc]
            taken.append((server.hang_ups[-1] - start) * 1000)
            await session.idle()
    taken.sort()
    with capsys.disabled():
        print(f"\nstop → hang-up seen: median {statistics.median(taken):.2f} ms, 95 % {taken[190]:.2f} ms")
    assert statistics.median(taken) < 25
