"""The built-in endpoint, used by the real client in every API it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Failed, Finished
from tui_chat.chat.turn import Question, Turn
from tui_chat.server.formats import ENCODERS
from tui_chat.server.scripted.scripts import SCRIPTS
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from tui_chat.chat.message import Message
    from tui_chat.server.embedded import EmbeddedServer

WHOLE = {
    "openai-chat": "stop",
    "openai-responses": "completed",
    "anthropic-messages": "end_turn",
    "gemini": "STOP",
    "ollama-chat": "stop",
}
SHORT = {
    "openai-chat": "length",
    "openai-responses": "incomplete:max_output_tokens",
    "anthropic-messages": "max_tokens",
    "gemini": "MAX_TOKENS",
    "ollama-chat": "length",
}


async def asked(
    server: EmbeddedServer,
    dialect: str,
    model: str,
    text: str = "hello",
    *,
    system: str = "",
    key: str | None = None,
    stream: bool = True,
    **options: object,
) -> Message:
    endpoint = Endpoint(server.base_url, key=server.key if key is None else key, dialect=dialect)
    client = Client(endpoint, max_retries=0, stream=stream)
    conversation = Conversation()
    turn = Turn(conversation, client, Question((conversation.add_question(text),), system, model, options))
    await turn.take()
    await client.aclose()
    assert turn.reply is not None
    return turn.reply


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("dialect", ENCODERS)
async def test_every_api_answers_with_reasoning_text_usage_and_its_own_word_for_the_end(
    server: EmbeddedServer, dialect: str, stream: bool
) -> None:
    reply = await asked(server, dialect, "think", stream=stream)
    assert isinstance(reply.ending, Finished)
    assert reply.ending.reason == WHOLE[dialect]
    assert "**46.**" in reply.text
    assert reply.reasoning.startswith("The question is")
    assert reply.usage is not None
    assert reply.usage.input == 1
    assert reply.usage.output is not None
    assert reply.usage.output > 100
    assert reply.model == "think"


@pytest.mark.parametrize("dialect", ENCODERS)
async def test_the_system_prompt_and_a_limit_are_read(server: EmbeddedServer, dialect: str) -> None:
    reply = await asked(server, dialect, "echo", "a b c d e f", system="x y", max_tokens=3)
    assert reply.text == "a b c"
    assert isinstance(reply.ending, Finished)
    assert reply.ending.reason == SHORT[dialect]
    assert reply.usage is not None
    assert reply.usage.input == 8


@pytest.mark.parametrize("dialect", ENCODERS)
async def test_models_are_listed_in_every_api(server: EmbeddedServer, dialect: str) -> None:
    client = Client(Endpoint(server.base_url, key=server.key, dialect=dialect))
    told = await client.models()
    await client.aclose()
    assert not isinstance(told, Failed)
    assert [model.name for model in told] == list(SCRIPTS)


@pytest.mark.parametrize("dialect", ENCODERS)
async def test_errors_have_the_shape_of_the_api(server: EmbeddedServer, dialect: str) -> None:
    unknown = await asked(server, dialect, "no-such")
    assert isinstance(unknown.ending, Failed)
    assert (unknown.ending.status, unknown.ending.message) == (404, "The model `no-such` does not exist.")
    stranger = await asked(server, dialect, "echo", key="sk-wrong")
    assert isinstance(stranger.ending, Failed)
    assert (stranger.ending.status, stranger.ending.kind) == (401, "key")
    assert stranger.ending.message == "Incorrect API key provided."


@pytest.mark.parametrize("written", ["", "/v1", "/v1/messages", "/v1/responses", "/v1beta", "/api/chat"])
async def test_the_api_is_told_by_the_url(server: EmbeddedServer, written: str) -> None:
    root = server.base_url.removesuffix("/v1")
    client = Client(Endpoint(root + written, key=server.key, dialect="auto"))
    conversation = Conversation()
    turn = Turn(conversation, client, Question((conversation.add_question("hello"),), "", "echo"))
    await turn.take()
    await client.aclose()
    assert turn.reply is not None
    assert turn.reply.text == "hello"
    assert isinstance(turn.reply.ending, Finished)
