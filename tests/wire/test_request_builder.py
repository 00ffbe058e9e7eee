"""The requests that a client builds, and what refusals change in them, seen at a real socket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, Step, stream, whole
from tests.wire.test_client import GOOD, ask, failure, question, sent, text
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, TextDelta
from tui_chat.chat.message import Attachment
from tui_chat.chat.turn import Question
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from tests.byte_server import Request


async def test_a_question_is_sent_as_chat_completions_are_asked() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        await ask(server.url, key="sk-1234", asked=question("你好", system="Be brief."))
    request = server.requests[0]
    assert (request.method, request.target) == ("POST", "/v1/chat/completions")
    assert request.headers["authorization"] == "Bearer sk-1234"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "text/event-stream"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["user-agent"].startswith("tui-chat/")
    assert sent(request) == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "你好"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_half_a_character_in_the_history_does_not_block_the_chat() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        await ask(server.url, asked=question("a\ud83db"))
    assert sent(server.requests[0])["messages"][0]["content"] == "a?b"


async def test_without_key_model_or_system_prompt_none_is_sent() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        await ask(server.url, asked=question(model=""))
    assert "authorization" not in server.requests[0].headers
    assert sent(server.requests[0]).keys() == {"messages", "stream", "stream_options"}


async def test_headers_query_and_extra_fields_of_the_endpoint_go_along() -> None:
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        extra = {"headers": {"X-Title": "t"}, "query": {"api-version": "1"}, "extra_body": {"top_k": 5, "model": "x"}}
        await ask(server.url, endpoint=extra)
    request = server.requests[0]
    assert request.target == "/v1/chat/completions?api-version=1"
    assert request.headers["x-title"] == "t"
    assert sent(request)["top_k"] == 5
    assert sent(request)["model"] == "x"


@pytest.mark.parametrize("status", [400, 422])
async def test_refused_stream_options_are_left_out_from_then_on(status: int) -> None:
    def script(request: Request) -> list[Step]:
        if b"stream_options" in request.body:
            return whole(b'{"error":{"message":"Unknown field: stream_options"}}', status)
        return stream(GOOD)

    async with ByteServer(script=script) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        for _ in range(2):
            events = [event async for batch in client.reply(question()) for event in batch]
            assert text(events) == "all well"
        await client.aclose()
    assert ["stream_options" in sent(request) for request in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    ("dialect", "options", "refusal", "field", "changed"),
    [
        (
            "openai-chat",
            {"max_tokens": 5},
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            "max_tokens",
            {"max_completion_tokens": 5},
        ),
        ("openai-responses", {}, "Unknown parameter: 'store'", "store", {}),
        (
            "openai-responses",
            {"reasoning_effort": "low"},
            "Your organization must be verified to generate reasoning summaries.",
            "summary",
            {"reasoning": {"effort": "low"}},
        ),
        (
            "openai-responses",
            {"reasoning_effort": "low"},
            "Encrypted content is not supported with this model.",
            "include",
            {},
        ),
        (
            "anthropic-messages",
            {},
            "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens",
            "8192",
            {"max_tokens": 4096},
        ),
        ("gemini", {}, "Thinking is not enabled for this model", "thinkingConfig", {"generationConfig": {}}),
    ],
)
async def test_what_a_refusal_teaches_is_kept_to_from_then_on(
    dialect: str, options: dict[str, object], refusal: str, field: str, changed: dict[str, object]
) -> None:
    def script(request: Request) -> list[Step]:
        if field.encode() in request.body:
            return whole(json.dumps({"error": {"message": refusal}}).encode(), 400)
        return whole(b"{}")

    async with ByteServer(script=script) as server:
        client = Client(Endpoint(server.url, dialect=dialect), max_retries=0)
        for _ in range(2):
            _ = [event async for batch in client.reply(question(options=options)) for event in batch]
        await client.aclose()
    assert [field in request.body.decode() for request in server.requests] == [True, False, False]
    assert sent(server.requests[-1]).items() >= changed.items()


async def test_a_field_that_a_person_set_is_not_left_out() -> None:
    body = b'{"error":{"message":"stream_options and temperature are not known"}}'
    async with ByteServer(script=lambda _: whole(body, 400)) as server:
        await failure(server.url, endpoint={"extra_body": {"stream_options": {"include_usage": False}}})
    assert len(server.requests) == 1


async def test_a_server_that_takes_no_beginning_of_an_answer_is_asked_to_go_on() -> None:
    def script(request: Request) -> list[Step]:
        if sent(request)["messages"][-1]["role"] == "assistant":
            return whole(b'{"type":"error","error":{"message":"This model does not support prefill."}}', 400)
        return whole(b'{"type":"message","content":[{"type":"text","text":"rest"}],"stop_reason":"end_turn"}')

    conversation = Conversation()
    half = conversation.begin_reply(conversation.add_question("hello"), model="m", endpoint="e", at=0.0)
    conversation.apply(half, TextDelta("half"))
    conversation.apply(half, CutOff("lost"))
    asked = Question(tuple(conversation.path()), "", "m")
    async with ByteServer(script=script) as server:
        client = Client(Endpoint(server.url, dialect="anthropic-messages"), max_retries=0)
        for _ in range(2):
            assert text([event async for batch in client.reply(asked) for event in batch]) == "rest"
        await client.aclose()
    assert [sent(request)["messages"][-1]["role"] for request in server.requests] == ["assistant", "user", "user"]


async def test_an_attachment_that_cannot_be_sent_fails_the_question_by_name() -> None:
    conversation = Conversation()
    conversation.add_question("hear this", [Attachment("song.mp3", "audio/mpeg", b"\xff\xfb\x00")])
    async with ByteServer() as server:
        failed = await failure(server.url, asked=Question(tuple(conversation.path()), "", "m"))
    assert "song.mp3" in failed.problem
    assert failed.kind == "setup"
    assert server.requests == []


async def test_an_api_that_is_not_known_is_named() -> None:
    assert "carrier-pigeon" in (await failure("http://127.0.0.1:9", endpoint={"dialect": "carrier-pigeon"})).problem


async def test_what_would_be_sent_can_be_looked_at_without_sending_it() -> None:
    request = Client(Endpoint("api.anthropic.com", key="sk-1", dialect="auto")).request(question())
    assert (request.method, request.url) == ("POST", "https://api.anthropic.com/v1/messages")
    assert request.headers["x-api-key"] == "sk-1"
    assert request.body["messages"] == [{"role": "user", "content": "hello"}]


async def test_a_refusal_that_names_another_field_stands() -> None:
    async with ByteServer(script=lambda _: whole(b'{"error":{"message":"bad temperature"}}', 400)) as server:
        assert (await failure(server.url)).message == "bad temperature"
    assert len(server.requests) == 1
