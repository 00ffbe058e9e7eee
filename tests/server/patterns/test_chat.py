from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from tests.server.patterns.conftest import events

if TYPE_CHECKING:
    import httpx

    from tests.server.conftest import Accesses

SAID = "Grüße, 世界! 👋\nAnd a second line."
PATHS = ("/chat", "/chat/stream")


def contents(body: bytes) -> list[str]:
    """The pieces of an answer."""
    chunks = [json.loads(heard.data) for heard in events(body) if not heard.event]
    return [chunk["content"] for chunk in chunks if "content" in chunk]


@pytest.mark.parametrize("path", PATHS)
async def test_a_question_in_the_url_is_answered_and_the_end_is_told(visitor: httpx.AsyncClient, path: str) -> None:
    response = await visitor.get(path, params={"message": SAID, "model": "echo"})
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "".join(contents(response.content)) == SAID
    *_, end = events(response.content)
    assert (end.event, end.id, end.data) == ("end", "end", "[DONE]")


async def test_the_answer_comes_as_plain_text_when_that_is_asked_for(visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/chat", params={"message": SAID, "model": "echo", "format": "text"})
    *pieces, end = events(response.content)
    assert "".join(piece.data for piece in pieces) == SAID
    assert end.event == "end"


async def test_reasoning_is_told_apart_and_left_out_of_plain_text(visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/chat?message=why&model=think")
    assert '{"reasoning":"The"}' in response.text
    plain = await visitor.get("/chat?message=why&model=think&format=text")
    whole = "".join(heard.data for heard in events(plain.content) if not heard.event)
    assert whole == "".join(contents(response.content))


async def test_chat_without_a_message_says_how_to_ask(visitor: httpx.AsyncClient) -> None:
    for query in ("", "?message=", "?message=%20%0A"):
        response = await visitor.get(f"/chat{query}")
        assert response.status_code == 400, query
        assert "/chat?message=TEXT" in response.json()["error"]["message"]


async def test_chat_stream_without_a_message_is_answered_too(visitor: httpx.AsyncClient) -> None:
    assert "Welcome to tui-chat" in "".join(contents((await visitor.get("/chat/stream")).content))


async def test_who_lost_the_connection_gets_the_rest_of_the_answer(visitor: httpx.AsyncClient) -> None:
    asked = {"message": "one two three four", "model": "echo"}
    whole = (await visitor.get("/chat/stream", params=asked)).content
    for heard in events(whole)[:-1]:
        rest = await visitor.get("/chat/stream", params=asked, headers={"Last-Event-ID": heard.id})
        assert contents(rest.content) == contents(whole)[int(heard.id) :]
        assert events(rest.content)[-1].event == "end"


@pytest.mark.parametrize("path", PATHS)
async def test_who_heard_the_end_is_sent_away_for_good(visitor: httpx.AsyncClient, path: str) -> None:
    response = await visitor.get(path, params={"message": "again"}, headers={"Last-Event-ID": "end"})
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [("model=nobody", 404, "`nobody` does not exist"), ("format=xml", 400, "`json` or `text`")],
)
async def test_what_there_is_not_is_refused(visitor: httpx.AsyncClient, query: str, status: int, said: str) -> None:
    response = await visitor.get(f"/chat?message=x&{query}")
    assert response.status_code == status
    assert said in response.json()["error"]["message"]


async def test_the_log_has_the_model_and_not_the_question(visitor: httpx.AsyncClient, accesses: Accesses) -> None:
    await visitor.get("/chat?message=a-secret&model=echo")
    (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert "model='echo'" in str(access)
    assert "chunks=4 finished" in str(access)
    assert "secret" not in str(access)
