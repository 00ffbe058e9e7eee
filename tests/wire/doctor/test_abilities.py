"""What an endpoint takes besides a plain question, and how it fails at it."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import LAST_CHUNK, ByteServer, chunked, head, whole
from tests.cli.test_ask import DONE, end, text
from tests.wire.doctor.test_examination import found
from tui_chat.server.testing import ChatEndpoint
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.byte_server import Request, Step
    from tui_chat.wire.doctor.findings import Finding

COUNTED = [text(f"{number} ") for number in range(30)]


async def examined(answer: Callable[[dict[str, Any]], Sequence[bytes] | int], **headers: Any) -> dict[str, Finding]:
    """The findings at a server that answers each request with these events, or with this status."""

    def script(request: Request) -> list[Step]:
        if request.method == "GET":
            return whole(b'{"data": [{"id": "m"}]}') if request.target.endswith("/models") else whole(b"{}", 404)
        said = answer(json.loads(request.body))
        if isinstance(said, int):
            return whole(b'{"error": {"message": "not like this"}}', said, **headers)
        return [head(**headers), *chunked([*said, end(), DONE]), LAST_CHUNK]

    async with ByteServer(script) as server:
        return await found(Endpoint(server.url), "m")


def asks(body: dict[str, Any], words: str) -> bool:
    return words in json.dumps(body, ensure_ascii=False)


def call(name: str, *arguments: str) -> list[bytes]:
    pieces = [{"index": 0, "id": "1", "function": {"name": name, "arguments": ""}}]
    pieces += [{"index": 0, "function": {"arguments": each}} for each in arguments]
    return [
        b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"tool_calls": [each]}}]}).encode() + b"\n\n"
        for each in pieces
    ]


@pytest.mark.parametrize(
    ("events", "verdict", "side"),
    [
        (call("report_weather", '{"city": ', '"Oslo"}'), "ok", None),
        (call("report_weather", '{"city": Oslo'), "fail", "server"),
        (call("fly_to_the_moon", "{}"), "warn", "model"),
        ([text("It rains.")], "skipped", None),
        (400, "warn", "server"),
    ],
)
async def test_a_tool_is_called_as_it_was_offered_or_not(
    events: list[bytes] | int, verdict: str, side: str | None
) -> None:
    findings = await examined(lambda body: events if "tools" in body else COUNTED)
    assert (findings["tools"].verdict, findings["tools"].side) == (verdict, side), findings["tools"]


@pytest.mark.parametrize("api", ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama-chat"])
async def test_our_own_endpoint_calls_the_tool_in_every_api(api: str) -> None:
    with ChatEndpoint("rate=400") as server:
        url = server.base_url if api.startswith("openai") else server.root_url
        findings = await found(Endpoint(url, server.key, dialect=api), "tools")
    assert findings["tools"].verdict == "ok", findings["tools"]


async def test_pictures_and_roles_that_are_refused_are_told() -> None:
    def answer(body: dict[str, Any]) -> list[bytes] | int:
        roles = [message["role"] for message in body["messages"]]
        turns = all(one != other for one, other in pairwise(roles))
        return COUNTED if turns and not asks(body, "image_url") else 400

    findings = await examined(answer)
    assert (findings["images"].verdict, findings["images"].side) == ("skipped", None)
    assert (findings["roles"].verdict, findings["roles"].side) == ("warn", "server")
    assert (await examined(lambda body: 500 if asks(body, "image_url") else COUNTED))["images"].verdict == "warn"


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("é日本🎉".encode(), "ok"),
        ("é日本".encode() + b"\xf0\x9f", "fail"),
        (b"\\ud83c", "fail"),
        (b"I can not", "skipped"),
    ],
)
async def test_characters_come_back_whole_or_broken(reply: bytes, verdict: str) -> None:
    event = b'data: {"choices": [{"index": 0, "delta": {"content": "%s"}}]}\n\n' % reply
    findings = await examined(lambda body: [event] if asks(body, "Repeat exactly") else COUNTED)
    assert findings["characters"].verdict == verdict, findings["characters"]


async def test_a_refused_field_is_named_with_what_takes_its_place() -> None:
    findings = await examined(lambda body: 400 if "stream_options" in body else COUNTED)
    assert "request" not in findings  # nothing in the refusal says which field it was
    with ChatEndpoint("rate=400&fault=refuses-usage") as server:
        findings = await found(Endpoint(server.base_url, server.key))
    assert (findings["request"].verdict, findings["request"].side) == ("warn", "server")
    assert "`stream_options`" in findings["request"].text


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [({"Retry_After": "2"}, "ok"), ({}, "warn")],
)
async def test_a_rate_limit_says_when_to_try_again(headers: dict[str, str], verdict: str) -> None:
    findings = await examined(lambda body: 429 if "tools" in body else COUNTED, **headers)
    assert findings["limits"].verdict == verdict, findings["limits"]


async def test_rate_limits_that_are_told_in_headers_are_seen() -> None:
    findings = await examined(lambda _: COUNTED, X_RateLimit_Remaining_Requests="12")
    assert "x-ratelimit-remaining-requests" in findings["limits"].text


async def test_the_field_of_the_reasoning_is_named() -> None:
    def thought(name: str) -> bytes:
        return b'data: {"choices": [{"index": 0, "delta": {"%s": "Hm. "}}]}\n\n' % name.encode()

    for name in ("reasoning_content", "reasoning"):
        findings = await examined(lambda _, name=name: [thought(name), *COUNTED])  # type: ignore[misc]
        assert f"`{name}`" in findings["reasoning"].text
    findings = await examined(lambda _: [text("<think>Hm.</think>"), *COUNTED])
    assert (findings["reasoning"].verdict, findings["reasoning"].side) == ("warn", "server")


async def test_keep_alives_are_counted() -> None:
    findings = await examined(lambda _: [b": waiting\n\n", b": waiting\n\n", *COUNTED])
    assert findings["keep-alives"].text.startswith("2 keep-alives came")


async def test_the_size_of_the_context_window_is_told() -> None:
    def script(request: Request) -> list[Step]:
        return whole(b'{"data": [{"id": "m", "max_model_len": 8192}]}') if request.method == "GET" else whole(b"{}")

    async with ByteServer(script) as server:
        findings = await found(Endpoint(server.url), "m", cheap=True)
    assert (findings["context"].verdict, "8,192" in findings["context"].text) == ("ok", True), findings
