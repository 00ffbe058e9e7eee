"""The client at an endpoint that is asked in the URL, over a real socket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import CLOSE, LAST_CHUNK, ByteServer, chunked, head, stream, whole
from tests.wire.test_client import question, text
from tui_chat.chat.events import ChatEvent, CutOff, Ending, Failed, Finished, KeepAlive, ResponseStarted, TextDelta
from tui_chat.chat.model_ports import SetupError
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.byte_server import Step

DONE = b"data: [DONE]\n\n"


async def asked(
    steps: Iterable[Step], template: str = "/chat?message={message}", message: str = "hello", **endpoint: Any
) -> tuple[ByteServer, list[ChatEvent]]:
    """The server, and the events of one question that say anything."""
    async with ByteServer(script=lambda _: steps) as server:
        url = f"http://127.0.0.1:{server.port}{template}"
        client = Client(Endpoint(url, dialect="auto", **endpoint), max_retries=0)
        events: list[ChatEvent] = [event async for some in client.reply(question(message)) for event in some]
        await client.aclose()
    assert [event for event in events if isinstance(event, Ending)] == events[-1:]
    return server, [event for event in events if not isinstance(event, KeepAlive)]


async def test_the_question_stands_in_the_url_and_the_shown_url_has_its_place() -> None:
    server, events = await asked(stream([b"data: Hi\n\n", DONE]), message="a & b?", key="sk-1234")
    (request,) = server.requests
    assert (request.method, request.target) == ("GET", "/chat?message=a%20%26%20b%3F")
    assert request.body == b""
    assert "content-type" not in request.headers
    assert request.headers["authorization"] == "Bearer sk-1234"
    assert events[0] == ResponseStarted(200, f"http://127.0.0.1:{server.port}/chat?message={{message}}")
    assert events[1:] == [TextDelta("Hi"), Finished(None, "done-sentinel")]


@pytest.mark.parametrize(
    ("template", "target"),
    [
        ("/ask/{message}", "/ask/hi%20%2F%20there"),
        ("/ask/{message}/?x=1", "/ask/hi%20%2F%20there/?x=1"),
        ("/chat?q=%7Bmessage%7D&stream=1", "/chat?q=hi%20%2F%20there&stream=1"),
        ("/chat?session=a+b&message={message}", "/chat?session=a+b&message=hi%20%2F%20there"),
    ],
)
async def test_its_place_may_be_anywhere_behind_the_host(template: str, target: str) -> None:
    server, _ = await asked(stream([DONE]), template, "hi / there")
    assert server.requests[0].target == target


def test_a_url_with_a_place_is_recognised_and_survives_being_copied() -> None:
    endpoint = Endpoint("localhost:8000/chat?message={message}&k=v", key="sk-12345678", dialect="auto")
    assert (endpoint.dialect, endpoint.guessed) == ("simple-get", False)
    assert endpoint.url("x%20y") == "http://localhost:8000/chat?message=x%20y&k=v"
    assert Endpoint(endpoint.base_url, query=endpoint.query, dialect="simple-get") == Endpoint(
        "http://localhost:8000/chat?message={message}&k=v", dialect="simple-get"
    )


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        ("http://localhost:8000/chat?k=v&message=", "auto"),
        ("localhost:8000/chat?k=v&message=", "auto"),
        ("http://localhost:8000/chat?k=v&message=", "simple-get"),
    ],
)
def test_a_url_that_ends_where_the_question_goes_is_one_with_a_place(url: str, dialect: str) -> None:
    endpoint = Endpoint(url, dialect=dialect)
    assert endpoint.dialect == "simple-get"
    assert endpoint.url("x%20y") == "http://localhost:8000/chat?k=v&message=x%20y"


def test_an_empty_field_that_is_no_question_stays_empty() -> None:
    assert Endpoint("http://localhost:8000/openai?api-version=", dialect="auto").dialect == "openai-chat"
    assert (
        Endpoint("http://localhost:8000/ask?words=", dialect="simple-get").url("x")
        == "http://localhost:8000/ask?words=x"
    )
    assert Endpoint("http://localhost:8000/v1?message=", dialect="openai-chat").dialect == "openai-chat"


async def test_a_path_without_an_api_says_how_a_question_in_the_url_is_written() -> None:
    async with ByteServer(script=lambda _: whole(b"404 page not found", 404, "text/plain")) as server:
        url = f"http://127.0.0.1:{server.port}/chat/stream"
        client = Client(Endpoint(url, dialect="auto"), max_retries=0)
        events = [event async for some in client.reply(question()) for event in some]
        await client.aclose()
    assert isinstance(events[-1], Failed)
    assert f"{url}?message={{message}}" in events[-1].hint


@pytest.mark.parametrize(
    ("url", "dialect", "says"),
    [
        ("http://localhost/chat", "simple-get", "no {message}"),
        ("http://localhost/chat?q={message}", "openai-chat", "leave the API to auto"),
        ("http://{message}/chat", "auto", "host"),
    ],
)
def test_a_place_where_it_cannot_be_is_refused(url: str, dialect: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        Endpoint(url, dialect=dialect)


@pytest.mark.parametrize("kind", ["text/plain", "text/html; charset=utf-8", "text/event-stream", None])
async def test_text_with_nothing_around_it_is_the_answer_whatever_it_is_called(kind: str | None) -> None:
    pieces = [b"Hello, ", "Grüße".encode()[:3], "Grüße".encode()[3:], b"\n\n* [x](y) <b>"]
    _, events = await asked(stream(pieces, kind))
    assert text(events) == "Hello, Grüße\n\n* [x](y) <b>"
    assert events[-1] == Finished(None, "eof")


async def test_text_that_breaks_off_is_cut_off() -> None:
    _, events = await asked([head(200, "text/plain"), *chunked([b"Hello"]), CLOSE])
    assert events[1:] == [TextDelta("Hello"), CutOff("the connection was lost")]


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/json", "text/plain", None])
async def test_json_lines_are_heard(kind: str | None) -> None:
    lines = [b'{"content": "Hel"}\n', b'{"content": "lo"}\n', b'{"done": true}\n']
    _, events = await asked(stream(lines, kind))
    assert text(events) == "Hello"
    assert events[-1] == Finished(None, "terminal-event")


async def test_json_lines_are_heard_line_by_line_where_their_type_says_so() -> None:
    _, events = await asked(
        [head(200, "application/x-ndjson"), *chunked([b'{"content": "Hel"}\n', b'{"content": "lo"}\n']), LAST_CHUNK]
    )
    assert events[1:3] == [TextDelta("Hel"), TextDelta("lo")]
    assert isinstance(events[-1], CutOff)


async def test_one_document_is_a_whole_answer() -> None:
    _, events = await asked(whole(b'{\n  "response": "Hello"\n}'))
    assert events[1:] == [TextDelta("Hello"), Finished(None, "eof")]


async def test_json_that_is_the_answers_own_text_is_text() -> None:
    answer = b'{"name": "Ada",\n "born": 1815}'
    _, events = await asked(whole(answer, 200, "text/plain"))
    assert text(events) == answer.decode()


async def test_chunks_of_chat_completions_are_heard_as_such() -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}
    _, events = await asked(stream([b"data:" + json.dumps(chunk).encode() + b"\n\n", b"data: \n\n"]))
    assert events[1:] == [TextDelta("Hi"), Finished("stop", "eof")]


async def test_a_page_is_no_answer() -> None:
    _, (_, failed) = await asked(whole(b"<!DOCTYPE html><title>Log in</title>", 200, "text/html"))
    assert isinstance(failed, Failed)
    assert "Log in" in failed.problem


@pytest.mark.parametrize("status", [404, 500])
async def test_a_failure_shows_no_message_in_its_url(status: int) -> None:
    server, events = await asked(whole(b'{"detail": "no"}', status), message="a long secretive question")
    assert isinstance(events[-1], Failed)
    assert events[-1].url == f"http://127.0.0.1:{server.port}/chat?message={{message}}"
    assert "secretive" not in repr(events)


async def test_neither_does_one_without_any_answer() -> None:
    client = Client(Endpoint("http://127.0.0.1:9/?q={message}", dialect="auto"), max_retries=0)
    (failed,) = [event async for events in client.reply(question("secretive")) for event in events]
    await client.aclose()
    assert isinstance(failed, Failed)
    assert failed.url == "http://127.0.0.1:9/?q={message}"
    assert "secretive" not in repr(failed)


async def test_there_is_no_list_of_models_and_nothing_is_asked_for_one() -> None:
    async with ByteServer(script=lambda _: whole(b"[]")) as server:
        client = Client(Endpoint(f"http://127.0.0.1:{server.port}/?q={{message}}", dialect="auto"))
        assert isinstance(await client.models(), Failed)
        await client.warm()
        await client.aclose()
    assert server.requests == []


FILE = {"Content_Disposition": 'attachment; filename="big data.zip"'}


async def test_a_file_in_an_answers_place_says_how_to_save_it() -> None:
    server, events = await asked(whole(b"PK", 200, "application/zip", **FILE), message="a b")
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert failed.problem == "The server answered with a file (big data.zip, 2 B) in place of a reply."
    assert failed.hint == f"To save it: tui-chat listen --save 'http://127.0.0.1:{server.port}/chat?message=a%20b'"


async def test_an_api_that_calls_its_answers_attachments_is_heard() -> None:
    steps = stream([b"data: Hi\n\n", DONE])
    steps[0] = head(200, "text/event-stream", Content_Disposition="attachment")
    _, events = await asked(steps)
    assert text(events) == "Hi"
