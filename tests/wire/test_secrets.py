"""Servers that repeat the secrets they were sent, wherever they can: nothing of that leaves the client."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import CLOSE, ByteServer, head, stream, whole
from tests.canaries import leaks
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Failed, TextDelta
from tui_chat.chat.turn import Question
from tui_chat.wire.client import Client
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.failures.errors import EXCERPT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.byte_server import Step
    from tui_chat.chat.events import ChatEvent

KEY = "sk-7Qm2xVd9LrT4wZk8"
HEADER = "hX5/fGp+Yc3Nb6Jt1"
QUERY = "qW8=vRs&Ed2Uo7Ia4"
CANARIES = (KEY, HEADER, QUERY)


def frame(document: object, event: str = "") -> bytes:
    return (f"event: {event}\n" if event else "").encode() + b"data: " + json.dumps(document).encode() + b"\n\n"


def error(text: str) -> dict[str, Any]:
    return {"error": {"message": text, "type": text, "code": text, "param": text}}


def escaped(text: str) -> bytes:
    """JSON with every character of a message as an escape."""
    return b'{"error": {"message": "%s"}}' % "".join(f"\\u{ord(each):04x}" for each in text).encode()


def choice(text: str, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": text}], **more}


ECHOES: dict[str, Callable[[str], Sequence[Step]]] = {
    "400 with an error object": lambda said: whole(json.dumps(error(said)).encode(), 400),
    "401 in escapes": lambda said: whole(escaped(said), 401),
    "404 about the model": lambda said: whole(json.dumps(error(f"model {said}")).encode(), 404),
    "429": lambda said: whole(json.dumps({"detail": said, "code": said}).encode(), 429),
    "422 as FastAPI says it": lambda said: whole(json.dumps({"detail": [{"msg": said, "type": said}]}).encode(), 422),
    "500 in plain text": lambda said: whole(said.encode(), 500, "text/plain"),
    "502 as a page": lambda said: whole(f"<html><title>{said}</title>".encode(), 502, "text/html"),
    "400 in event framing": lambda said: whole(frame(error(said)), 400, "text/event-stream"),
    "a redirect": lambda said: whole(b"", 302, None, Location=f"https://elsewhere.example/{said}"),
    "an error event": lambda said: stream([frame(choice("")), frame(error(said), "error")]),
    "an error among data": lambda said: stream([frame(error(said))]),
    "an error field": lambda said: stream([f"error: {said}\n\n".encode()]),
    "an error as text": lambda said: stream([b"event: error\n" + f"data: {said}\n\n".encode()]),
    "a finish reason": lambda said: stream([frame(choice(said))]),
    "a model's name": lambda said: stream([frame(choice("stop", model=said))]),
    "data that is not JSON": lambda said: stream([f"data: {said}\n\n".encode()]),
    "broken JSON": lambda said: stream([b'data: {"x": ' + f"{said}\n\n".encode()]),
    "no event stream": lambda said: stream([said.encode()]),
    "a page": lambda said: whole(f"<html><title>{said}</title>".encode(), 200, "text/html"),
    "a JSON document": lambda said: whole(json.dumps({"unknown": said}).encode()),
    "an error document": lambda said: whole(json.dumps(error(said)).encode()),
    "a file": lambda said: whole(b"", 200, "a/b", Content_Disposition=f'attachment; filename="{said}.zip"'),
    "an unknown coding": lambda said: whole(b"x", 200, "text/event-stream", Content_Encoding=said),
    "a redirect to such a host": lambda said: whole(b"", 307, None, Location=f"https://{said}.example/"),
    "no HTTP": lambda said: [f"{said}\r\n\r\n".encode(), CLOSE],
    "a broken head": lambda said: [head(200)[:-2] + f"{said}\r\n\r\n".encode(), CLOSE],
}
HEADS = {"a redirect", "a redirect to such a host", "an unknown coding", "a file", "no HTTP", "a broken head"}


def endpoint(url: str, dialect: str) -> Endpoint:
    if dialect == "simple-get":
        url = f"{url}/{{message}}"
    return Endpoint(url, key=KEY, dialect=dialect, headers={"X-Auth": HEADER}, query={"k": QUERY})


async def reply_events(client: Client) -> list[ChatEvent]:
    asked = Question((Conversation().add_question("hello"),), "", "m", {})
    async with aclosing(client.reply(asked)) as batches:
        return [event async for batch in batches for event in batch]


def seen(events: Sequence[ChatEvent]) -> str:
    """All that is told, but for what the model wrote."""
    return repr([event for event in events if not isinstance(event, TextDelta)])


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("echo", ECHOES)
async def test_a_secret_that_a_server_repeats_is_masked(echo: str, dialect: str) -> None:
    for canary in CANARIES:
        said = canary.replace("/", "").replace("&", "") if echo in HEADS else canary
        async with ByteServer(script=lambda _, said=said: ECHOES[echo](f"you sent {said} here")) as server:  # type: ignore[misc]
            client = Client(endpoint(server.url, dialect), max_retries=0)
            events = await reply_events(client)
            await client.aclose()
        if said == canary:
            assert leaks(canary, seen(events)) == [], events


@pytest.mark.parametrize("echo", ECHOES)
async def test_nothing_of_a_secret_is_left_where_a_text_is_cut(echo: str) -> None:
    longest = 2000 if echo == "no event stream" else EXCERPT  # the two bounds of foreign text
    pads = range(longest - len(KEY) - 60, longest + 5)
    async with ByteServer(quiet_head=True) as server:
        client = Client(endpoint(server.url, "openai-chat"), max_retries=0)
        for pad in pads:
            text = ("word " * 500)[:pad] + KEY + " and more" * 60
            server.script = lambda _, text=text: ECHOES[echo](text)  # type: ignore[misc]
            events = await reply_events(client)
            assert leaks(KEY, seen(events)) == [], (pad, events)
        await client.aclose()


async def test_a_retry_says_why_without_the_secret() -> None:
    async with ByteServer(script=lambda _: whole(json.dumps(error(f"busy {KEY}")).encode(), 503)) as server:
        client = Client(endpoint(server.url, "openai-chat"), max_retries=1)
        events = await reply_events(client)
        await client.aclose()
    assert "Retrying" in seen(events)
    assert leaks(KEY, seen(events)) == []


@pytest.mark.parametrize("status", [200, 500])
async def test_a_list_of_models_names_no_secret(status: int) -> None:
    body = json.dumps({"data": [{"id": f"model {KEY}"}]} if status == 200 else error(QUERY)).encode()
    async with ByteServer(script=lambda _: whole(body, status)) as server:
        client = Client(endpoint(server.url, "openai-chat"), max_retries=0)
        models = await client.models()
        await client.aclose()
    assert isinstance(models, Failed) == (status == 500)
    assert [leaks(canary, repr(models)) for canary in CANARIES] == [[], [], []]


async def test_where_nobody_listens_the_url_is_told_without_its_query() -> None:
    client = Client(endpoint("http://127.0.0.1:9/v1", "openai-chat"), max_retries=0)
    (failed,) = await reply_events(client)
    await client.aclose()
    assert isinstance(failed, Failed)
    assert failed.url == "http://127.0.0.1:9/v1/chat/completions?k=••••"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
async def test_a_proxys_password_is_masked_where_it_repeats_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ByteServer() as server:
        monkeypatch.setenv(name, f"http://someone:{HEADER.replace('/', '%2F')}@127.0.0.1:{server.port}")
        client = Client(Endpoint("http://box.local/v1"), max_retries=0)
        for status in (407, 502):
            server.script = lambda asked, status=status: whole(  # type: ignore[misc]
                f"{asked.headers.get('proxy-authorization')} {HEADER}".encode(), status, "text/plain"
            )
            assert leaks(HEADER, seen(events := await reply_events(client))) == [], events
            assert "Basic ••••" in seen(events)
        await client.aclose()


@pytest.mark.parametrize(
    "url",
    [
        f"https://h.example/v1?key={KEY} x",
        f"http://someone:{KEY}@h.example/v1",
        f"https://someone:{KEY[:9]}/{KEY[9:]}@h.example/v1",
        f"ftp://h.example/?{KEY}",
        f"ftp://someone:{KEY}@h",
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_secrets(url: str) -> None:
    with pytest.raises(Exception, match=r"base URL|The password would go to") as refused:
        Endpoint(url)
    assert leaks(KEY, str(refused.value)) == []
