"""Every recorded answer through the real client over a real socket."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import CLOSE, LAST_CHUNK, RESET, ByteServer, Step, chunked, head, stream, whole
from tests.wire.corpus import CUTS, Case, cases, check, cut, needs_corpus, params
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Failed, Finished
from tui_chat.chat.turn import Question, Turn
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from tui_chat.chat.message import Message

pytestmark = needs_corpus

CHAT = cases(".", ".sse", "openai-chat")
SMALL = [case for case in CHAT if len(case.body) <= 10_000]
HTTP = cases("http-errors", ".body")
REAL = [case for case in cases("realservers", ".sse") if "chat/completion" in case.about["path"]]


async def answered(server: ByteServer, *, stream: bool = True) -> Message:
    """What a reply from `server` becomes."""
    conversation = Conversation()
    asked = conversation.say("hello")
    client = Client(Endpoint(server.url, key="sk-of-the-test"), max_retries=0, stream=stream)
    turn = Turn(conversation, client, Question((asked,), "", "some-model"))
    await turn.take()
    await client.aclose()
    assert turn.reply is not None
    return turn.reply


async def plays(case: Case, how: str) -> None:
    async with ByteServer() as server:
        server.script = lambda _: stream(cut(case.body, how), case.about["content_type"])
        message = await answered(server)
    check(message, case.expected)
    if "truncated" in case.about["tags"]:
        assert isinstance(message.ending, CutOff)


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("case", params(CHAT))
async def test_a_recorded_reply_is_heard_as_expected(case: Case, how: str) -> None:
    await plays(case, how)


@pytest.mark.parametrize("case", params(SMALL))
async def test_a_small_recorded_reply_is_heard_byte_by_byte(case: Case) -> None:
    await plays(case, "bytes")


@pytest.mark.slow
@pytest.mark.parametrize("case", params([case for case in CHAT if case not in SMALL]))
async def test_a_recorded_reply_is_heard_byte_by_byte(case: Case) -> None:
    await plays(case, "bytes")


@pytest.mark.parametrize("case", params(HTTP))
async def test_a_recorded_error_shows_what_the_server_said(case: Case) -> None:
    async with ByteServer() as server:
        server.script = lambda _: whole(case.body, case.about["status"], case.about["content_type"])
        message = await answered(server)
    expected, ending = case.expected, message.ending
    if "text" in expected:
        assert message.text == expected["text"]
        assert isinstance(ending, Finished)
        assert ending.reason == expected["finish_reason"]
        assert message.usage is not None
        assert (message.usage.input, message.usage.output) == (expected["usage"]["input"], expected["usage"]["output"])
        return
    assert isinstance(ending, Failed)
    assert ending.message == expected["message"]
    assert ending.url.startswith(server.url)
    assert ending.hint
    assert "<" not in ending.problem
    if expected["message"]:
        assert expected["message"][:200] in ending.problem
    if case.about["status"] != 200:
        assert ending.status == case.about["status"]
        assert str(ending.status) in ending.problem
    if "code" in expected:
        assert ending.code == (None if expected["code"] is None else str(expected["code"]))
    if "type" in expected:
        assert ending.type == expected["type"]


@pytest.mark.parametrize("how", ["whole", "sevens", "random-1"])
@pytest.mark.parametrize("case", params(REAL))
async def test_what_real_servers_sent_ends_sanely(case: Case, how: str) -> None:
    def script(_: object) -> list[Step]:
        status, kind = case.about["status"], case.about["content_type"]
        end: Step = RESET if case.about.get("curl_exit") else LAST_CHUNK
        return [head(status, kind), *chunked(cut(case.body, how)), end, CLOSE]

    async with ByteServer() as server:
        server.script = script
        message = await answered(server)
    ending = message.ending
    if case.about["status"] != 200:
        assert isinstance(ending, Failed)
        assert ending.status == case.about["status"]
    elif b"[DONE]" in case.body:
        assert isinstance(ending, (Finished, Failed))
    if isinstance(ending, Finished):
        assert message.parts or ending.reason
    assert not (isinstance(ending, Failed) and ending.kind == "bug")


@pytest.mark.parametrize("end", [CLOSE, RESET, b"\r\ngarbage\r\n"], ids=["close", "reset", "garbage"])
@pytest.mark.parametrize("case", params([case for case in CHAT if len(case.body) > 12_000]))
async def test_an_answer_broken_at_any_byte_keeps_what_was_sent(case: Case, end: Step) -> None:
    chance = random.Random(case.name)
    for place in sorted(chance.randrange(len(case.body)) for _ in range(5)):
        async with ByteServer() as server:
            sent = chunked(cut(case.body[:place], "random-1"))
            server.script = lambda _, sent=sent: [head(), *sent, 0.005, end, CLOSE]  # type: ignore[misc]
            message = await answered(server)
        assert (case.expected["text"] or "").startswith(message.text)
        assert (case.expected["reasoning"] or "").startswith(message.reasoning)
        if isinstance(message.ending, Finished):
            assert re.search(rb'"finish_reason": ?"', case.body[:place])
        else:
            assert isinstance(message.ending, CutOff if message.deltas else Failed)


@pytest.mark.parametrize("case", params([case for case in CHAT if case.expected["text"]][:20]))
async def test_the_final_state_survives_a_server_that_ignores_stream_true(case: Case) -> None:
    answer = {"choices": [{"index": 0, "message": {"content": case.expected["text"]}, "finish_reason": "stop"}]}
    async with ByteServer() as server:
        server.script = lambda _: whole(json.dumps(answer).encode())
        message = await answered(server, stream=False)
    assert message.text == case.expected["text"]
    assert message.ending == Finished("stop", "eof")
