"""What refusals teach of the shape of a conversation, in words and over a socket."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, stream, whole
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Adapted, CutOff, Failed, Finished, ReasoningDelta, Stopped, TextDelta
from tui_chat.chat.turn import Question
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.failures.overflow import OVERFLOW_HINT, OVERFLOW_PROBLEM
from tui_chat.wire.failures.refusals import learned
from tui_chat.wire.request_messages import MessageRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.byte_server import Request, Step
    from tui_chat.chat.events import Ending

RULES = MessageRules()


def after(refusal: str, *, continuing: bool = True, system: bool = True, rules: MessageRules = RULES) -> MessageRules:
    return learned(rules, refusal, continuing=continuing, system=system)


@pytest.mark.parametrize(
    "refusal",
    [
        "System role not supported",
        "System messages are not allowed for this model.",
        "This model does not support system prompts",
        "Developer instruction is not enabled for models/gemma-3-27b-it",
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        "Unexpected role 'system' after role",
        "Only user and assistant roles are supported!",
        "Conversation roles: only user, assistant roles are supported",
    ],
)
def test_a_refused_system_role_is_known(refusal: str) -> None:
    assert after(refusal) == MessageRules(system_role=False)
    assert after(refusal, system=False) == RULES
    assert after(refusal, rules=MessageRules(system_role=False)) == MessageRules(system_role=False)


@pytest.mark.parametrize(
    "refusal",
    [
        "The `reasoning_content` in the thinking mode must be passed back to the API.",
        "Missing `reasoning_content` field in the assistant message at message index 2.",
        "reasoning_content is required in thinking mode",
    ],
)
def test_reasoning_that_is_wanted_back_is_known(refusal: str) -> None:
    assert after(refusal, continuing=False) == MessageRules(reasoning_back=True)


@pytest.mark.parametrize(
    "refusal",
    ["", "CUDA out of memory", "The system is overloaded", "Invalid value for temperature", "a" * 100_000],
)
def test_other_refusals_teach_nothing(refusal: str) -> None:
    assert after(refusal) == RULES


def test_a_beginning_of_an_answer_is_not_sent_again_where_it_is_refused() -> None:
    assert after("This model does not support prefill.") == MessageRules(prefill=False)
    assert after("This model does not support prefill.", continuing=False) == RULES


# ---- over a socket


def turns(*endings: Ending, system: str = "Be brief.") -> Question:
    """A conversation whose replies ended so, and one more question."""
    conversation = Conversation()
    for number, ending in enumerate(endings):
        reply = conversation.begin_reply(
            conversation.add_question(f"question {number}"), model="m", endpoint="e", at=0.0
        )
        if isinstance(ending, Finished):
            conversation.apply(reply, ReasoningDelta(f"thought {number}"), TextDelta(f"answer {number}"))
        conversation.apply(reply, ending)
    conversation.add_question("the last one")
    return Question(tuple(conversation.path()), system, "m")


async def asked_twice(refuses: Callable[[list[dict[str, str]]], str], question: Question) -> list[list[dict[str, str]]]:
    """The messages of each request for two questions that are answered in the end; `refuses` gives the server's words
    for messages that it does not take."""

    def script(request: Request) -> list[Step]:
        if words := refuses(json.loads(request.body)["messages"]):
            return whole(json.dumps({"object": "error", "message": words, "code": 400}).encode(), 400)
        return whole(b'{"choices":[{"message":{"content":"fine"},"finish_reason":"stop"}]}')

    async with ByteServer(script=script) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        adapted = []
        for _ in range(2):
            events = [event async for some in client.reply(question) for event in some]
            assert isinstance(events[-1], Finished), events[-1]
            adapted.append([event.how for event in events if isinstance(event, Adapted)])
        await client.aclose()
    assert [len(said) for said in adapted] == [len(server.requests) - 2, 0]
    return [json.loads(request.body)["messages"] for request in server.requests]


WHOLE = Finished("stop", "done-sentinel")


async def test_a_chat_goes_on_after_failures_where_roles_must_alternate() -> None:
    def refuses(messages: list[dict[str, str]]) -> str:
        roles = [message["role"] for message in messages if message["role"] != "system"]
        return "Roles must alternate" if any(a == b for a, b in pairwise(roles)) else ""

    question = turns(Failed("It broke."), Stopped(), WHOLE, CutOff("lost"))
    sent = await asked_twice(refuses, question)
    assert len(sent) == 2
    assert [message["role"] for message in sent[0]] == ["system", "user", "assistant", "user"]


async def test_a_refused_system_role_stands_in_front_of_the_first_question_from_then_on() -> None:
    def refuses(messages: list[dict[str, str]]) -> str:
        return "System role not supported" if messages[0]["role"] == "system" else ""

    sent = await asked_twice(refuses, turns(WHOLE))
    assert [len(messages) for messages in sent] == [4, 3, 3]
    assert sent[1] == sent[2]
    assert sent[1][0] == {"role": "user", "content": "Be brief.\n\nquestion 0"}


async def test_reasoning_goes_back_once_a_server_has_asked_for_it() -> None:
    def refuses(messages: list[dict[str, str]]) -> str:
        lacking = any(message["role"] == "assistant" and "reasoning_content" not in message for message in messages)
        return "The `reasoning_content` in the thinking mode must be passed back to the API." if lacking else ""

    sent = await asked_twice(refuses, turns(WHOLE, WHOLE))
    assert len(sent) == 3
    assert [message.get("reasoning_content") for message in sent[2][1:]] == [None, "thought 0", None, "thought 1", None]


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_a_conversation_that_is_too_long_is_told_as_such_wherever_it_is_said(status: int) -> None:
    error = b'{"error":{"message":"prompt is too long: 213462 tokens > 200000 maximum"}}'
    steps = stream([b"event: error\ndata: ", error, b"\n\n"]) if status == 200 else whole(error, status)
    async with ByteServer(script=lambda _: steps) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        events = [event async for some in client.reply(turns()) for event in some]
        await client.aclose()
    assert isinstance(events[-1], Failed)
    assert events[-1].problem.startswith(OVERFLOW_PROBLEM)
    assert events[-1].hint == OVERFLOW_HINT
