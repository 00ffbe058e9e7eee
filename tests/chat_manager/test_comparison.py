from __future__ import annotations

import asyncio
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from tests.chat.models import ListModel, Step
from tests.patience import PATIENCE
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.endings import outcome_of
from tui_chat.chat.events import CutOff, Failed, Finished, Grown, Stopped, TextDelta
from tui_chat.chat.model_ports import Connection
from tui_chat.chat.recipient import Recipient
from tui_chat.chat.session import Session
from tui_chat.chat_manager.comparison import Comparison

if TYPE_CHECKING:
    from tui_chat.chat.message import Message

DONE = Finished("stop", "done-sentinel")
ENDINGS = (Finished, CutOff, Failed, Stopped)


class Endings:
    """Counts the endings of each message, as any observer hears of them."""

    def __init__(self, conversation: Conversation) -> None:
        self.of: dict[str, int] = {}
        conversation.subscribe(self._note)

    def _note(self, _: Conversation, message: Message | None, change: object) -> None:
        if isinstance(change, ENDINGS) and message is not None:
            self.of[message.id] = self.of.get(message.id, 0) + 1


def connection(*answers: list[Step], name: str = "m", host: str = "one.example") -> Connection:
    return Connection(ListModel(list(answers), endpoint=host), name, host=host)


def model_of(connection: Connection) -> ListModel:
    assert isinstance(connection.model, ListModel)
    return connection.model


async def seen_text(conversation: Conversation, text: str) -> None:
    """Wait until a reply has this text."""
    there = asyncio.Event()

    def look(_: Conversation, message: Message | None, change: object) -> None:
        if isinstance(change, Grown) and message is not None and message.text == text:
            there.set()

    unsubscribe = conversation.subscribe(look)
    async with asyncio.timeout(PATIENCE):
        await there.wait()
    unsubscribe()


async def test_all_models_get_the_same_question_and_answer_beside_one_another() -> None:
    conversation = Conversation("Be brief.")
    sides = [connection([TextDelta(name), DONE], name=name) for name in ("a", "b", "c")]
    comparison = Comparison(conversation, sides, options={"temperature": 0.2})
    question = comparison.ask("Which?")
    await comparison.idle()
    replies = [side.reply for side in comparison.sides]
    assert [reply.text for reply in replies if reply is not None] == ["a", "b", "c"]
    assert {reply.parent for reply in replies if reply is not None} == {question.id}
    for each, side in zip("abc", sides, strict=True):
        (asked,) = model_of(side).asked
        assert (asked.model, asked.system, asked.options["temperature"]) == (each, "Be brief.", 0.2)
        assert [message.text for message in asked.messages] == ["Which?"]
    assert not comparison.busy


async def test_a_model_that_fails_and_one_that_stalls_do_not_hold_up_the_others() -> None:
    conversation = Conversation()
    stalls = connection([TextDelta("slow"), asyncio.Event()])
    fails = connection([Failed("Rate limited (429)", kind="rate-limit")])
    bug = connection([TextDelta("half"), ValueError("a bug")])
    comparison = Comparison(conversation, [stalls, fails, bug, connection([TextDelta("quick"), DONE])])
    endings = Endings(conversation)
    comparison.ask("?")
    slow, *others = comparison.sides
    async with asyncio.timeout(PATIENCE):
        for side in others:
            await side.session.idle()
    assert [outcome_of(side.reply) for side in others if side.reply] == ["failed", "failed", "whole"]
    assert slow.busy
    assert comparison.busy
    comparison.stop()
    await comparison.idle()
    assert slow.reply is not None
    assert (slow.reply.text, outcome_of(slow.reply)) == ("slow", "stopped")
    assert list(endings.of.values()) == [1, 1, 1, 1]


async def test_one_side_is_stopped_alone() -> None:
    conversation = Conversation()
    gate = asyncio.Event()
    comparison = Comparison(
        conversation, [connection([TextDelta("a"), asyncio.Event()]), connection([TextDelta("b"), gate, DONE])]
    )
    comparison.ask("?")
    await seen_text(conversation, "b")
    left, right = comparison.sides
    left.stop()
    left.stop()
    await left.session.idle()
    assert right.busy
    gate.set()
    await comparison.idle()
    assert [outcome_of(side.reply) for side in comparison.sides if side.reply] == ["stopped", "whole"]


@pytest.mark.parametrize("turns", range(4))
async def test_each_reply_has_exactly_one_ending_however_early_all_are_stopped(turns: int) -> None:
    conversation = Conversation()
    endings = Endings(conversation)
    comparison = Comparison(conversation, [connection([TextDelta(each), asyncio.Event()]) for each in "abc"])
    comparison.ask("?")
    for _ in range(turns):
        await asyncio.sleep(0)
    comparison.stop()
    async with asyncio.timeout(PATIENCE):
        await comparison.idle()
    replies = [side.reply for side in comparison.sides]
    assert [outcome_of(reply) for reply in replies if reply is not None] == ["stopped"] * 3
    assert endings.of == {reply.id: 1 for reply in replies if reply is not None}
    assert not conversation.replying


async def test_closing_at_once_leaves_an_ending_too() -> None:
    conversation = Conversation()
    comparison = Comparison(conversation, [connection([asyncio.Event()]), connection([asyncio.Event()])])
    comparison.ask("?")
    await comparison.close()
    assert [outcome_of(side.reply) for side in comparison.sides if side.reply] == ["stopped", "stopped"]


