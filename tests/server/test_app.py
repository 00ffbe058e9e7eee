from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.patience import PATIENCE
from tui_chat.chat.events import TextDelta
from tui_chat.server.http import request_body
from tui_chat.server.http.access_log import Access, log_access
from tui_chat.server.scripted.scripts import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.server.conftest import Accesses
    from tui_chat.server.chat_input import ChatInput
    from tui_chat.server.embedded import EmbeddedServer

NEVER = "count?rate=0.001"
"""A model whose second delta comes in a quarter of an hour."""


def ask(model: str = "echo", text: str = "hello", **fields: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **fields}


async def datas(response: httpx.Response) -> AsyncIterator[Any]:
    """The JSON of each event; the tests' texts hold no line ends."""
    async for line in response.aiter_lines():
        if line.startswith("data: {"):
            yield json.loads(line[6:])


async def text_of(response: httpx.Response) -> str:
    choices = [chunk["choices"][0]["delta"] async for chunk in datas(response) if chunk.get("choices")]
    return "".join(delta.get("content") or "" for delta in choices)


async def test_a_reply_streams_with_headers_that_keep_it_flowing(client: httpx.AsyncClient) -> None:
    async with client.stream("POST", "/chat/completions", json=ask(stream=True)) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["x-accel-buffering"] == "no"
        assert "content-length" not in response.headers
        body = (await response.aread()).decode()
    assert body.endswith("data: [DONE]\n\n")
    assert '"content":"hello"' in body
    assert "usage" not in body


async def test_usage_is_the_last_chunk_when_asked_for(client: httpx.AsyncClient) -> None:
    wanted = ask(text="one two three", stream=True, stream_options={"include_usage": True})
    async with client.stream("POST", "/chat/completions", json=wanted) as response:
        *chunks, last = [chunk async for chunk in datas(response)]
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == []
    assert last["usage"]["prompt_tokens"] == last["usage"]["completion_tokens"] == len(chunks) - 1 == 3


async def test_an_answer_that_is_not_streamed_is_one_object(client: httpx.AsyncClient) -> None:
    response = await client.post("/chat/completions", json=ask("think"))
    assert response.headers["content-type"] == "application/json"
    (choice,) = response.json()["choices"]
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["reasoning_content"]
    assert "**46.**" in choice["message"]["content"]
    assert response.json()["usage"]["completion_tokens_details"]["reasoning_tokens"] > 10


async def test_the_first_delta_does_not_hold_up_the_head(client: httpx.AsyncClient) -> None:
    async with client.stream("POST", "/chat/completions", json=ask("echo?first=3600", stream=True)) as response:
        assert response.status_code == 200


async def test_a_token_limit_is_kept(client: httpx.AsyncClient) -> None:
    response = await client.post("/chat/completions", json=ask("long", max_tokens=5))
    assert response.json()["choices"][0]["finish_reason"] == "length"
    assert response.json()["usage"]["completion_tokens"] == 5


