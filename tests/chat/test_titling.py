"""Titles by a model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.chat.models import ListModel, Step
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Failed, Finished, TextDelta
from tui_chat.chat.model_ports import Connection
from tui_chat.chat.session import Session
from tui_chat.chat.titling import Titling

if TYPE_CHECKING:
    from tui_chat.chat.message import Message

DONE = Finished("stop", "done-sentinel")
ANSWER: list[Step] = [TextDelta("Because."), DONE]


class Entitled:
    """A session whose chat gets its title by model."""

    def __init__(self, *answers: list[Step]) -> None:
        self.model = ListModel(list(answers))
        self.session = Session(Conversation("be brief"), self.model, "m")
        self.asked: list[Message] = []
        self.titling = Titling(self._entitle, lambda _, reply: self.asked.append(reply))
        self.titling.watch(self.session)

    @staticmethod
    async def _entitle(conversation: Conversation, title: str) -> None:
        conversation.rename(title)

    async def ask(self, text: str) -> None:
        """Ask, and wait for the answer and for the title."""
        self.session.send(text)
        await self.session.idle()
        await self.titling.idle()


async def test_the_first_exchange_is_followed_by_one_question_for_a_title() -> None:
    it = Entitled(ANSWER, [TextDelta('"Why '), TextDelta('indeed."'), DONE], ANSWER)
    await it.ask("why?")
    assert it.session.conversation.title == "Why indeed"
    await it.ask("and then?")
    asked = it.model.asked[1]
    assert len(it.model.asked) == 3
    assert (asked.system, asked.model, len(asked.messages)) == ("", "m", 1)
    assert "why?" in asked.messages[0].text
    assert "Because." in asked.messages[0].text
    assert len(it.session.conversation.messages) == 4


@pytest.mark.parametrize("ending", [Failed("no"), CutOff("cut"), Finished("length", "eof")])
async def test_an_exchange_that_did_not_end_well_gets_its_title_by_rule(ending: Step) -> None:
    it = Entitled([TextDelta("Beca"), ending])
    await it.ask("why?")
    assert len(it.model.asked) == 1
    assert it.session.conversation.title == "why?"


@pytest.mark.parametrize("reply", [[Failed("no")], [TextDelta("half a ti"), CutOff("cut")], [TextDelta(" \n"), DONE]])
async def test_where_no_title_comes_the_rule_holds(reply: list[Step]) -> None:
    it = Entitled(ANSWER, reply)
    await it.ask("why?")
    assert it.session.conversation.title == "why?"
    assert not it.session.conversation.named


async def test_a_title_that_a_person_gave_stays() -> None:
    go_on = asyncio.Event()
    it = Entitled(ANSWER, [TextDelta("The model's"), go_on, DONE])
    it.session.send("why?")
    await it.session.idle()
    it.session.conversation.rename("Mine")
    go_on.set()
    await it.titling.idle()
    assert it.session.conversation.title == "Mine"


async def test_nothing_is_waited_for_at_the_end() -> None:
    it = Entitled(ANSWER, [TextDelta("never"), asyncio.Event()])
    it.session.send("why?")
    await it.session.idle()
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(it.model.asked) == 2
    await it.titling.close()
    assert it.model.closed == 2
    assert it.session.conversation.title == "why?"


async def test_whoever_answered_is_asked_for_the_title_though_another_was_chosen_meanwhile() -> None:
    go_on = asyncio.Event()
    it = Entitled([TextDelta("Because."), go_on, DONE], [TextDelta("Why indeed"), DONE])
    it.session.send("why?")
    other = ListModel([])
    it.session.connect(Connection(other, "other", host="elsewhere"))
    go_on.set()
    await it.session.idle()
    await it.titling.idle()
    assert it.session.conversation.title == "Why indeed"
    assert ([question.model for question in it.model.asked], other.asked) == (["m", "m"], [])