@pytest.mark.parametrize("order", list(permutations("abc")))
async def test_keeping_one_selects_its_branch_whoever_ended_last(order: tuple[str, ...]) -> None:
    conversation = Conversation()
    gates = {name: asyncio.Event() for name in "abc"}
    sides = [connection([gates[name], TextDelta(name), DONE], name=name, host=f"{name}.example") for name in "abc"]
    comparison = Comparison(conversation, sides)
    comparison.ask("?")
    for name in order:
        gates[name].set()
        await comparison.sides["abc".index(name)].session.idle()
    for side in comparison.sides:
        comparison.keep(side)
        assert conversation.leaf is side.reply
        assert conversation.recipient == side.recipient
    assert side.reply is not None
    assert [message.text for message in conversation.siblings(side.reply)] == ["a", "b", "c"]


async def test_after_keeping_one_its_endpoint_answers_without_a_change_of_host() -> None:
    conversation = Conversation()
    sides = [connection([TextDelta(n), DONE], [TextDelta("more"), DONE], name=n, host=f"{n}.example") for n in "ab"]
    comparison = Comparison(conversation, sides)
    comparison.ask("?")
    await comparison.idle()
    comparison.keep(comparison.sides[0])
    chat = Session(conversation, sides[0].model)
    chat.connect(sides[0])
    assert not chat.changes_host
    chat.send("And?")
    await chat.idle()
    assert [message.text for message in conversation.path()] == ["?", "a", "And?", "more"]
    chat.connect(sides[1])
    assert chat.changes_host


async def test_the_chat_takes_over_a_reply_that_still_runs_and_can_stop_it() -> None:
    conversation = Conversation()
    sides = [connection([TextDelta("a"), asyncio.Event()]), connection([TextDelta("b"), DONE])]
    comparison = Comparison(conversation, sides)
    chat = Session(conversation, sides[0].model)
    chat.connect(sides[0])
    comparison.ask("?")
    await seen_text(conversation, "a")
    kept = comparison.sides[0]
    comparison.keep(kept)
    chat.take_over(kept.session)
    assert chat.busy
    assert chat.stop()
    await chat.idle()
    assert kept.reply is not None
    assert outcome_of(kept.reply) == "stopped"
    assert not chat.stop()


async def test_what_was_queued_in_the_chat_is_asked_after_the_reply_it_took_over() -> None:
    conversation = Conversation()
    gate = asyncio.Event()
    sides = [connection([TextDelta("a"), gate, DONE], [TextDelta("2"), DONE]), connection([TextDelta("b"), DONE])]
    comparison = Comparison(conversation, sides)
    chat = Session(conversation, sides[0].model)
    chat.connect(sides[0])
    comparison.ask("?")
    await comparison.sides[1].session.idle()
    comparison.keep(comparison.sides[0])
    chat.take_over(comparison.sides[0].session)
    chat.send("And?")
    assert [each.text for each in chat.queue] == ["And?"]
    gate.set()
    async with asyncio.timeout(PATIENCE):
        await chat.idle()
    assert [message.text for message in conversation.path()] == ["?", "a", "And?", "2"]


async def test_new_hosts_are_those_the_chat_has_not_gone_to_each_once() -> None:
    conversation = Conversation()
    known, new = connection(host="one.example"), connection(host="two.example")
    again = Connection(new.model, "other", host="two.example")
    comparison = Comparison(conversation, [known, new, again])
    assert comparison.new_hosts() == []  # nothing has been said yet that could go anywhere
    conversation.add_question("earlier")
    conversation.recipient = Recipient("one.example", "one", "m")
    assert [to.host for to in comparison.new_hosts()] == ["two.example"]
    conversation.recipient = None
    assert [to.host for to in comparison.new_hosts()] == ["one.example", "two.example"]


async def test_a_question_is_repeated_as_often_as_wanted_by_each_model_for_itself() -> None:
    conversation = Conversation()
    quick = connection([TextDelta("0"), DONE], [TextDelta("1"), DONE], [TextDelta("2"), DONE])
    broken = connection([Failed("No key", kind="key")])
    flaky = connection([Failed("gone", kind="network")], [TextDelta("x"), DONE], [TextDelta("y"), DONE])
    stalls = connection([TextDelta("s"), asyncio.Event()])
    comparison = Comparison(conversation, [quick, broken, flaky, stalls])
    endings = Endings(conversation)
    question = comparison.ask("?")

    async def through() -> list[int]:
        return [comparison.sides.index(side) async for side in comparison.ended(3)]

    waiting = asyncio.create_task(through())
    await asyncio.gather(seen_text(conversation, "2"), seen_text(conversation, "y"))
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(side.session.idle() for side in comparison.sides[:3]))
        comparison.stop()
        order = await waiting
    first, second, third, fourth = (side.replies for side in comparison.sides)
    assert [reply.text for reply in first] == ["0", "1", "2"]
    assert [outcome_of(reply) for reply in second] == ["failed"]
    assert [reply.text for reply in third] == ["", "x", "y"]
    assert [outcome_of(reply) for reply in fourth] == ["stopped"]
    assert {reply.parent for reply in (*first, *second, *third, *fourth)} == {question.id}
    assert set(endings.of.values()) == {1}
    assert len(endings.of) == 8
    assert (order[0], order[-1]) == (1, 3)
