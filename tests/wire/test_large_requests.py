"""A large request is built in a thread, is the same as a small one's would be, and can be stopped meanwhile."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.byte_server import ByteServer, stream
from tests.patience import PATIENCE
from tests.wire.test_client import GOOD, sent, text
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished
from tui_chat.chat.message import Attachment
from tui_chat.chat.turn import Question
from tui_chat.wire import request_builder
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.request_builder import LARGE, MANY, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.chat.events import ChatEvent


def chat(*texts: str, file: bytes = b"") -> Question:
    """A question after others, each of which was answered."""
    conversation = Conversation()
    files = [Attachment("notes.txt", "text/plain", file)] if file else []
    for each in texts[:-1]:
        asked = conversation.add_question(each)
        reply = conversation.begin_reply(asked, model="m", endpoint="e", at=0.0)
        conversation.apply(reply, Finished("stop", "done-sentinel"))
    conversation.add_question(texts[-1], files)
    return Question(tuple(conversation.path()), "", "m")


async def asked_of(client: Client, question: Question) -> list[ChatEvent]:
    return [event async for batch in client.reply(question) for event in batch]


@pytest.mark.parametrize(
    ("question", "in_thread"),
    [
        (chat("hello"), False),
        (chat("short", "x" * (LARGE // 2)), False),
        (chat("x" * (LARGE + 1)), True),
        (chat(*["x" * (LARGE // 8)] * 9), True),
        (chat("read this", file=b"line\n" * (LARGE // 5 + 1)), True),
        (chat(*["hello"] * (MANY // 2)), False),
        (chat(*["hello"] * (MANY // 2 + 1)), True),
    ],
    ids=["short", "half", "long text", "several texts", "file", "some messages", "many messages"],
)
async def test_only_a_large_request_is_built_in_a_thread(
    question: Question, in_thread: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def watched(body: Mapping[str, Any]) -> bytes:
        threads.append(threading.get_ident())
        return encoded(body)

    monkeypatch.setattr(request_builder, "encoded", watched)
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url))
        assert text(await asked_of(client, question))
        await client.aclose()
    assert [ident != threading.get_ident() for ident in threads] == [in_thread]
    assert sent(server.requests[0])["messages"][-1]["content"].endswith(question.messages[-1].text)


async def test_what_is_stopped_while_it_is_built_is_not_sent_and_the_next_question_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    building, go_on = threading.Event(), threading.Event()

    def held(body: Mapping[str, Any]) -> bytes:
        if len(body["messages"][-1]["content"]) > LARGE:
            building.set()
            go_on.wait(PATIENCE)
        return encoded(body)

    monkeypatch.setattr(request_builder, "encoded", held)
    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url))
        turn = asyncio.create_task(asked_of(client, chat("x" * (LARGE + 1))))
        await asyncio.to_thread(building.wait, PATIENCE)
        turn.cancel()
        await asyncio.wait({turn})
        assert turn.cancelled()
        assert text(await asked_of(client, chat("the next one")))
        go_on.set()
        await client.aclose()
    assert [sent(request)["messages"][-1]["content"] for request in server.requests] == ["the next one"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_a_body_is_encoded_as_json_without_blanks(body: dict[str, Any]) -> None:
    assert encoded(body) == json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
