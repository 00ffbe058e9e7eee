from __future__ import annotations

import asyncio

import pytest

from tests.chat.models import ListModel, Step
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Ending, Failed, Finished, Grown, Stopped, TextDelta
from tui_chat.chat.prices import Cost, Prices
from tui_chat.chat.turn import Question, Turn


def turn(*steps: Step) -> Turn:
    conversation = Conversation()
    asked = conversation.add_question("hello")
    return Turn(conversation, ListModel([list(steps)]), Question((asked,), "", "m"), bug_hint="See the log.")


@pytest.mark.parametrize(
    "ending", [Finished("stop", "done-sentinel"), CutOff("the line was cut"), Failed("It failed.", kind="network")]
)
async def test_the_ending_a_model_gives_is_the_replys_ending(ending: Ending) -> None:
    taken = turn(TextDelta("a"), ending)  # type: ignore[arg-type]
    await taken.take()
    assert taken.reply is not None
    assert taken.reply.ending == ending
    assert taken.reply.text == "a"


@pytest.mark.parametrize("steps", [(TextDelta("a"), Finished("stop", "eof")), (TextDelta("a"),)])
async def test_prices_that_are_learned_while_a_reply_comes_count_for_it(steps: tuple[Step, ...]) -> None:
    known: list[Prices | None] = [None]
    conversation = Conversation()
    asked = conversation.add_question("hello, you there")
    taken = Turn(conversation, ListModel([list(steps)]), Question((asked,), "", "m"), prices=lambda: known[-1])
    conversation.subscribe(lambda _, __, change: known.append(Prices(3, 5)) if isinstance(change, Grown) else None)
    await taken.take()
    assert taken.reply is not None
    assert taken.reply.prompt_estimate == 4
    assert taken.reply.cost == Cost(4 * 3 + 5, "settings", estimated=True)


async def test_prices_that_change_while_a_reply_comes_do_not_count_for_it() -> None:
    prices = iter([Prices(3, 5), Prices(7, 7)])
    conversation = Conversation()
    asked = conversation.add_question("hello, you there")
    steps = ListModel([[TextDelta("a"), Finished("stop", "eof")]])
    taken = Turn(conversation, steps, Question((asked,), "", "m"), prices=lambda: next(prices))
    await taken.take()
    assert taken.reply is not None
    assert taken.reply.prices == Prices(3, 5)


async def test_nothing_counts_after_the_ending() -> None:
    taken = turn(TextDelta("a"), Finished("stop", "eof"), TextDelta("b"), Finished("length", "eof"))
    await taken.take()
    assert taken.reply is not None
    assert taken.reply.text == "a"
    assert taken.reply.ending == Finished("stop", "eof")


async def test_a_model_that_gives_no_ending_was_cut_off() -> None:
    taken = turn(TextDelta("a"))
    await taken.take()
    assert taken.reply is not None
    assert isinstance(taken.reply.ending, CutOff)


async def test_a_stopped_reply_keeps_its_text() -> None:
    taken = turn(TextDelta("a"), asyncio.Event())
    grown = asyncio.Event()
    taken.conversation.subscribe(lambda _, __, change: grown.set() if isinstance(change, Grown) else None)
    task = asyncio.create_task(taken.take())
    await grown.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert taken.reply is not None
    assert taken.reply.ending == Stopped()
    assert taken.reply.text == "a"


async def test_a_bug_ends_the_reply_as_failed_and_is_still_raised() -> None:
    taken = turn(TextDelta("a"), KeyError("oops"))
    with pytest.raises(KeyError):
        await taken.take()
    assert taken.reply is not None
    assert isinstance(taken.reply.ending, Failed)
    assert (taken.reply.ending.kind, taken.reply.ending.hint) == ("bug", "See the log.")
    assert taken.reply.text == "a"


async def test_a_task_cancelled_before_its_first_step_begins_no_reply() -> None:
    taken = turn(TextDelta("a"))
    task = asyncio.create_task(taken.take())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert taken.reply is None
    assert not taken.conversation.replying


async def test_the_answer_is_closed_however_the_reply_ends() -> None:
    taken = turn(TextDelta("a"), Finished("stop", "eof"), asyncio.Event())
    await taken.take()
    assert isinstance(taken.model, ListModel)
    assert taken.model.closed == 1
