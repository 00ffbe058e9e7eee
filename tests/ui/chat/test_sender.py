"""The sender without an app: a fake screen and composer, and a real session."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from tests.ui.host import until
from tests.ui.scripted import ScriptedBackend, ScriptedModel
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.session import Session
from tui_chat.ui.chat.sender import Sender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from textual.worker import Worker

    from tui_chat.chat.message import Attachment
    from tui_chat.chat.session import Queued
    from tui_chat.ui.composer.composer import Composer


class FakeComposer:
    """Notes what comes back and what is remembered."""

    def __init__(self) -> None:
        self.text = ""
        self.back: list[str] = []
        self.remembered: list[str] = []
        self.button = self.queue_bar = self
        self.stops = False
        self.queue: tuple[list[str], bool] = ([], False)
        """The texts that the bar shows, and whether they are held."""
        self.finished = 0
        self.focused = 0

    def give_back(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        self.back.append(text)

    def remember(self, text: str) -> None:
        self.remembered.append(text)

    def finish_edit(self) -> None:
        self.finished += 1

    def show_stop(self, stops: bool) -> None:
        self.stops = stops

    def show(self, prompts: list[Queued], *, held: bool) -> None:
        self.queue = ([each.text for each in prompts], held)

    def focus_prompt(self) -> None:
        self.focused += 1

    def call_next(self, callback: Callable[[], None]) -> None:
        callback()


class FakeScreen:
    """Says what a test lets it."""

    def __init__(self) -> None:
        self.connections = self
        self.session: Session | None = None
        self.allowed = True
        self.needs_model = False
        self.one_model = True
        self.said: list[str] = []
        self.followed = self.headers = 0
        self.works: list[Coroutine[None, None, None]] = []

    def show_notice(self, text: str, *, bad: bool = False) -> None:
        self.said.append(text)

    def may_ask(self) -> bool:
        return self.allowed

    async def find_model(self) -> bool:
        self.needs_model = False
        return self.one_model

    def follow_turn(self) -> None:
        self.followed += 1

    def show_header(self) -> None:
        self.headers += 1

    def run_worker(
        self, work: Callable[[], Coroutine[None, None, None]], *, group: str, exclusive: bool = False
    ) -> Worker[None]:
        self.works.append(work())
        return cast("Worker[None]", None)


class Parts:
    def __init__(self, prompt: str = "") -> None:
        self.screen, self.composer, self.model = FakeScreen(), FakeComposer(), ScriptedModel()
        self.backend = ScriptedBackend()
        self.sender = Sender(self.screen, cast("Composer", self.composer), self.backend, prompt)
        self.conversation = Conversation()

    def begin(self) -> Session:
        self.screen.session = Session(self.conversation, self.model, "m")
        return self.screen.session

    @property
    def asked(self) -> list[str]:
        return [message.text for message in self.conversation.messages.values() if message.role == "user"]


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    made = Parts()
    yield made
    if made.screen.session is not None:
        await made.screen.session.close()


async def test_a_text_is_sent_remembered_and_followed(parts: Parts) -> None:
    parts.begin()
    parts.sender.submit("hello")
    assert (parts.asked, parts.composer.remembered, parts.screen.followed) == (["hello"], ["hello"], 1)


async def test_what_may_not_be_asked_goes_back_and_is_not_remembered(parts: Parts) -> None:
    parts.begin()
    parts.screen.allowed = False
    parts.sender.submit("hello")
    assert (parts.asked, parts.composer.remembered, parts.composer.back) == ([], [], ["hello"])


async def test_texts_from_before_the_settings_are_sent_in_their_order_when_they_come() -> None:
    parts = Parts("from the command line")
    parts.sender.submit("typed")
    session = parts.begin()
    assert parts.sender.send_waiting()
    assert parts.asked == ["from the command line"]
    assert [queued.text for queued in session.queue] == ["typed"]
    assert not parts.sender.send_waiting()
    await session.close()


async def test_texts_from_before_the_settings_go_back_together_where_nobody_may_be_asked() -> None:
    parts = Parts("one")
    parts.sender.submit("two")
    parts.begin()
    parts.screen.allowed = False
    assert parts.sender.send_waiting()
    assert parts.composer.back == ["one\n\ntwo"]


@pytest.mark.parametrize("one_model", [True, False])
async def test_texts_wait_for_the_one_answer_which_models_there_are(parts: Parts, one_model: bool) -> None:
    session = parts.begin()
    parts.screen.needs_model, parts.screen.one_model = True, one_model
    parts.sender.submit("one")
    parts.sender.submit("two")
    [work] = parts.screen.works
    await work
    if one_model:
        assert (parts.asked, [queued.text for queued in session.queue]) == (["one"], ["two"])
    else:
        assert (parts.asked, parts.composer.back) == ([], ["one\n\ntwo"])


async def test_an_edited_question_is_asked_beside_the_old_one_and_stops_the_reply(parts: Parts) -> None:
    session = parts.begin()
    parts.sender.submit("one")
    await asyncio.sleep(0)
    [question] = [message for message in parts.conversation.messages.values() if message.role == "user"]
    assert session.busy
    parts.sender.submit_edit(question, "one, in other words")
    assert parts.screen.said == ["The reply that was coming is stopped and kept."]
    assert parts.asked == ["one", "one, in other words"]
    assert parts.composer.finished == 1


async def test_an_edit_that_may_not_be_asked_goes_on(parts: Parts) -> None:
    parts.begin()
    question = parts.conversation.add_question("one")
    parts.screen.allowed = False
    parts.sender.submit_edit(question, "other words")
    assert (parts.asked, parts.composer.back, parts.composer.finished) == (["one"], ["other words"], 0)


async def test_an_edit_of_a_question_that_is_gone_is_a_new_question(parts: Parts) -> None:
    parts.begin()
    parts.sender.submit_edit(Conversation().add_question("elsewhere"), "other words")
    assert (parts.asked, parts.composer.finished) == (["other words"], 1)


async def test_an_empty_text_asks_the_oldest_of_the_queue_when_no_reply_is_coming(parts: Parts) -> None:
    session = parts.begin()
    session.enqueue(["one", "two"])
    parts.sender.submit("")
    parts.sender.submit("")
    assert (parts.asked, [queued.text for queued in session.queue]) == (["one"], ["two"])


async def test_queued_texts_come_back_or_are_dropped(parts: Parts) -> None:
    session = parts.begin()
    parts.sender.take_back_last()
    session.enqueue(["one", "two", "three"])
    parts.sender.take_back(1)
    parts.sender.drop(0)
    parts.sender.take_back_last()
    assert (parts.composer.back, parts.composer.remembered, session.queue) == (["two", "three"], ["one"], [])
    assert parts.composer.focused == 2


async def test_the_queue_and_the_button_follow_the_session_that_is_watched(parts: Parts) -> None:
    session, told = parts.begin(), []
    parts.sender.queue_changed = lambda: told.append(parts.composer.queue[0])
    session.enqueue(["before"])
    parts.sender.watch(session)
    assert (parts.composer.queue, parts.composer.stops, told) == ((["before"], True), False, [["before"]])
    parts.conversation.subscribe(parts.sender.changed)
    parts.sender.submit("one")
    await until(lambda: parts.composer.stops)
    assert parts.screen.headers == 1
    parts.sender.submit("two")
    assert parts.composer.queue == (["before", "two"], False)
    other = Session(Conversation(), parts.model, "m")
    parts.sender.watch(other)
    assert (parts.composer.queue, parts.composer.stops) == (([], True), False)
    session.enqueue(["in a chat that is not shown"])
    assert parts.composer.queue == ([], True)


async def test_the_connection_is_opened_once_while_the_first_words_are_typed(parts: Parts) -> None:
    parts.composer.text = "h"
    parts.sender.warm()
    assert parts.screen.works == [], "there are no settings yet"
    parts.begin()
    parts.composer.text = ""
    parts.sender.warm()
    parts.composer.text = "he"
    parts.sender.warm()
    parts.sender.warm()
    [work] = parts.screen.works
    await work
    assert parts.backend.warmed == 1
