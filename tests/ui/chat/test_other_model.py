"""A reply that failed offers another model, with which the question can be asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.endpoint_ports import EndpointInfo
from tui_chat.chat.events import Failed, Finished, TextDelta
from tui_chat.chat.model_ports import Connection, KnownModels, ModelInfo
from tui_chat.ui.dialogs.endpoints.model_picker import ModelPicker

if TYPE_CHECKING:
    from tui_chat.ui.app import ChatApp


async def test_after_a_failure_another_model_is_chosen_and_answers() -> None:
    backend = ScriptedBackend()
    backend.manager.infos = [EndpointInfo("test.example", "test.example", current=True)]
    backend.manager.lists = {"test.example": [ModelInfo("tiny-model"), ModelInfo("big-model")]}
    async with running(backend) as (app, pilot):
        app.chat.composer.prompt.put("a question")
        await pilot.press("enter")
        await until(pilot, lambda: backend.model.questions)
        backend.model.say(Failed("The server does not know the model tiny-model (404).", kind="request", status=404))
        await until(pilot, lambda: app.chat.session is not None and not app.chat.session.busy)
        await app.chat.action_press("model")
        await until(pilot, lambda: isinstance(app.screen, ModelPicker) and len(app.screen.list.items) > 2)
        await pilot.press(*"big", "enter")
        await until(pilot, lambda: app.screen is app.chat)
        await pilot.press(*"/retry", "enter")
        await until(pilot, lambda: [each.model for each in backend.model.questions] == ["tiny-model", "big-model"])
        backend.model.say(TextDelta("an answer"), Finished("stop", "done-sentinel"))
        await until(pilot, lambda: app.chat.session is not None and not app.chat.session.busy)


@pytest.mark.parametrize("typed", ["large@far.example", "large"])
async def test_a_model_of_another_endpoint_is_chosen_by_name(typed: str) -> None:
    backend = ScriptedBackend()
    backend.names = ["test.example", "far.example"]
    backend.at["far.example"] = Connection(backend.model, "", name="far.example")
    backend.manager.caches = {
        "test.example": KnownModels((ModelInfo("tiny-model"),), 0.0),
        "far.example": KnownModels((ModelInfo("large"),), 0.0),
    }
    async with running(backend) as (app, pilot):
        await until(pilot, lambda: app.chat.commands.start.shown, "the start page")
        app.chat.composer.put(f"/model {typed}")
        await pilot.press("enter")
        await until(pilot, lambda: backend.manager.current == "far.example", "the other endpoint")
        await until(pilot, lambda: app.chat.session is not None and app.chat.session.model_name == "large")
        await until(pilot, lambda: "large · far.example" in start_text(app), "the start page with the new model")


async def test_the_start_page_says_which_model_was_chosen() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        await until(pilot, lambda: "tiny-model" in start_text(app), "the start page")
        app.chat.composer.put("/model other")
        await pilot.press("enter")
        await until(pilot, lambda: "other · test.example" in start_text(app), "the start page with the new model")


async def test_a_misspelt_endpoint_is_refused_and_nothing_changes() -> None:
    backend = ScriptedBackend()
    backend.names = ["test.example", "far.example"]
    async with running(backend) as (app, pilot):
        await until(pilot, lambda: app.chat.ready, "the settings")
        app.chat.composer.put("/model large@far.exmaple")
        await pilot.press("enter")
        await until(pilot, lambda: [each.message for each in app._notifications], "the refusal")
        assert app.chat.session is not None
        assert app.chat.session.model_name == "tiny-model"


def start_text(app: ChatApp) -> str:
    """What the page of an empty chat says; empty if it is not shown."""
    page = app.chat.commands.start.shown
    return "" if page is None else page.header.render().plain
