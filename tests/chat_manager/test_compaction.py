"""/compact: the summary as a branch, what is sent afterwards, and a chat that stays as it is when none comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import pytest

from tests.chat.models import ListModel, Step
from tests.history.chats import store
from tui_chat.chat.context import context_use
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.endings import remarks
from tui_chat.chat.events import CutOff, Failed, Finished, TextDelta, Usage, UsageReport
from tui_chat.chat.session import Session
from tui_chat.chat_manager.compaction import REQUEST, Compaction

if TYPE_CHECKING:
    from pathlib import Path

DONE = Finished("stop", "done-sentinel")
ANSWER: list[Step] = [TextDelta("Because."), UsageReport(Usage(900, 50)), DONE]
SUMMARY: list[Step] = [TextDelta("In short."), UsageReport(Usage(1000, 30)), DONE]


class Gate(asyncio.Event):
    """A step that is never over; it tells that it was reached."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def wait(self) -> Literal[True]:
        """Tell, and wait."""
        self.reached.set()
        return await super().wait()


async def chat(*answers: list[Step]) -> tuple[Session, ListModel]:
    """A chat of two exchanges, and a model with more answers."""
    model = ListModel([list(ANSWER), list(ANSWER), *answers])
    session = Session(Conversation("be brief"), model, "m")
    for question in ("One?", "Two?"):
        session.send(question)
        await session.idle()
    return session, model


def texts(session: Session) -> list[str]:
    """What the shown branch says."""
    return [message.text for message in session.conversation.path()]


async def test_the_summary_is_a_branch_and_is_sent_in_place_of_what_was_before() -> None:
    session, model = await chat(SUMMARY, ANSWER)
    before = session.conversation.path()
    assert await Compaction(session).run() == "compacted"
    assert [message.text for message in model.asked[-1].messages] == [*(m.text for m in before), REQUEST]
    assert texts(session) == [REQUEST, "In short."]
    assert session.conversation.siblings(session.conversation.path()[0])[0] is before[0]
    assert all(message.id in session.conversation.messages for message in before)
    session.send("Three?")
    await session.idle()
    assert [message.text for message in model.asked[-1].messages] == [REQUEST, "In short.", "Three?"]
    assert model.asked[-1].system == "be brief"


async def test_the_context_holds_the_summary_and_not_what_it_was_made_of() -> None:
    session, _ = await chat(SUMMARY)
    assert context_use(session.conversation).used == 950
    await Compaction(session).run()
    use = context_use(session.conversation)
    assert 30 < use.used < 200
    assert use.estimated
    leaf = session.conversation.leaf
    assert leaf is not None
    assert "this summary is sent in place of the messages before it" in remarks(leaf)[0]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ([Failed("No.")], "failed"),
        ([TextDelta("In sh"), CutOff("closed")], "failed"),
        ([TextDelta("In sh"), Finished("length", "done-sentinel")], "shortened"),
        ([DONE], "failed"),
        ([TextDelta(" \n"), DONE], "failed"),
        ([TextDelta("In sh"), Finished("content_filter", "done-sentinel")], "failed"),
    ],
)
async def test_without_a_whole_summary_the_chat_stays_as_it_was(answer: list[Step], outcome: str) -> None:
    session, _ = await chat(answer)
    before = dict(session.conversation.messages), session.conversation.leaf
    assert await Compaction(session).run() == outcome
    assert (session.conversation.messages, session.conversation.leaf) == before


async def test_a_stopped_compaction_changes_nothing() -> None:
    gate = Gate()
    session, model = await chat([TextDelta("In sh"), gate])
    before = texts(session)
    compaction = Compaction(session)
    running = asyncio.create_task(compaction.run())
    await gate.reached.wait()
    compaction.stop()
    assert await running == "stopped"
    assert (texts(session), model.closed) == (before, 3)


async def test_a_cancelled_compaction_closes_its_connection() -> None:
    gate = Gate()
    session, model = await chat([TextDelta("In sh"), gate])
    compaction = Compaction(session)
    running = asyncio.create_task(compaction.run())
    await gate.reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert model.closed == 3


async def test_a_chat_that_goes_on_meanwhile_is_left_alone() -> None:
    gate = asyncio.Event()
    session, _ = await chat([gate, *SUMMARY], ANSWER)
    running = asyncio.create_task(Compaction(session).run())
    await asyncio.sleep(0)
    session.send("Three?")
    while session.busy:  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0)
    assert not session.at_rest
    gate.set()
    assert await running == "changed"
    assert texts(session)[-2:] == ["Three?", "Because."]


async def test_it_takes_a_chat_at_rest_with_something_to_summarize() -> None:
    session, _ = await chat([asyncio.Event()])
    assert Compaction.possible(session)
    assert not Compaction.possible(Session(Conversation(), ListModel([])))
    session.send("Three?")
    assert not Compaction.possible(session)
    session.stop()
    await session.idle()


async def test_the_branch_is_there_at_the_next_start_and_its_cost_is_named(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        session, _ = await chat(SUMMARY)
        history.record(session.conversation)
        await Compaction(session).run()
    with store(tmp_path) as history:
        held = history.open(session.conversation.id)
        assert [message.text for message in held.path()] == [REQUEST, "In short."]
        assert [message.purpose for message in held.path()] == ["compaction", "compaction"]
        assert len(held.messages) == 6
        total = history.usage("day").total
        assert (total.replies, total.compactions) == (2, 1)
