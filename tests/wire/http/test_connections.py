"""What happened on a connection before a request is no matter of the request's."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import CLOSE, HANG, RESET, ByteServer, head, stream, whole
from tests.patience import PATIENCE
from tests.wire.test_client import GOOD, delta, question, text
from tui_chat.chat.events import ChatEvent, Failed, Finished, ResponseStarted, Retrying
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.http import transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.byte_server import Request, Step

TIMEOUT = whole(b"", 408, None, Connection="close")
STOLEN = whole(delta("of another", "stop"), 200, "text/event-stream")


async def asked(client: Client) -> list[ChatEvent]:
    return [event async for batch in client.reply(question()) for event in batch]


async def answered(client: Client) -> None:
    """Ask, and get the right answer without a word about how."""
    events = await asked(client)
    assert text(events) == "all well"
    assert isinstance(events[-1], Finished)
    assert not any(isinstance(event, Retrying) for event in events)


def close(writer: asyncio.StreamWriter) -> None:
    writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def half_close(writer: asyncio.StreamWriter) -> None:
    writer.write_eof()


def time_out(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    writer.close()


def mutter(writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 hello\r\n")


@pytest.mark.parametrize("act", [close, reset, half_close, time_out, mutter])
@pytest.mark.parametrize("late", [False, True], ids=["before the question", "at the question"])
async def test_a_connection_that_was_opened_ahead_and_is_no_good_is_replaced_without_a_word(
    act: Callable[[asyncio.StreamWriter], None], late: bool
) -> None:
    damaged = asyncio.Event()
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            if connections == 1 and not late:
                act(writer)
                damaged.set()
            elif await reader.read(1):
                await reader.readuntil(b"\r\n\r\n")
                if connections == 1:
                    act(writer)
                else:
                    writer.write(b"".join(step for step in stream(GOOD) if isinstance(step, bytes)))
            await reader.read()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        client = Client(Endpoint(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"), max_retries=0)
        await client.warm()
        if not late:
            await damaged.wait()
        await answered(client)
        assert connections == 2
        await client.aclose()


async def test_a_connection_that_was_opened_ahead_carries_the_question_and_nothing_before() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url, key="sk-1"))
        await client.warm()
        await client.warm()  # one is enough
        await answered(client)
        await client.warm()  # the one that is kept will do
        await answered(client)
        await client.aclose()
        assert server.connections == 1
    assert [request.method for request in server.requests] == ["POST", "POST"]


async def test_a_server_that_answers_head_with_a_body_is_not_asked_by_head() -> None:
    def answer(request: Request) -> list[Step]:
        return stream(GOOD) if request.method == "POST" else [head(chunked=False), b"<h1>no</h1>"]

    async with ByteServer(script=answer) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        await client.warm()
        await answered(client)
        await client.aclose()


async def test_a_connection_that_was_opened_ahead_in_vain_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_AHEAD", 0.05)
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url))
        await client.warm()
        await server.until(lambda: server.connections == 1 and not server.open)
        await answered(client)
        await client.aclose()


async def test_closing_closes_what_was_opened_ahead() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url))
        await client.warm()
        await server.until(lambda: server.connections == 1)
        await client.aclose()
        await server.until(lambda: not server.open)


@pytest.mark.parametrize(
    "second",
    [[CLOSE], [RESET], [*TIMEOUT, CLOSE]],
    ids=["closes", "resets", "408"],
)
async def test_a_kept_connection_that_fails_at_the_next_question_is_replaced_without_a_word(second: list[Step]) -> None:
    def answer(request: Request) -> list[Step]:
        return second if request.connection == 1 and len(server.requests) == 2 else stream(GOOD)

    async with ByteServer(script=answer) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        await answered(client)
        await answered(client)
        await client.aclose()
    assert [request.connection for request in server.requests] == [1, 1, 2]


@pytest.mark.parametrize(
    "rest", [b"\r\n", b"garbage", b"<html>", *STOLEN, *TIMEOUT], ids=["blank", "garbage", "page", "stolen", "408"]
)
@pytest.mark.parametrize("late", [False, True])
async def test_what_follows_an_answer_on_its_connection_is_not_taken_for_the_next_one(rest: Step, late: bool) -> None:
    first = [*whole(b"".join(GOOD), 200, "text/event-stream")]
    signal = asyncio.Event()

    def answer(request: Request) -> list[Step]:
        if len(server.requests) > 1:
            return stream(GOOD)
        assert isinstance(first[0], bytes)
        assert isinstance(rest, bytes)
        return [*first, signal, rest] if late else [first[0] + rest]

    async with ByteServer(script=answer) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        await answered(client)
        (transport_,) = client._follower.transports.values()
        line = transport_._pooled
        assert line is not None
        signal.set()
        async with asyncio.timeout(PATIENCE):
            while late and not all(each.has_expired() for each in line.pool._pool.connections):  # noqa: ASYNC110
                await asyncio.sleep(0)
        await answered(client)
        await client.aclose()


async def test_a_fault_on_a_new_connection_is_told() -> None:
    async with ByteServer(script=lambda _: [CLOSE]) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        assert isinstance((await asked(client))[-1], Failed)
        await client.aclose()
    assert len(server.requests) == 1


async def test_a_kept_connection_is_replaced_once_and_no_more() -> None:
    def answer(request: Request) -> list[Step]:
        return stream(GOOD) if len(server.requests) == 1 else [CLOSE]

    async with ByteServer(script=answer) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        await answered(client)
        assert isinstance((await asked(client))[-1], Failed)
        await client.aclose()
    assert [request.connection for request in server.requests] == [1, 1, 2]


async def test_an_answer_that_has_begun_is_not_asked_for_again() -> None:
    def answer(request: Request) -> list[Step]:
        return stream(GOOD) if len(server.requests) == 1 else [head()[:12], RESET]

    async with ByteServer(script=answer) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        await answered(client)
        assert isinstance((await asked(client))[-1], Failed)
        await client.aclose()
    assert [request.connection for request in server.requests] == [1, 1]


async def test_another_question_that_is_being_answered_is_not_disturbed() -> None:
    go_on = asyncio.Event()

    def answer(request: Request) -> list[Step]:
        match len(server.requests):
            case 2:
                return [*stream(GOOD)[:1], go_on, *stream(GOOD)[1:]]
            case 3:
                return [CLOSE]
            case _:
                return stream(GOOD)

    async with ByteServer(script=answer) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        transport_ = await client._follower.transport(server.url)
        async with transport_.ask("GET", server.url, {}) as one:
            slow = asyncio.create_task(asked(client))
            await server.until(lambda: len(server.requests) == 2)
            while await one.chunk() is not None:
                pass
        await answered(client)
        go_on.set()
        assert text(await slow) == "all well"
        await client.aclose()


async def test_the_clock_of_a_question_begins_when_it_is_on_its_way() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        (opened,) = [event for event in await asked(client) if isinstance(event, ResponseStarted)]
        await client.aclose()
    assert opened.sent is not None
    assert 0 <= opened.at - opened.sent < 10


async def test_a_large_question_is_sent_whole() -> None:
    big = "x" * 5_000_000
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        async for _ in client.reply(question(big)):
            pass
        await client.aclose()
    assert len(server.requests[0].body) > 5_000_000


async def test_a_server_that_never_reads_the_question_is_told() -> None:
    signal = asyncio.Event()

    async def deaf(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await signal.wait()
        writer.transport.abort()

    server = await asyncio.start_server(deaf, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        client = Client(Endpoint(url), max_retries=0, idle_timeout=0.3)
        failed = [event async for batch in client.reply(question("x" * 30_000_000)) for event in batch][-1]
        await client.aclose()
        signal.set()
    assert isinstance(failed, Failed)
    assert "did not take the whole question" in failed.problem


async def test_a_kept_connection_that_says_nothing_is_waited_for_as_any_other() -> None:
    def answer(request: Request) -> list[Step]:
        return stream(GOOD) if len(server.requests) == 1 else [HANG]

    async with ByteServer(script=answer) as server:
        client = Client(Endpoint(server.url), max_retries=0, idle_timeout=0.2)
        await answered(client)
        failed = (await asked(client))[-1]
        await client.aclose()
    assert isinstance(failed, Failed)
    assert "sent nothing for 0.2 s" in failed.problem
    assert len(server.requests) == 2
