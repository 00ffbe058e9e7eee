"""Event sources read over a real socket, as a browser's EventSource reads them."""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, ByteServer, chunked, head, stream, whole
from tui_chat.wire.sources import event_source
from tui_chat.wire.sources.event_source import (
    Bytes,
    Connected,
    ProtocolWarning,
    Reconnecting,
    ServerSentEvent,
    SourceEnded,
    SourceEvent,
    listen,
    stream_kind,
)
from tui_chat.wire.sources.fetch import Fetcher, address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.byte_server import Step


async def listened(
    url: str, headers: Mapping[str, str] | None = None, *, reconnect: bool = True, events: int | None = None
) -> list[SourceEvent]:
    """What happens there but for bytes, until it is over or so many events have been heard."""
    found: list[SourceEvent] = []
    fetcher = Fetcher(connect_timeout=5, idle_timeout=0)
    async with aclosing(listen(fetcher, url, headers or {}, reconnect=reconnect)) as received:
        async for event in received:
            if not isinstance(event, Bytes):
                found.append(event)
            if events is not None and sum(isinstance(each, ServerSentEvent) for each in found) == events:
                break
    await fetcher.close()
    return found


async def read(
    *answers: Iterable[Step], reconnect: bool = False, events: int | None = None
) -> tuple[list[SourceEvent], ByteServer]:
    """What happens at a server that gives one answer after the other, the last again and again."""
    async with ByteServer() as server:
        server.script = lambda _: answers[min(len(server.requests), len(answers)) - 1]
        return await listened(f"{server.url}/stream", reconnect=reconnect, events=events), server


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_source, "WAIT", 0.01)
    monkeypatch.setattr(event_source, "SHORTEST_WAIT", 0.0)


NO_MORE = whole(b"", 204, None)


async def test_names_ids_and_data_are_those_of_the_standard() -> None:
    body = (
        ":hello\n\ndata: one\n\nevent: update\nid: 7\ndata:two\ndata:  lines\n\ndata\n\nid\ndata: three\n\n"
        "event: nothing\n\nfield: x\ndata: four\n\nid: 8\0\ndata: five\r\rdata: never ended"
    )
    received, server = await read(stream([body.encode()]))
    assert received == [
        Connected(f"{server.url}/stream", 200, "events", "text/event-stream"),
        ServerSentEvent("one", "message", ""),
        ServerSentEvent("two\n lines", "update", "7"),
        ServerSentEvent("", "message", "7"),
        ServerSentEvent("three", "message", ""),
        ServerSentEvent("four", "message", ""),
        ServerSentEvent("five", "message", ""),
        ProtocolWarning("The stream ended inside an event, which a browser drops: an empty line ends an event."),
        ProtocolWarning(
            "1 line was skipped, as a browser does, because its field is none of the standard's (data, event, id, "
            "retry); the last one: “field: x”"
        ),
        SourceEnded("the connection ended"),
    ]
    (request,) = server.requests
    assert request.headers["accept"].startswith("text/event-stream")
    assert request.headers["cache-control"] == "no-cache"
    assert "last-event-id" not in request.headers


async def test_what_a_browser_would_not_see_is_told_to_the_server_s_developer() -> None:
    """Text that is lost to a name in capitals or to another charset."""
    received, _ = await read(stream([b"DATA: one\n\nDATA: two\n\n"], "text/event-stream; charset=gbk"))
    warnings = [each.what for each in received if isinstance(each, ProtocolWarning)]
    assert "charset is gbk" in warnings[0]
    assert warnings[1].startswith("2 lines were skipped")
    assert "“DATA: two”" in warnings[1]


async def test_plain_text_is_decoded_in_the_charset_that_it_names() -> None:
    received, _ = await read(stream(["déjà".encode("latin-1")], "text/plain; charset=iso-8859-1"))
    assert ServerSentEvent("déjà") in received


async def test_it_comes_back_with_the_last_whole_events_id_until_there_is_no_more() -> None:
    first = stream([b"retry: 20\n\nid: 1\ndata: a\n\n", b"id: 2\ndata: broken"])
    second = stream([b"data: b\n\nid: 3\n\n"])
    received, server = await read(first, second, NO_MORE, reconnect=True)
    assert [each for each in received if isinstance(each, (ServerSentEvent, Reconnecting, SourceEnded))] == [
        ServerSentEvent("a", "message", "1"),
        Reconnecting("the connection ended", 0.02, "1"),
        ServerSentEvent("b", "message", "1"),
        Reconnecting("the connection ended", 0.02, "3"),
        SourceEnded("the server says that there is no more (204)"),
    ]
    assert [request.headers.get("last-event-id") for request in server.requests] == [None, "1", "3"]


async def test_a_lost_connection_is_made_again_and_a_failing_one_ever_later() -> None:
    async with ByteServer() as server:
        server.script = lambda _: [head(), *chunked([b"data: a\n\n"]), CLOSE]
        received = await listened(f"{server.url}/x", events=2)
        assert Reconnecting("the connection was lost", 0.01, "") in received
    waits = [event_source._Source(Fetcher(connect_timeout=1, idle_timeout=0), "", {}) for _ in range(4)]
    for failures, source in enumerate(waits):
        source._failures = failures * 6
    assert [source.wait for source in waits] == [0.01, 0.32, 20.48, 30.0]


