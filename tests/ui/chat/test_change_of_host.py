"""In the middle of a chat somebody else is chosen: nothing goes there before that was said and confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.kept import DONE, KeptHistory, exchange, focused, send, texts, toasts
from tests.ui.scripted import ScriptedBackend, ScriptedModel, running, until
from tui_chat.chat.backend_ports import Setup
from tui_chat.chat.events import TextDelta
from tui_chat.chat.model_ports import Connection
from tui_chat.chat.recipient import Recipient
from tui_chat.ui.chat import connection_controller
from tui_chat.ui.dialogs.endpoints.model_picker import ModelPicker
from tui_chat.ui.dialogs.row_list import Sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

SAID = "This chat was with here.example; all of it goes to there.example now."


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second press counts at once."""
    monkeypatch.setattr(connection_controller, "HELD_KEY", 0.0)


def two_hosts(history: KeptHistory | None = None) -> tuple[ScriptedBackend, ScriptedModel]:
    """A backend that answers at one host, and the model of another endpoint."""
    backend = ScriptedBackend(history=history or KeptHistory(), host="here.example")
    there = ScriptedModel()
    there.endpoint = "there.example"
    backend.names = ["there.example"]
    backend.at["there.example"] = Connection(there, "large", host="there.example")
    backend.at["here.example"] = Connection(backend.model, "tiny-model", host="here.example")
    return backend, there


async def choose_there(pilot: Pilot[None], app: ChatApp) -> None:
    """Take the other endpoint from the list."""
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(app.screen, ModelPicker))
    await pilot.press(*"there")
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is app.chat and "there.example" in app.chat.composer.frame.recipient)


def line(app: ChatApp) -> str:
    return str(app.chat.composer.host_line.content) if app.chat.composer.host_line.display else ""


async def press_send(pilot: Pilot[None], app: ChatApp) -> None:
    app.chat.composer.focus_prompt()
    app.chat.composer.prompt.put("another question")
    await pilot.press("enter")


async def press_retry(pilot: Pilot[None], app: ChatApp) -> None:
    await focused(pilot, app, "an answer")
    await pilot.press("r")


async def press_edit(pilot: Pilot[None], app: ChatApp) -> None:
    app.chat.composer.focus_prompt()
    if not app.chat.composer.editing:
        app.chat.commands.branches.edit()
        app.chat.composer.prompt.put("other words")
    await pilot.press("enter")


