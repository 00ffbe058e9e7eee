"""When an answer ends whose server does not close the connection: over real sockets, with shorter times."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import HANG, LAST_CHUNK, ByteServer, Step, chunked, head
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, Skipped, TextDelta, UsageReport
from tui_chat.chat.turn import Question, Turn
from tui_chat.wire import ending_wait
from tui_chat.wire.client import Client
from tui_chat.wire.ending_wait import EndingWait
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tui_chat.chat.message import Message

PING = b": ping\n\n"


def piece(text: str = "", reason: str | None = None, **more: Any) -> bytes:
    delta = {"content": text} if text else {}
    return (
        f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': reason}], **more})}\n\n".encode()
    )


LATE = piece("3", "stop")
DONE = b"data: [DONE]\n\n"
USAGE = piece(usage={"prompt_tokens": 3, "completion_tokens": 5}).replace(b'"choices": [{', b'"choices": [], "x": [{')


async def reply(*steps: bytes | float | str, dialect: str = "openai-chat", idle_timeout: float = 300.0) -> Message:
    """What a reply becomes whose pieces come in these steps; `ping`: a comment every moment from there on, for ever."""

    async def script() -> AsyncIterator[Step]:
        yield head()
        for step in steps:
            if isinstance(step, bytes):
                yield chunked([step])[0]
            elif isinstance(step, float):
                yield step
            else:
                while True:
                    yield chunked([PING if step == "ping" else step.encode()])[0]
                    yield 0.01
        yield HANG

    conversation = Conversation()
    async with ByteServer(script=lambda _: script()) as server:
        client = Client(Endpoint(server.url, dialect=dialect), max_retries=0, idle_timeout=idle_timeout)
        turn = Turn(conversation, client, Question((conversation.add_question("?"),), "", "m"))
        try:
            async with asyncio.timeout(20):
                await turn.take()
        finally:
            await client.aclose()
    assert turn.reply is not None
    return turn.reply


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits are short, but for those that a piece in time must not run into."""
    monkeypatch.setattr(ending_wait, "AFTER_REASON", 0.2)
    monkeypatch.setattr(ending_wait, "AFTER_REASON_WITH_CONTENT", 0.2)
    monkeypatch.setattr(ending_wait, "AFTER_EMPTY_DATA", 0.2)
    monkeypatch.setattr(ending_wait, "AFTER_LATE_CONTENT", 0.4)


@pytest.mark.parametrize("end", [piece(reason="stop"), piece(" two", "stop")], ids=["alone", "with-text"])
@pytest.mark.parametrize("chatter", ["ping", "data: ping\n\n", "\n", "data: null\n\n", 'data: {"choices": []}\n\n'])
async def test_chatter_after_a_reason_does_not_hold_the_end_up(short: None, end: bytes, chatter: str) -> None:
    message = await reply(piece("one"), end, chatter)
    assert message.ending == Finished("stop", "eof")
    assert message.text.startswith("one")


@pytest.mark.parametrize("chatter", ["ping", "data: \n\n", "data: ping\n\n"])
async def test_an_empty_data_after_text_ends_the_reply_whose_connection_stays_open(short: None, chatter: str) -> None:
    message = await reply(piece("one"), b"data: \n\n", chatter)
    assert message.ending == Finished(None, "empty-data")
    assert message.text == "one"


async def test_an_empty_data_before_any_text_is_a_keep_alive(short: None) -> None:
    message = await reply(piece(), b"data: \n\n", 0.5, piece("one"), piece(reason="stop"))
    assert message.text == "one"


async def test_a_reason_on_every_piece_ends_nothing_while_pieces_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending_wait, "AFTER_REASON", 0.02)
    message = await reply(
        piece("1 ", "stop"), 0.1, piece("2 ", "stop"), 0.1, PING, piece(reason="stop"), 0.1, LATE, DONE
    )
    assert message.text == "1 2 3"
    assert message.ending == Finished("stop", "done-sentinel")


async def test_text_after_an_empty_data_is_kept_and_the_next_one_waits_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending_wait, "AFTER_EMPTY_DATA", 1.0)
    message = await reply(piece("1 "), b"data: \n\n", piece("2 "), b"data: \n\n", 1.3, LATE, DONE)
    assert message.text == "1 2 3"