async def test_a_server_that_goes_away_is_asked_again_until_it_is_back() -> None:
    fetcher = Fetcher(connect_timeout=5, idle_timeout=0)
    server = ByteServer(lambda _: [head(), *chunked([b"data: a\n\n"]), CLOSE])
    async with server, AsyncExitStack() as later:
        refused = 0
        async with aclosing(listen(fetcher, server.url, {})) as received:
            async for event in received:
                if event == ServerSentEvent("a", "message") and server._server is not None:
                    server._server.close()
                elif isinstance(event, Reconnecting) and "Nothing listens" in event.why:
                    refused += 1
                    if refused == 3:
                        back = ByteServer(lambda _: stream([b"data: b\n\n"]), port=server.port)
                        await later.enter_async_context(back)
                elif event == ServerSentEvent("b", "message"):
                    break
        await fetcher.close()
    assert refused == 3


async def test_a_server_that_was_never_there_is_told_at_once() -> None:
    (over,) = await listened("http://127.0.0.1:9/")
    assert isinstance(over, SourceEnded)
    assert over.failed is not None
    assert over.failed.kind == "network"


@pytest.mark.parametrize(("status", "kind"), [(500, "server"), (401, "key"), (429, "rate-limit"), (404, "request")])
async def test_any_other_status_ends_it(status: int, kind: str) -> None:
    received, server = await read(stream([b"data: a\n\n"]), whole(b'{"detail": "no, sorry"}', status), reconnect=True)
    over = received[-1]
    assert isinstance(over, SourceEnded)
    assert over.failed is not None
    assert over.failed.kind == kind
    assert "no, sorry" in over.failed.problem
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("text/event-stream", "events"),
        ("Text/Event-Stream; charset=latin1", "events"),
        ("application/x-ndjson", "json"),
        ("application/vnd.api+json; x=y", "json"),
        ("application/json", "json"),
        ("text/plain; charset=utf-8", "text"),
        ("", "text"),
        ("text/html", None),
        ("image/png", None),
        ("application/octet-stream", None),
    ],
)
def test_the_type_says_what_it_is(content_type: str, kind: str | None) -> None:
    assert stream_kind(content_type) == kind


async def test_the_body_is_utf_8_whatever_the_type_claims_and_one_mark_at_its_start_is_none_of_it() -> None:
    pieces = [bytes([byte]) for byte in "\ufeffdata: Grüße 👩‍🚀\u2028x\n\n".encode()]
    received, _ = await read([head(200, "text/event-stream; charset=latin1"), *chunked(pieces), LAST_CHUNK])
    assert received[2] == ServerSentEvent("Grüße 👩‍🚀\u2028x", "message")


async def test_json_lines_and_plain_text_are_heard_once() -> None:
    received, server = await read(stream([b'{"a": 1}\n\n{"b"', b": 2}"], "application/x-ndjson"), reconnect=True)
    assert received[1:] == [
        ServerSentEvent('{"a": 1}'),
        ServerSentEvent('{"b": 2}'),
        SourceEnded("the connection ended"),
    ]
    assert len(server.requests) == 1
    steps = [head(200, "text/plain"), *chunked([b"Hel\xc3", b"\xbc\n"]), LAST_CHUNK]
    received, _ = await read(steps, reconnect=True)
    assert "".join(each.data for each in received if isinstance(each, ServerSentEvent)) == "Helü\n"


async def test_an_event_stream_by_another_name_is_told() -> None:
    received, _ = await read(stream([b"data: a\n\n"], "text/plain"))
    assert any(isinstance(each, ProtocolWarning) and "a browser refuses it" in each.what for each in received)


async def test_what_is_no_stream_ends_it_with_how_to_save_it() -> None:
    (over,), server = await read(whole(b"PNG", 200, "image/png"), reconnect=True)
    assert isinstance(over, SourceEnded)
    assert over.failed is not None
    assert "image/png" in over.failed.problem
    assert over.failed.hint == f"To save it: tui-chat listen --save {server.url}/stream"
    file = whole(b"data", 200, "text/csv", Content_Disposition='attachment; filename="a.csv"')
    (over,), _ = await read(file)
    assert isinstance(over, SourceEnded)
    assert over.failed is not None
    assert "a file of 4 B: a.csv" in over.failed.problem


async def test_leaving_hangs_up() -> None:
    async with ByteServer(lambda _: [head(), *chunked([b"data: a\n\n"]), HANG]) as server:
        await listened(server.url, events=1)
        await server.until(lambda: len(server.hang_ups) == 1)


# ---- redirects


async def test_redirects_are_followed_and_a_key_goes_to_its_own_host_alone() -> None:
    async with ByteServer(lambda _: stream([b"data: there\n\n"])) as other, ByteServer() as server:

        def answer(request: object) -> list[Step]:
            target = getattr(request, "target", "")
            moved = {"/v1/a": "b?x=1", "/v1/b?x=1": f"{other.url}/c"}
            return whole(b"", 307, None, Location=moved[target])

        server.script = answer
        received = await listened(f"{server.url}/a", {"Authorization": "Bearer k", "accept": "x/y"}, reconnect=False)
    assert ServerSentEvent("there", "message") in received
    assert [request.headers.get("authorization") for request in server.requests] == ["Bearer k"] * 2
    assert server.requests[0].headers["accept"] == "x/y"
    assert "authorization" not in other.requests[0].headers
    assert other.requests[0].headers["accept"].startswith("text/event-stream")


@pytest.mark.parametrize(
    "location", ["/v1/again", "ftp://x/", "http://", "http://u:p@h/", "a" * 90_000], ids=lambda location: location[:12]
)
async def test_redirects_that_lead_nowhere_are_told(location: str) -> None:
    (over,), _ = await read(whole(b"", 302, None, Location=location))
    assert isinstance(over, SourceEnded)
    assert over.failed is not None
    assert "redirects" in over.failed.problem


def test_an_address_is_taken_as_people_write_it() -> None:
    assert address("localhost:8000/stream?x=1#there") == "http://localhost:8000/stream?x=1"
    assert address("example.com") == "https://example.com"