@pytest.mark.parametrize("act", [press_send, press_retry, press_edit])
async def test_what_is_asked_after_a_change_of_host_goes_at_the_second_try(
    act: Callable[[Pilot[None], ChatApp], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_controller, "HELD_KEY", 1000.0)
    backend, there = two_hosts()
    async with running(backend) as (app, pilot):
        await exchange(pilot, app, "a question", "an answer")
        assert line(app) == ""
        await choose_there(pilot, app)
        assert line(app) == f"{SAID} Ctrl+O chooses another."
        await act(pilot, app)
        await until(pilot, lambda: line(app) == f"{SAID} Enter once more sends it.")
        await act(pilot, app)  # at once: a key that is held
        assert there.questions == []
        assert texts(app) == ["a question", "an answer"]
        monkeypatch.setattr(connection_controller, "HELD_KEY", 0.0)
        await act(pilot, app)
        await until(pilot, lambda: there.questions)
        assert line(app) == ""
        assert app.chat.conversation.recipient == Recipient("there.example", "", "large")
        there.say(TextDelta("from there"), DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        await send(pilot, app, "and?")  # said once
        await until(pilot, lambda: len(there.questions) == 2)
    assert len(backend.model.questions) == 1


@pytest.mark.usefixtures("impatient")
async def test_what_is_queued_waits_for_the_person() -> None:
    backend, there = two_hosts()
    async with running(backend) as (app, pilot):
        await send(pilot, app, "a question")
        await until(pilot, lambda: backend.model.questions)
        await send(pilot, app, "queued")
        await choose_there(pilot, app)
        backend.model.say(TextDelta("an answer"), DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        session = app.chat.session
        assert session is not None
        await session.idle()
        assert [each.text for each in session.queue] == ["queued"]
        await pilot.press("enter")
        await until(pilot, lambda: "Enter once more" in line(app))
        assert there.questions == []
        await pilot.press("enter")
        await until(pilot, lambda: [question.messages[-1].text for question in there.questions] == ["queued"])


async def test_the_chat_that_one_comes_back_to_has_its_own_endpoint_and_model() -> None:
    backend, there = two_hosts()
    async with running(backend) as (app, pilot):
        await exchange(pilot, app, "the first chat", "an answer")
        first = app.chat.conversation.id
        assert app.chat.session is not None
        app.chat.connections.choose_model("small")
        await until(pilot, lambda: "small" in app.chat.composer.frame.recipient)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not app.chat.conversation.messages)
        await choose_there(pilot, app)
        await send(pilot, app, "the second chat")
        await until(pilot, lambda: there.questions)
        there.say(TextDelta("from there"), DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        second = app.chat.conversation.id
        assert await app.chat.switcher.open_chat(first)
        assert "small · test.example" in app.chat.composer.frame.recipient
        assert backend.used is not None
        assert backend.used.model is backend.model
        await send(pilot, app, "again here")
        await until(pilot, lambda: len(backend.model.questions) == 2)
        assert backend.model.questions[-1].model == "small"
        backend.model.say(TextDelta("so"), DONE)
        await until(pilot, lambda: not app.chat.conversation.replying)
        assert await app.chat.switcher.open_chat(second)
        assert "large · there.example" in app.chat.composer.frame.recipient
        await send(pilot, app, "again there")
        await until(pilot, lambda: len(there.questions) == 2)


async def test_a_reply_that_goes_on_elsewhere_is_not_redirected() -> None:
    backend, there = two_hosts()
    async with running(backend) as (app, pilot):
        await send(pilot, app, "the first chat")
        await until(pilot, lambda: backend.model.questions)
        await send(pilot, app, "queued in the first chat")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not app.chat.conversation.messages)
        await choose_there(pilot, app)
        backend.model.say(TextDelta("so"), DONE)
        await until(pilot, lambda: len(backend.model.questions) == 2)
    assert there.questions == []


async def test_a_copy_goes_where_the_chat_would_go() -> None:
    backend, there = two_hosts()
    async with running(backend) as (app, pilot):
        await exchange(pilot, app, "a question", "an answer")
        original = app.chat.conversation.id
        await app.chat.commands.chats.duplicate()
        assert app.chat.conversation.id != original
        assert line(app) == ""
        await send(pilot, app, "and?")
        await until(pilot, lambda: len(backend.model.questions) == 2)
        await app.chat.switcher.open_chat(original)
        await choose_there(pilot, app)
        await app.chat.commands.chats.duplicate()
        assert line(app).startswith(SAID)
        await press_send(pilot, app)
        await until(pilot, lambda: "Enter once more" in line(app))
    assert there.questions == []


@pytest.mark.usefixtures("impatient")
async def test_what_was_sent_before_the_settings_came_waits_in_the_box_and_confirms_nothing() -> None:
    history = KeptHistory()
    old = history.keep("an old question")
    old.recipient = Recipient("elsewhere.example")
    backend, _ = two_hosts(history)
    backend._setup = Setup(backend._setup.connection, history=history, chat=old.id)
    async with running(backend, "from the command line") as (app, pilot):
        await until(pilot, lambda: app.chat.composer.prompt.text == "from the command line")
        assert "was with elsewhere.example; all of it goes to here.example now. Enter once more" in line(app)
        assert backend.model.questions == []
        await pilot.press("enter")
        await until(pilot, lambda: len(backend.model.questions) == 1)


async def test_where_the_endpoint_is_gone_the_list_opens_and_the_choice_is_enough() -> None:
    history = KeptHistory()
    old = history.keep("an old question")
    old.recipient = Recipient("gone.example")
    backend, there = two_hosts(history)
    why = "This chat was with gone.example, and no endpoint is configured there now."
    backend.at["gone.example"] = Connection(backend.model, "", undecided=True, why_undecided=why)
    async with running(backend) as (app, pilot):
        await app.chat.switcher.open_chat(old.id)
        await press_send(pilot, app)
        await until(pilot, lambda: isinstance(app.screen, ModelPicker) and app.screen.list.items)
        assert isinstance(app.screen, ModelPicker)
        assert app.screen.list.items[0] == Sentence(
            f"{why} All of it is sent to the endpoint you choose.", warning=True
        )
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.composer.prompt.text == "another question"
        await press_send(pilot, app)
        await until(pilot, lambda: isinstance(app.screen, ModelPicker))
        await pilot.press(*"there")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat and "there.example" in app.chat.composer.frame.recipient)
        assert line(app) == ""
        await pilot.press("enter")
        await until(pilot, lambda: there.questions)
    assert backend.model.questions == []
    assert "bug" not in toasts(app)
