from __future__ import annotations

import asyncio
import json
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.patterns.conftest import events

if TYPE_CHECKING:
    import httpx

    from tests.server.conftest import Accesses
    from tui_chat.server.embedded import EmbeddedServer

SAID = "Grüße, 世界! 👋\nAnd a second line."
PATHS = ("/chat", "/chat/stream")
CONTENT_TYPE = "text/event-stream; charset=utf-8"


def documents(body: bytes) -> list[dict[str, Any]]:
    """The JSON objects of an answer."""
    return [json.loads(heard.data) for heard in events(body) if heard.data[:1] == "{"]


def contents(body: bytes) -> list[str]:
    """The pieces of an answer in `format=json`."""
    return [chunk["content"] for chunk in documents(body) if "content" in chunk]


def deltas(body: bytes) -> list[dict[str, Any]]:
    """The deltas of an answer in chunks."""
    return [chunk["choices"][0]["delta"] for chunk in documents(body)]


@pytest.mark.parametrize("path", PATHS)
async def test_a_question_in_the_url_is_answered_in_chunks(fetcher: httpx.AsyncClient, path: str) -> None:
    response = await fetcher.get(path, params={"message": SAID, "model": "echo"})
    assert response.headers["content-type"] == CONTENT_TYPE
    assert "".join(delta["content"] for delta in deltas(response.content)) == SAID
    assert {frame.event for frame in events(response.content)} == {""}
    assert b"id: " not in response.content
    assert response.content.endswith(b"\n\ndata: [DONE]\n\n")
    for chunk in documents(response.content):
        assert chunk["object"] == "chat.completion.chunk"
        assert (chunk["model"], chunk["choices"][0]["index"]) == ("echo", 0)
        assert isinstance(chunk["id"], str)
        assert isinstance(chunk["created"], int)
        assert chunk["choices"][0]["delta"].keys() == {"content", "reasoning_content", "role"}
        assert chunk["usage"].keys() == {
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "completion_tokens_details",
        }
        assert "finish_reason" in chunk["choices"][0]
    assert documents(response.content)[-1]["choices"][0]["finish_reason"] == "stop"


async def test_a_post_may_hold_the_question_in_json(fetcher: httpx.AsyncClient) -> None:
    for path, asked in (("/chat", {"message": SAID, "model": "echo"}), ("/chat/stream?model=echo", {"message": SAID})):
        response = await fetcher.post(path, json=asked)
        assert "".join(delta["content"] for delta in deltas(response.content)) == SAID
    response = await fetcher.post("/chat?message=seen&model=echo")
    assert "".join(delta["content"] for delta in deltas(response.content)) == "seen"


async def test_a_post_whose_fields_are_no_texts_is_refused(fetcher: httpx.AsyncClient) -> None:
    response = await fetcher.post("/chat", json={"message": ["hi"]})
    assert (response.status_code, response.json()["error"]["message"]) == (400, "`message` has to be a string.")


@pytest.mark.parametrize("path", PATHS)
async def test_the_answer_comes_in_small_objects_when_that_is_asked_for(fetcher: httpx.AsyncClient, path: str) -> None:
    response = await fetcher.get(path, params={"message": SAID, "model": "echo", "format": "json"})
    assert response.headers["content-type"] == CONTENT_TYPE
    assert "".join(contents(response.content)) == SAID
    *_, end = events(response.content)
    assert (end.event, end.id, end.data) == ("end", "end", "[DONE]")


async def test_the_answer_comes_as_plain_text_when_that_is_asked_for(fetcher: httpx.AsyncClient) -> None:
    response = await fetcher.get("/chat", params={"message": SAID, "model": "echo", "format": "text"})
    *pieces, end = events(response.content)
    assert "".join(piece.data for piece in pieces) == SAID
    assert end.event == "end"


async def test_reasoning_is_told_apart_and_left_out_of_plain_text(fetcher: httpx.AsyncClient) -> None:
    chunks = await fetcher.get("/chat?message=why&model=think")
    assert deltas(chunks.content)[0] == {"content": None, "reasoning_content": "The", "role": "assistant"}
    response = await fetcher.get("/chat?message=why&model=think&format=json")
    assert '{"reasoning":"The"}' in response.text
    plain = await fetcher.get("/chat?message=why&model=think&format=text")
    whole = "".join(heard.data for heard in events(plain.content) if not heard.event)
    assert whole == "".join(contents(response.content))


async def test_chat_without_a_message_says_how_to_ask(fetcher: httpx.AsyncClient) -> None:
    for query in ("", "?message=", "?message=%20%0A"):
        response = await fetcher.get(f"/chat{query}")
        assert response.status_code == 400, query
        assert "/chat?message=TEXT" in response.json()["error"]["message"]


