from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tui_chat.server.chat_input import ChatInput, InputMessage
from tui_chat.server.formats import ENCODERS
from tui_chat.server.reply_steps import BodyPiece, ReplyHead
from tui_chat.server.request_error import RequestError
from tui_chat.server.requests import ChatRequest
from tui_chat.server.scripted.behaviour import ResponseOptions
from tui_chat.server.scripted.pacing import AT_ONCE
from tui_chat.server.scripted.replies import Replies

if TYPE_CHECKING:
    from tui_chat.server.scripted.replies import PreparedReply


def request(model: str, text: str = "count to 4", *, stream: bool = True, usage: bool = False) -> ChatRequest:
    return ChatRequest(
        model, ChatInput((InputMessage("user", text),), max_tokens=3), stream, "last" if usage else "asked"
    )


async def sent(reply: PreparedReply) -> list[Any]:
    return [step async for step in reply.steps]


async def body(reply: PreparedReply) -> bytes:
    return b"".join(step.data for step in await sent(reply) if isinstance(step, BodyPiece))


@pytest.fixture
def replies() -> Replies:
    return Replies(ResponseOptions(AT_ONCE))


@pytest.mark.parametrize("api", ENCODERS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_seed_gives_the_same_reply_again_and_another_for_another_question(
    replies: Replies, api: str, stream: bool
) -> None:
    async def said(seed: str, text: str = "count to 4") -> bytes:
        return await body(replies.prepare(api, request("count", text, stream=stream), f"seed={seed}"))

    assert await said("1") == await said("1")
    if api != "ollama-chat":  # which has no ids
        assert await said("1") != await said("2")
        assert await said("1", "4") != await said("1", " 4")


async def test_silence_is_filled_with_comments(replies: Replies) -> None:
    reply = replies.prepare("openai-chat", request("count"), "first=0.1&keep-alive=0.02")
    before = (await body(reply)).partition(b'"content"')[0]
    assert 1 <= before.count(b": keep-alive\n\n") <= 5


async def test_usage_is_told_as_asked_unless_the_manner_says_otherwise(replies: Replies) -> None:
    async def told(options: str, *, asked: bool) -> int:
        said = await body(replies.prepare("openai-chat", request("count", usage=asked), options))
        return said.count(b'"completion_tokens":')

    assert [await told("", asked=asked) for asked in (False, True)] == [0, 1]
    assert [await told("usage=last", asked=asked) for asked in (False, True)] == [1, 1]
    assert await told("usage=never", asked=True) == 0
    assert await told("usage=every", asked=False) == 4


def test_a_model_or_an_option_that_there_is_not_is_refused(replies: Replies) -> None:
    with pytest.raises(RequestError, match="`nobody` does not exist") as unknown:
        replies.prepare("openai-chat", request("nobody"))
    assert (unknown.value.status, unknown.value.code) == (404, "model_not_found")
    with pytest.raises(RequestError, match="no option `colour`") as refused:
        replies.prepare("openai-chat", request("echo"), "colour=red")
    assert refused.value.status == 400


async def status(replies: Replies, model: str) -> int:
    (head,) = [
        step for step in await sent(replies.prepare("openai-chat", request(model))) if isinstance(step, ReplyHead)
    ]
    return head.status


async def test_faults_are_counted_each_by_itself(replies: Replies) -> None:
    once, twice = "echo?fault=500&times=1", "echo?fault=500&times=2"
    assert [await status(replies, model) for model in (once, twice, once, twice, once, twice)] == [
        500, 500, 200, 500, 200, 200,
    ]  # fmt: skip
    replies.forget_faults()
    assert await status(replies, once) == 500


async def test_the_counts_do_not_grow_without_bound(replies: Replies) -> None:
    for number in range(1100):
        assert await status(replies, f"echo?fault=500&times=1&message={number}") == 500
    assert await status(replies, "echo?fault=500&times=1&message=1099") == 200
    assert len(replies._fault_counts) == 1000


async def test_a_limit_does_not_end_what_is_endless(replies: Replies) -> None:
    reply = replies.prepare("anthropic-messages", request("fault:endless"))
    seen = 0
    async for step in reply.steps:
        seen += isinstance(step, BodyPiece) and step.delta
        if seen == 100:
            break
    await reply.steps.aclose()
    assert seen == 100