async def test_content_in_parts_and_halves_of_surrogate_pairs_come_back(client: httpx.AsyncClient) -> None:
    parts = [{"type": "text", "text": "half \ud83d"}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    body = json.dumps({"model": "echo", "messages": [{"role": "user", "content": parts}]})
    response = await client.post("/chat/completions", content=body)
    assert response.json()["choices"][0]["message"]["content"] == "half \ud83d"


async def test_the_models_are_listed(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/models")).json()
    assert [model["id"] for model in listed["data"]] == list(SCRIPTS)


async def test_health_and_the_pages_need_no_key(server: EmbeddedServer) -> None:
    root = server.base_url.removesuffix("/v1")
    async with httpx.AsyncClient(trust_env=False) as stranger:
        assert (await stranger.get(f"{root}/health")).json() == {"status": "ok"}
        for page in ("/", "/events"):
            assert "Content-Security-Policy" in (await stranger.get(f"{root}{page}")).raise_for_status().headers


@pytest.mark.parametrize("given", [None, "Bearer wrong", "Bearer", "Basic {key}", "{key}", "Bearer {key}x"])
async def test_nobody_gets_in_without_the_key(server: EmbeddedServer, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given.format(key=server.key)}
    async with httpx.AsyncClient(base_url=server.base_url, headers=headers, trust_env=False) as stranger:
        for response in (await stranger.get("/models"), await stranger.post("/chat/completions", json=ask())):
            assert response.status_code == 401
            assert response.json()["error"]["code"] == "invalid_api_key"
            assert server.key not in response.text


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "could not parse"),
        (b"[" * 100_000, 400, "could not parse"),
        (b"\xff", 400, "could not parse"),
        (b"[]", 400, "JSON object"),
        (b'{"messages": [{"role": "user"}]}', 400, "model"),
        (b'{"model": "echo"}', 400, "messages"),
        (b'{"model": "echo", "messages": []}', 400, "messages"),
        (b'{"model": "echo", "messages": ["hi"]}', 400, "role"),
        (b'{"model": "echo", "messages": [{"role": "user", "content": 5}]}', 400, "content"),
        (b'{"model": "echo", "max_tokens": 0, "messages": [{"role": "user"}]}', 400, "max_tokens"),
        (b'{"model": "gpt-9", "messages": [{"role": "user"}]}', 404, "`gpt-9` does not exist"),
        (b'{"model": "echo?speed=1", "messages": [{"role": "user"}]}', 400, "no option `speed`"),
        (b'{"model": "echo?rate=nan", "messages": [{"role": "user"}]}', 400, "`rate` has to be a number"),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused_in_openais_shape(
    client: httpx.AsyncClient, body: bytes, status: int, said: str
) -> None:
    response = await client.post("/chat/completions", content=body)
    assert response.status_code == status
    assert said in response.json()["error"]["message"]
    assert response.json()["error"]["type"] == "invalid_request_error"


async def test_an_unknown_path_and_a_wrong_method_are_refused_in_the_same_shape(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nothing")).json()["error"]["message"] == "Not Found: GET /v1/nothing"
    wrong = await client.get("/chat/completions")
    assert (wrong.status_code, wrong.json()["error"]["message"][:18]) == (405, "Method Not Allowed")


async def test_a_body_too_large_is_refused_and_the_next_request_works(client: httpx.AsyncClient) -> None:
    response = await client.post("/chat/completions", content=b"x" * (request_body.MAX_BODY + 1))
    assert response.status_code == 413
    assert str(request_body.MAX_BODY) in response.json()["error"]["message"]
    assert (await client.post("/chat/completions", json=ask())).status_code == 200


@pytest.mark.parametrize("stream", [True, False])
async def test_a_hang_up_is_noticed_while_nothing_is_sent(
    client: httpx.AsyncClient, accesses: Accesses, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    begun = threading.Event()

    def hold(_asked: ChatInput) -> Iterator[TextDelta]:
        begun.set()
        yield TextDelta("1")

    monkeypatch.setitem(SCRIPTS, "hold", hold)
    asking = asyncio.create_task(client.post("/chat/completions", json=ask("hold?first=3600", stream=stream)))
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    asking.cancel()
    await asyncio.wait({asking})
    (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert (access.outcome, access.path) == ("hang-up", "/v1/chat/completions")


async def test_a_hang_up_in_mid_stream_ends_the_script(client: httpx.AsyncClient, accesses: Accesses) -> None:
    async with client.stream("POST", "/chat/completions", json=ask(NEVER, stream=True)) as response:
        first = await anext(datas(response))
    assert first["choices"][0]["delta"]["content"] == "1"
    (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert (access.outcome, access.chunks, access.model, access.status) == ("hang-up", 1, NEVER, 200)


async def test_a_hang_up_before_the_body_has_come_is_no_bug(server: EmbeddedServer, accesses: Accesses) -> None:
    host, port = server.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {server.key}\r\n"
    with socket.create_connection((host, int(port))) as half:
        half.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert access.outcome == "hang-up"


async def test_two_streams_at_once_do_not_wait_for_each_other(client: httpx.AsyncClient) -> None:
    async with (
        client.stream("POST", "/chat/completions", json=ask(NEVER, stream=True)) as slow,
        client.stream("POST", "/chat/completions", json=ask("count", "30", stream=True)) as quick,
    ):
        assert await text_of(quick) == " ".join(map(str, range(1, 31)))
        assert (await anext(datas(slow)))["choices"][0]["delta"]["content"] == "1"


async def test_many_streams_lose_nothing(client: httpx.AsyncClient, accesses: Accesses) -> None:
    async def counted() -> str:
        async with client.stream("POST", "/chat/completions", json=ask("count?rate=2000", "100", stream=True)) as one:
            return await text_of(one)

    replies = await asyncio.gather(*(counted() for _ in range(20)))
    assert set(replies) == {" ".join(map(str, range(1, 101)))}
    ended = await asyncio.to_thread(accesses.wait_for, 20)
    assert {(access.outcome, access.chunks) for access in ended} == {("finished", 101)}


def test_a_log_line_holds_no_query_and_no_controls(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    access = Access("127.0.0.1", "POST", "/v1/chat/completions", status=200, model="a\nb\x1b[2J", chunks=3)
    access.outcome = "hang-up"
    log_access(access)
    (line,) = caplog.messages
    assert "\n" not in line
    assert "\x1b" not in line
    assert "POST /v1/chat/completions 200" in line
    assert "chunks=3 hang-up after" in line


async def test_the_access_record_has_no_query(client: httpx.AsyncClient, accesses: Accesses) -> None:
    await client.get("/models?key=secret")
    (access,) = await asyncio.to_thread(accesses.wait_for, 1)
    assert "secret" not in str(access)
    assert (access.outcome, access.status) == ("answered", 200)
