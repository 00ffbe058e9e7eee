"""An effort as each server wants it, and what a server's refusal of it says to a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.byte_server import ByteServer, whole
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Failed, ReasoningDelta, TextDelta
from tui_chat.chat.turn import Question
from tui_chat.chat.wording.hints import EFFORT_REFUSED
from tui_chat.server.embedded import EmbeddedServer
from tui_chat.wire.client import Client
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.endpoint import Endpoint

SAID = ("none", "low", "medium", "high")


def question(effort: str | None, model: str = "m", **options: Any) -> Question:
    chat = Conversation()
    chat.add_question("why?")
    return Question(tuple(chat.path()), "", model, {"reasoning_effort": effort, **options} if effort else options)


def body(url: str, effort: str | None, dialect: str = "openai-chat", **options: Any) -> dict[str, Any]:
    return dict(Client(Endpoint(url, dialect=dialect)).request(question(effort, **options)).body)


@pytest.mark.parametrize(
    ("url", "off", "high"),
    [
        ("https://api.openai.com/v1", {"reasoning_effort": "none"}, {"reasoning_effort": "high"}),
        ("https://openrouter.ai/api/v1", {"reasoning": {"effort": "none"}}, {"reasoning": {"effort": "high"}}),
        ("https://api.deepseek.com", {"thinking": {"type": "disabled"}}, {"thinking": {"type": "enabled"}}),
        ("https://api.z.ai/api/paas/v4", {"thinking": {"type": "disabled"}}, {"thinking": {"type": "enabled"}}),
        (
            "https://api.siliconflow.cn/v1",
            {"enable_thinking": False},
            {"enable_thinking": True, "thinking_budget": 24576},
        ),
        (
            "http://localhost:8000/v1",
            {"chat_template_kwargs": {"enable_thinking": False}},
            {"chat_template_kwargs": {"enable_thinking": True}, "reasoning_effort": "high"},
        ),
    ],
)
def test_servers_like_openais_are_asked_in_their_own_spelling(
    url: str, off: dict[str, Any], high: dict[str, Any]
) -> None:
    plain = body(url, None)
    assert body(url, "none") == plain | off
    assert body(url, "high") == plain | high


def test_a_field_that_a_person_set_stays() -> None:
    assert body("https://openrouter.ai/api/v1", "high", reasoning={"max_tokens": 9})["reasoning"] == {"max_tokens": 9}


def test_a_host_that_only_ends_alike_is_no_such_server() -> None:
    assert body("https://notopenrouter.ai/v1", "low")["reasoning_effort"] == "low"


@pytest.mark.parametrize("effort", SAID)
@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != "simple-get"])
async def test_the_built_in_endpoint_hears_the_effort_in_every_api(dialect: str, effort: str) -> None:
    server = EmbeddedServer()
    server.start()
    url = server.base_url.removesuffix("/v1") + ("/v1beta" if dialect == "gemini" else "/v1")
    if dialect == "ollama-chat":
        url = server.base_url.removesuffix("/v1") + "/api"
    client = Client(Endpoint(url, server.key, dialect=dialect))
    try:
        told = [each async for batch in client.reply(question(effort, "effort", temperature=0.5)) for each in batch]
    finally:
        await client.aclose()
        server.stop()
    text = "".join(each.text for each in told if isinstance(each, TextDelta))
    heard = "medium" if dialect == "ollama-chat" and effort != "none" else effort
    assert text == f"The effort is {heard}."
    assert (effort == "none") == (not any(isinstance(each, ReasoningDelta) for each in told))


@pytest.mark.parametrize(
    "refusal",
    [
        b'{"error": {"message": "Unsupported value: \'reasoning_effort\' does not support \'none\' with this model."}}',
        b'{"error": {"message": "m does not support thinking"}}',
        b'{"detail": [{"loc": ["body", "reasoning_effort"], "msg": "Input should be \'low\' or \'high\'"}]}',
    ],
)
async def test_a_refusal_of_the_effort_says_how_to_drop_it(refusal: bytes) -> None:
    async with ByteServer(lambda _: whole(refusal, status=400)) as server:
        client = Client(Endpoint(server.url, dialect="openai-chat"), max_retries=0)
        told = [each async for batch in client.reply(question("none")) for each in batch]
        plain = [each async for batch in client.reply(question(None)) for each in batch]
        await client.aclose()
    assert isinstance(told[-1], Failed)
    assert told[-1].hint == EFFORT_REFUSED
    assert isinstance(plain[-1], Failed)
    assert plain[-1].hint != EFFORT_REFUSED


async def test_a_model_that_chooses_its_thinking_itself_is_asked_again_so() -> None:
    refusal = (
        b'{"type": "error", "error": {"type": "invalid_request_error", "message": "\\"thinking.type.enabled\\" is not '
        b'supported for this model. Use \\"thinking.type.adaptive\\" and \\"output_config.effort\\"."}}'
    )
    async with ByteServer(lambda _: whole(refusal, status=400)) as server:
        client = Client(Endpoint(server.url, dialect="anthropic-messages"), max_retries=0)
        told = [each async for batch in client.reply(question("low")) for each in batch]
        await client.aclose()
        sent = [json.loads(request.body)["thinking"] for request in server.requests]
    assert sent == [{"type": "enabled", "budget_tokens": 1024}, {"type": "adaptive"}]
    assert isinstance(told[-1], Failed)
