"""An effort as each server wants it, and what a server's refusal of it says to a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.byte_server import ByteServer, Request, Step, whole
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Failed, Finished, ReasoningDelta, TextDelta
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
        words = [json.loads(request.body).get("output_config") for request in server.requests]
    assert sent == [{"type": "enabled", "budget_tokens": 1024}, {"type": "adaptive"}]
    assert words == [None, {"effort": "low"}]
    assert isinstance(told[-1], Failed)


@pytest.mark.parametrize("effort", ["low", "medium", "high"])
def test_a_model_that_chooses_its_thinking_hears_the_same_effort(effort: str) -> None:
    dialect = DIALECTS["anthropic-messages"](inline_reasoning=True)
    sent = body("https://api.anthropic.com", effort, "anthropic-messages")
    (fix,) = dialect.request_fixes('Use "thinking.type.adaptive"', sent)
    assert fix.applied_to(sent)["output_config"] == {"effort": effort}
    assert fix.applied_to(fix.applied_to(sent)) == fix.applied_to(sent)


def _limited(received: Request) -> list[Step]:
    """A model that accepts no more than 32,000 tokens."""
    asked = json.loads(received.body)["max_tokens"]
    refusal = {
        "error": {"message": f"max_tokens: {asked} > 32000, which is the maximum allowed number of output tokens"}
    }
    return whole(json.dumps(refusal).encode(), status=400)


async def test_the_tokens_for_thinking_are_fitted_into_a_models_limit() -> None:
    async with ByteServer(_limited) as server:
        client = Client(Endpoint(server.url, dialect="anthropic-messages"), max_retries=0)
        async for _ in client.reply(question("high")):
            pass
        async for _ in client.reply(question("low", model="other")):
            pass
        await client.aclose()
        sent = [json.loads(request.body) for request in server.requests]
    assert [each["max_tokens"] for each in sent[:2]] == [32768, 32000]
    assert sent[-1]["max_tokens"] == 9216, "what one model refuses says nothing about another"


@pytest.mark.parametrize(
    ("refusal", "about_effort"),
    [
        ("Unsupported parameter: 'reasoning.effort' is not supported with this model.", True),
        ("`reasoning_effort` must be one of `none` or `default`", True),
        ("Argument not supported on this model: reasoningEffort", True),
        ("Budget 0 is invalid. This model only works in thinking mode.", True),
        ("Thinking level is not supported for this model.", True),
        ('think value "low" is not supported for this model', True),
        ("Reasoning is mandatory for this endpoint and cannot be disabled.", True),
        ("parameter.enable_thinking must be set to false", True),
        ("Budget has been exceeded! Current cost: 1.2, Max budget: 1.0", False),
        ("The model `grok-4-fast-reasoning` does not exist", False),
        ("model kimi-k2-thinking-turbo: not found", False),
        ("No endpoints found for anthropic/claude-3.7-sonnet:thinking.", False),
        ("We think that your prompt violates our policy", False),
        ("This model's maximum context length is 8192 tokens, with reasoning tokens", False),
        ("Best effort delivery failed", False),
    ],
)
async def test_only_a_refusal_of_the_effort_says_how_to_drop_it(refusal: str, *, about_effort: bool) -> None:
    answer = whole(json.dumps({"error": {"message": refusal}}).encode(), status=400)
    async with ByteServer(lambda _: answer) as server:
        client = Client(Endpoint(server.url, dialect="openai-responses"), max_retries=0)
        told = [each async for batch in client.reply(question("none")) for each in batch]
        await client.aclose()
    assert isinstance(told[-1], Failed)
    assert (told[-1].hint == EFFORT_REFUSED) is about_effort


@pytest.mark.parametrize(("effort", "spelled"), [("none", "none"), ("high", "high")])
async def test_a_local_server_that_knows_no_chat_templates_is_asked_in_openais_spelling(
    effort: str, spelled: str
) -> None:
    answer = whole(
        b'{"error": {"message": "Unrecognized request argument supplied: chat_template_kwargs"}}', status=400
    )
    async with ByteServer(lambda _: answer) as server:
        client = Client(Endpoint(server.url, dialect="openai-chat"), max_retries=0)
        async for _ in client.reply(question(effort)):
            pass
        await client.aclose()
        sent = [json.loads(request.body) for request in server.requests]
    assert ["chat_template_kwargs" in each for each in sent] == [True, False]
    assert sent[-1]["reasoning_effort"] == spelled


async def test_a_model_of_gemini_without_thinking_still_refuses_an_effort() -> None:
    def answer(received: Request) -> list[Step]:
        if "thinkingConfig" in json.loads(received.body)["generationConfig"]:
            return whole(b'{"error": {"message": "Thinking is not enabled for models/m"}}', status=400)
        return whole(b'{"candidates": [{"content": {"parts": [{"text": "ok"}]}, "finishReason": "STOP"}]}')

    async with ByteServer(answer) as server:
        client = Client(Endpoint(server.url, dialect="gemini"), max_retries=0)
        plain = [each async for batch in client.reply(question(None)) for each in batch]
        told = [each async for batch in client.reply(question("none")) for each in batch]
        await client.aclose()
    assert isinstance(plain[-1], Finished)
    assert isinstance(told[-1], Failed)
    assert told[-1].hint == EFFORT_REFUSED