async def test_chat_stream_without_a_message_is_answered_too(fetcher: httpx.AsyncClient) -> None:
    answer = "".join(delta["content"] for delta in deltas((await fetcher.get("/chat/stream")).content))
    assert "Welcome to tui-chat" in answer


@pytest.mark.parametrize("form", ["json", "text"])
async def test_who_lost_the_connection_gets_the_rest_of_the_answer(fetcher: httpx.AsyncClient, form: str) -> None:
    asked = {"message": "one two three four", "model": "echo", "format": form}
    whole = events((await fetcher.get("/chat/stream", params=asked)).content)
    for heard in whole[:-1]:
        rest = await fetcher.get("/chat/stream", params=asked, headers={"Last-Event-ID": heard.id})
        assert events(rest.content) == whole[int(heard.id) :]


@pytest.mark.parametrize("path", PATHS)
async def test_who_heard_the_end_is_sent_away_for_good(fetcher: httpx.AsyncClient, path: str) -> None:
    asked = {"message": "again", "format": "json"}
    response = await fetcher.get(path, params=asked, headers={"Last-Event-ID": "end"})
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("model=nobody", 404, "`nobody` does not exist"),
        ("format=xml", 400, "`chunks`, `json` or `text`, not `xml`"),
        ("model=echo?speed=1", 400, "There is no option `speed`"),
        ("format=json&model=echo?finish=never", 400, "`finish` is not for format=json"),
        ("format=text&model=echo?usage=every", 400, "`usage` is not for format=text"),
    ],
)
async def test_what_there_is_not_is_refused(fetcher: httpx.AsyncClient, query: str, status: int, said: str) -> None:
    response = await fetcher.get(f"/chat?message=x&{query}")
    assert response.status_code == status
    assert said in response.json()["error"]["message"]


WAYS = ("header", "model", "server")


async def with_options(server: EmbeddedServer, fetcher: httpx.AsyncClient, form: str, options: str, way: str) -> bytes:
    """The body of the answer to `one two`, with options given in one of three ways."""
    asked = {"message": "one two", "model": "echo", "format": form}
    headers = {}
    match way:
        case "header":
            headers["X-TUI-Chat"] = options
        case "model":
            asked["model"] = f"echo?{options}"
        case _:
            assert server._replies is not None
            server._replies.response_options = server._replies.response_options.with_query(options)
    response = await fetcher.get("/chat", params=asked, headers=headers)
    assert response.status_code == 200, response.text
    return response.content


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", ["chunks", "json", "text"])
async def test_options_of_the_style_do_what_they_say(
    server: EmbeddedServer, fetcher: httpx.AsyncClient, form: str, way: str
) -> None:
    options = "newline=crlf&space=no&event=message&end=empty&seed=x"
    body = await with_options(server, fetcher, form, options, way)
    assert body.count(b"\n") == body.count(b"\r\n") > 0
    assert b"\r\ndata: " not in body.replace(b"data: two", b"")
    assert body.endswith(b"event:message\r\ndata:\r\n\r\n")
    assert {frame.event for frame in events(body)} == {"message"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("usage", "told"), [("every", [True, True]), ("last", [False, False, True]), ("never", [False, False])]
)
async def test_token_counts_stand_where_the_options_say(
    server: EmbeddedServer, fetcher: httpx.AsyncClient, usage: str, told: list[bool], way: str
) -> None:
    chunks = documents(await with_options(server, fetcher, "chunks", f"usage={usage}&finish=never", way))
    small = documents(await with_options(server, fetcher, "json", f"usage={usage}&finish=given", way))
    for heard in (chunks, small):
        assert [bool(chunk.get("usage")) for chunk in heard] == told


@pytest.mark.parametrize("form", ["chunks", "json", "text"])
async def test_faults_and_pieces_are_had_here_too(fetcher: httpx.AsyncClient, form: str) -> None:
    asked = {"message": "one two three four five six", "format": form}
    refused = await fetcher.get("/chat", params=asked | {"model": "fault:429?retry=7"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    cut = await fetcher.get("/chat", params=asked | {"model": "echo?fault=cut&after=2&pieces=7"})
    assert len(events(cut.content)) == 2
    failed = await fetcher.get("/chat", params=asked | {"model": "echo?fault=error&after=2"})
    assert "This is the error that was asked for." in failed.text


async def test_a_pace_is_kept_here_too(fetcher: httpx.AsyncClient) -> None:
    began = monotonic()
    await fetcher.get("/chat", params={"message": "one two three", "model": "echo?rate=20&first=0.1"})
    assert monotonic() - began >= 0.2  # the first delta after 0.1 s, two more at 20 a second


async def test_the_log_has_the_model_and_not_the_question(fetcher: httpx.AsyncClient, accesses: Accesses) -> None:
    await fetcher.get("/chat?message=a-secret&model=echo")
    (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert "model='echo'" in str(access)
    assert "chunks=4 finished" in str(access)
    assert "secret" not in str(access)
