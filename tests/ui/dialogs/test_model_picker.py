"""Choosing a model or endpoint, from a list or by typing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList, Static

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.backend_ports import Setup
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import Connection, KnownModels, ModelInfo
from tui_chat.chat.wording.hints import OTHER_MODEL
from tui_chat.ui.chat import connection_controller
from tui_chat.ui.dialogs.model_picker import FilterBox, ModelsScreen
from tui_chat.ui.dialogs.start_page import StartHeader
from tui_chat.ui.transcript.ending_rows import failure_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp


async def opened(app: ChatApp, pilot: Pilot[None]) -> ModelsScreen:
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(app.screen, ModelsScreen) and app.screen.query(OptionList))
    assert isinstance(app.screen, ModelsScreen)
    return app.screen


def rows(screen: ModelsScreen) -> list[str]:
    return [str(option.prompt) for option in screen.query_one(OptionList).options]


async def test_a_model_is_found_by_a_few_letters_and_asked_from_then_on() -> None:
    backend = ScriptedBackend()
    backend.listed = [ModelInfo("llama-3-8b", 8192), ModelInfo("qwen3-32b", 40_960, 0.1, 0.3)]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: len(rows(screen)) == 2)
        assert rows(screen) == ["llama-3-8b  8,192 context", "qwen3-32b  41.0k context · $0.1 / $0.3 per million"]
        await pilot.press("q", "w", "3")
        await until(pilot, lambda: rows(screen)[0].startswith("qwen3-32b"))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.session is not None
        assert app.chat.session.model_name == "qwen3-32b"
        assert "qwen3-32b · test.example" in app.chat.composer.frame.recipient


async def test_a_name_that_is_not_listed_can_be_typed_where_the_server_gives_no_list() -> None:
    backend = ScriptedBackend()
    backend.listed = Failed("The server gives no list of models.", "Type the model's name.")
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: "no list" in str(screen.query_one(".hint", Static).content))
        await pilot.press("n", "e", "w")
        await until(pilot, lambda: rows(screen) == ["new  as typed"])
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.session is not None
        assert app.chat.session.model_name == "new"


async def test_the_list_as_it_was_is_there_at_once() -> None:
    backend = ScriptedBackend()
    backend.known = KnownModels((ModelInfo("known-before"),), 3600.0)
    backend.listed = [ModelInfo("known-before"), ModelInfo("new")]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: rows(screen) == ["known-before", "new"])


async def test_another_endpoint_answers_from_the_next_question_on() -> None:
    backend = ScriptedBackend()
    backend.names = ["default", "local"]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: rows(screen) == ["default  endpoint", "local  endpoint"])
        await pilot.press("down", "enter")
        await until(pilot, lambda: backend.opened == ["local"])
        await until(pilot, lambda: app.screen is app.chat)


async def test_escape_leaves_everything_as_it_was() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        screen.query_one(FilterBox).put("something")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.session is not None
        assert app.chat.session.model_name == "tiny-model"


async def test_where_several_could_be_asked_the_person_is_asked_first() -> None:
    backend = ScriptedBackend(undecided=True)
    backend.names = ["openai", "groq"]
    async with running(backend) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen) and app.screen.query(OptionList))
        assert isinstance(app.screen, ModelsScreen)
        screen = app.screen
        await until(pilot, lambda: rows(screen) == ["openai  endpoint", "groq  endpoint"])
        await pilot.press("enter")
        await until(pilot, lambda: backend.opened == ["openai"])


def picked(screen: ModelsScreen) -> str:
    """The selected row."""
    index = screen.query_one(OptionList).highlighted
    return rows(screen)[index] if index is not None else ""


async def test_enter_alone_changes_nothing_and_the_cursor_stands_on_the_current_model() -> None:
    backend = ScriptedBackend()
    backend.known = KnownModels((ModelInfo("another"), ModelInfo("tiny-model")), 60.0)
    backend.listed = [ModelInfo("new"), ModelInfo("another"), ModelInfo("tiny-model")]
    backend.names = ["test.example", "local"]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: len(rows(screen)) == 5)
        assert picked(screen) == "tiny-model"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.session is not None
        assert (app.chat.session.model_name, backend.opened) == ("tiny-model", [])
        screen = await opened(app, pilot)
        await until(pilot, lambda: len(rows(screen)) == 5)
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.chat.session is not None and app.chat.session.model_name == "another")


async def test_enter_alone_changes_nothing_though_the_current_model_is_not_listed() -> None:
    backend = ScriptedBackend()
    backend.listed = [ModelInfo("another")]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: rows(screen) == ["another"])
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.session is not None
        assert app.chat.session.model_name == "tiny-model"


async def test_the_cursor_stays_on_its_model_when_the_list_comes_anew() -> None:
    backend = ScriptedBackend()
    backend.known = KnownModels((ModelInfo("a"), ModelInfo("b")), 60.0)
    answered = asyncio.Event()

    async def models() -> Sequence[ModelInfo]:
        await answered.wait()
        return [ModelInfo("new"), ModelInfo("a"), ModelInfo("b")]

    backend.models = models  # type: ignore[method-assign]
    async with running(backend) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: rows(screen) == ["a", "b"])
        await pilot.press("down")
        await until(pilot, lambda: picked(screen) == "b")
        answered.set()
        await until(pilot, lambda: len(rows(screen)) == 3)
        assert picked(screen) == "b"


def without_model(*models: str) -> ScriptedBackend:
    """A backend whose endpoint has these models, and none is set."""
    backend = ScriptedBackend()
    backend._setup = Setup(Connection(backend.model, ""))
    backend.listed = [ModelInfo(name) for name in models]
    backend.names = ["other.example", "test.example"]
    return backend


async def test_without_a_model_the_list_opens_and_no_question_fails() -> None:
    backend = without_model("one", "two")
    async with running(backend) as (app, pilot):
        assert "test.example · no model is chosen yet" in app.chat.query_one(StartHeader).render().plain
        app.chat.composer.prompt.put("a question")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen) and app.screen.query(OptionList))
        screen = app.screen
        assert isinstance(screen, ModelsScreen)
        why = str(screen.query_one(".why").render())
        assert why == "No model is chosen, and test.example has several: choose one."
        await until(pilot, lambda: rows(screen)[:2] == ["one", "two"])
        assert picked(screen) == "one"
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.composer.prompt.text == "a question"
        assert not app.chat.conversation.messages
        await pilot.press("enter")
        await until(pilot, lambda: [question.model for question in backend.model.questions] == ["two"])


@pytest.mark.parametrize("models", [["only"], []])
async def test_without_a_model_the_only_one_answers(models: list[str]) -> None:
    backend = without_model(*models)
    async with running(backend) as (app, pilot):
        for text in ("a question", "another"):
            app.chat.composer.prompt.put(text)
            await pilot.press("enter")
        await until(pilot, lambda: len(backend.model.questions) == 1)
        assert app.chat.session is not None
        await until(pilot, lambda: [each.text for each in app.chat.session.queue] == ["another"])  # type: ignore[union-attr]
        assert app.chat.screen is app.screen


async def test_a_server_that_does_not_give_its_list_holds_a_question_up_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_controller, "LIST_WITHIN", 0.05)
    backend = without_model()
    asked = 0

    async def must_choose() -> bool:
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()
        return True

    backend.must_choose = must_choose  # type: ignore[method-assign]
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("a question")
        await pilot.press("enter")
        await until(pilot, lambda: len(backend.model.questions) == 1)
    assert asked == 1


async def test_an_endpoint_without_a_model_opens_its_list() -> None:
    backend = ScriptedBackend()
    backend.names = ["local"]
    backend.listed = [ModelInfo("one"), ModelInfo("two")]
    async with running(backend) as (app, pilot):
        await opened(app, pilot)
        await pilot.press(*"local", "enter")
        await until(pilot, lambda: backend.opened == ["local"])
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen) and app.screen.query(".why"))
        assert isinstance(app.screen, ModelsScreen)
        screen = app.screen
        await until(pilot, lambda: rows(screen)[:2] == ["one", "two"])
        await pilot.press("enter")
        await until(pilot, lambda: app.chat.session is not None and app.chat.session.model_name == "one")


async def test_advice_names_keys_of_the_screen() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("a question")
        await pilot.press("enter")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(Failed("The server does not know the model x.", OTHER_MODEL, "request"))
        await until(pilot, lambda: app.chat.conversation.last_reply and app.chat.conversation.last_reply.settled)
        reply = app.chat.conversation.last_reply
        assert reply is not None
        assert isinstance(reply.ending, Failed)
        lines = failure_lines(reply.ending, reply)
    assert lines == [
        "The server does not know the model x.",
        "Choose another model: Ctrl+O lists what the server has.",
    ]
