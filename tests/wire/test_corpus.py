"""Every recorded answer through the real client over a real socket."""

from __future__ import annotations

import json
import random
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import CLOSE, HANG, LAST_CHUNK, RESET, ByteServer, Step, chunked, head, stream, whole
from tests.wire.corpus import CUTS, Case, cases, check, cut, needs_corpus, params
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Failed, Finished
from tui_chat.chat.turn import Question, Turn
from tui_chat.wire.client import Client
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tui_chat.chat.message import Message

pytestmark = needs_corpus

ALL = cases(".", ".sse", ".ndjson")
SPOKEN = {case.dialect for case in ALL}
CHAT = [case for case in ALL if case.dialect == "openai-chat"]
SMALL = 10_000
"""Bytes of a body that goes through a socket byte by byte in little time."""

HTTP = cases("http-errors", ".body")
REAL = [case for case in cases("realservers", ".sse", ".ndjson") if "chat" in case.about["path"]]

PLACES = 2
"""How many places a body is broken at in a usual run; the slow run takes fifty."""

BROKEN: dict[str, list[Step]] = {
    "close": [CLOSE],
    "reset": [0.005, RESET],
    "garbage": [b"\r\ngarbage\r\n", CLOSE],
    "hang": [HANG],
}
"""What comes after the place where a body breaks."""


@dataclass
class Asking:
    """One client that asks one server again and again."""

    server: ByteServer
    client: Client

    async def reply(self, steps: list[Step]) -> Message:
        """What a reply in these steps becomes."""
        self.server.script = lambda _: steps
        conversation = Conversation()
        turn = Turn(conversation, self.client, Question((conversation.add_question("hello"),), "", "some-model"))
        await turn.take()
        assert turn.reply is not None
        return turn.reply


@asynccontextmanager
async def asking(dialect: str, *, stream: bool = True, idle_timeout: float = 300.0) -> AsyncIterator[Asking]:
    async with ByteServer() as server:
        endpoint = Endpoint(server.url, key="sk-of-the-test", dialect=dialect)
        client = Client(endpoint, max_retries=0, stream=stream, idle_timeout=idle_timeout)
        try:
            yield Asking(server, client)
        finally:
            await client.aclose()


async def plays(case: Case, *hows: str) -> None:
    async with asking(case.dialect) as asked:
        for how in hows:
            message = await asked.reply(stream(cut(case.body, how), case.about["content_type"]))
            check(message, case.expected, ollama=case.dialect == "ollama-chat")
            if "truncated" in case.about["tags"]:
                assert isinstance(message.ending, CutOff)


@pytest.mark.parametrize("case", params(ALL))
async def test_a_recorded_reply_is_heard_as_expected_in_any_cut(case: Case) -> None:
    await plays(case, *CUTS, *(["bytes"] if len(case.body) <= SMALL else []))


@pytest.mark.slow
@pytest.mark.parametrize("case", params([case for case in ALL if len(case.body) > SMALL]))
async def test_a_large_recorded_reply_is_heard_as_expected_byte_by_byte(case: Case) -> None:
    await plays(case, "bytes")


def test_every_dialect_has_recorded_replies() -> None:
    assert DIALECTS.keys() - {"simple-get"} == SPOKEN  # no recordings: servers that people write for themselves


@pytest.mark.parametrize("case", params(HTTP))
async def test_a_recorded_error_shows_what_the_server_said(case: Case) -> None:
    status, kind = case.about["status"], case.about["content_type"]
    async with asking(case.dialect) as asked:
        says_what_the_server_said(case, await asked.reply(whole(case.body, status, kind)), asked.server.url)
        for how in (*CUTS, "bytes"):
            message = await asked.reply([head(status, kind), *chunked(cut(case.body, how)), LAST_CHUNK])
            says_what_the_server_said(case, message, asked.server.url)


def says_what_the_server_said(case: Case, message: Message, url: str) -> None:
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
    assert ending.url.startswith(url.removesuffix("/v1"))
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


@pytest.mark.parametrize("case", params(REAL))
async def test_what_real_servers_sent_ends_sanely(case: Case) -> None:
    await ends_sanely(case, *CUTS)


@pytest.mark.slow
@pytest.mark.parametrize("case", params(REAL))
async def test_what_real_servers_sent_ends_sanely_byte_by_byte(case: Case) -> None:
    await ends_sanely(case, "bytes")


async def ends_sanely(case: Case, *hows: str) -> None:
    status, kind = case.about["status"], case.about["content_type"]
    end: Step = RESET if case.about.get("curl_exit") else LAST_CHUNK
    async with asking(case.dialect) as asked:
        texts = set()
        for how in hows:
            message = await asked.reply([head(status, kind), *chunked(cut(case.body, how)), end])
            texts.add(message.text)
            ending = message.ending
            if status != 200:
                assert isinstance(ending, Failed)
                assert ending.status == status
            elif b"[DONE]" in case.body:
                assert isinstance(ending, (Finished, Failed))
            if isinstance(ending, Finished):
                assert message.parts or ending.reason
            assert not (isinstance(ending, Failed) and ending.kind == "bug")
        if end is LAST_CHUNK:
            assert len(texts) == 1


async def breaks(case: Case, kind: str, place: int) -> None:
    """A body that breaks at a byte: what was sent is kept, and the ending is right."""
    sent = case.body[:place]
    # The dialects' own signs of the end, by the words of their specifications.
    whole_already = re.search(
        rb'"finish_reason": ?"|"finishReason": ?"|"stop_reason": ?"|"done": ?true|"response.completed"|blockReason',
        sent,
    )
    steps: list[Step] = [*BROKEN[kind]]
    async with asking(case.dialect, idle_timeout=0.1 if kind == "hang" else 300.0) as asked:
        message = await asked.reply([head(), *chunked(cut(sent, "random-1")), *steps])
    assert (case.expected["text"] or "").startswith(message.text), place
    assert (case.expected["reasoning"] or "").startswith(message.reasoning), place
    if isinstance(message.ending, Finished):
        assert whole_already, place
    else:
        assert isinstance(message.ending, CutOff if message.deltas else (Failed, CutOff)), place


TEN = [
    max((case for case in ALL if case.dialect == name), key=lambda case: len(case.body))
    for name in DIALECTS
    if name in SPOKEN
]
TEN += sorted((case for case in ALL if case not in TEN), key=lambda case: -len(case.body))[:5]
"""The largest body of each dialect, and five more."""


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("case", params(TEN))
async def test_an_answer_broken_at_any_byte_keeps_what_was_sent(case: Case, kind: str) -> None:
    chance = random.Random(case.name)
    for place in sorted(chance.randrange(len(case.body)) for _ in range(PLACES)):
        await breaks(case, kind, place)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("case", params(TEN))
async def test_an_answer_broken_at_fifty_places_keeps_what_was_sent(case: Case, kind: str) -> None:
    chance = random.Random(f"{case.name} {kind}")
    for place in sorted(chance.randrange(len(case.body)) for _ in range(50)):
        await breaks(case, kind, place)


@pytest.mark.parametrize("case", params([case for case in CHAT if case.expected["text"]][:20]))
async def test_the_final_state_survives_a_server_that_ignores_stream_true(case: Case) -> None:
    answer = {"choices": [{"index": 0, "message": {"content": case.expected["text"]}, "finish_reason": "stop"}]}
    async with asking("openai-chat", stream=False) as asked:
        message = await asked.reply(whole(json.dumps(answer).encode()))
    assert message.text == case.expected["text"]
    assert message.ending == Finished("stop", "eof")