async def test_usage_after_the_reason_is_heard_and_shortens_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending_wait, "AFTER_REASON", 15.0)
    monkeypatch.setattr(ending_wait, "AFTER_USAGE", 0.05)
    message = await reply(piece("one"), piece(reason="stop"), USAGE, "ping")
    assert message.usage is not None
    assert message.usage.output == 5
    assert message.ending == Finished("stop", "eof")


async def test_what_was_skipped_in_the_midst_is_told() -> None:
    garbage = b"\x7f\xff" * 1024
    body = [piece("one"), garbage + b"\n\n", b"data: <html>gone</html>\n\n", PING, piece(" two", "stop")]
    conversation = Conversation()
    async with ByteServer(script=lambda _: [head(), *chunked([*body, b"data: [DONE]\n\n"]), LAST_CHUNK]) as server:
        client = Client(Endpoint(server.url, dialect="openai-chat"), max_retries=0)
        turn = Turn(conversation, client, Question((conversation.add_question("?"),), "", "m"))
        await turn.take()
        await client.aclose()
    assert turn.reply is not None
    assert turn.reply.text == "one two"
    assert turn.reply.ending == Finished("stop", "done-sentinel")
    assert turn.reply.skipped is not None
    assert turn.reply.skipped == Skipped(2, 2048 + len("<html>gone</html>"))


# ---- the rule, by a clock that is set


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(ending_wait, "monotonic", lambda: now[0])
    return now


def observed(wait: EndingWait, *events: Any, announced: bool = True, reason: bool = True) -> None:
    wait.observe(events, announced=announced, reason=reason)


def test_the_rule_in_order(clock: list[float]) -> None:
    wait = EndingWait()
    assert wait.left() is None
    observed(wait)
    assert wait.left() == ending_wait.AFTER_REASON
    clock[0] += 1.5
    observed(wait)  # another reason, a ping, an event of no content
    assert wait.left() == pytest.approx(ending_wait.AFTER_REASON - 1.5)
    observed(wait, TextDelta("late"))
    assert wait.left() == ending_wait.AFTER_LATE_CONTENT
    observed(wait, UsageReport(Any))  # type: ignore[arg-type]
    assert wait.left() == ending_wait.AFTER_LATE_CONTENT
    clock[0] += ending_wait.AFTER_LATE_CONTENT
    assert wait.left() == ending_wait.LAST_LOOK
    assert wait.left() == 0


def test_what_arrived_in_time_and_is_read_late_still_counts(clock: list[float]) -> None:
    wait = EndingWait()
    observed(wait)
    clock[0] += 3600  # the lid was closed
    assert wait.left() == ending_wait.LAST_LOOK
    observed(wait, TextDelta("more"))
    assert wait.left() == ending_wait.AFTER_LATE_CONTENT


def test_an_empty_data_that_was_none_of_the_end_is_forgotten(clock: list[float]) -> None:
    wait = EndingWait()
    observed(wait, reason=False)
    assert wait.left() == ending_wait.AFTER_EMPTY_DATA
    observed(wait, TextDelta("more"), announced=False, reason=False)
    assert wait.left() is None
    observed(wait, reason=False)
    assert wait.left() == ending_wait.AFTER_LATE_CONTENT


def test_a_recorded_response_is_awaited_without_a_limit(clock: list[float]) -> None:
    wait = EndingWait(unlimited=True)
    observed(wait)
    clock[0] += 3600
    assert wait.left() is None


async def test_a_client_without_a_limit_awaits_what_follows_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending_wait, "AFTER_REASON", 0.01)
    message = await reply(piece("1"), piece("", "stop"), 0.3, USAGE, DONE, idle_timeout=0.0)
    assert (message.text, message.ending) == ("1", Finished("stop", "done-sentinel"))
    assert message.usage is not None


def test_skipped_reports_add_up() -> None:
    conversation = Conversation()
    message = conversation.begin_reply(conversation.add_question("?"), model="m", endpoint="e", at=0.0)
    conversation.apply(message, Skipped(1, 10), TextDelta("a"), Skipped(2, 5), Finished(None, "eof"))
    assert message.skipped == Skipped(3, 15)
