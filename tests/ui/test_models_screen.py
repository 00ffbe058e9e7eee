"""Choosing who answers, from a list or by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import OptionList, Static

from tests.ui.scripted import ScriptedHouse, running, until
from tui_chat.chat.events import Failed
from tui_chat.chat.ports import KnownModels, ModelInfo
from tui_chat.ui.models_screen import FilterBox, ModelsScreen

if TYPE_CHECKING:
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
    house = ScriptedHouse()
    house.listed = [ModelInfo("llama-3-8b", 8192), ModelInfo("qwen3-32b", 40_960, 0.1, 0.3)]
    async with running(house) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: len(rows(screen)) == 2)
        assert rows(screen) == ["llama-3-8b  8,192 context", "qwen3-32b  41.0k context · $0.1 / $0.3 per million"]
        await pilot.press("q", "w", "3")
        await until(pilot, lambda: rows(screen)[0].startswith("qwen3-32b"))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.session is not None
        assert app.chat.session.model_name == "qwen3-32b"
        assert "qwen3-32b @ test.example" in app.chat.status.render().plain


async def test_a_name_that_is_not_listed_can_be_typed_where_the_server_gives_no_list() -> None:
    house = ScriptedHouse()
    house.listed = Failed("The server gives no list of models.", "Type the model's name.")
    async with running(house) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: "no list" in str(screen.query_one(".hint", Static).content))
        await pilot.press("n", "e", "w")
        await until(pilot, lambda: rows(screen) == ["new  as typed"])
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.session is not None
        assert app.chat.session.model_name == "new"


async def test_the_list_as_it_was_is_there_at_once() -> None:
    house = ScriptedHouse()
    house.known = KnownModels((ModelInfo("known-before"),), 3600.0)
    house.listed = [ModelInfo("known-before"), ModelInfo("new")]
    async with running(house) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: rows(screen) == ["known-before", "new"])


async def test_another_endpoint_answers_from_the_next_question_on() -> None:
    house = ScriptedHouse()
    house.names = ["default", "local"]
    async with running(house) as (app, pilot):
        screen = await opened(app, pilot)
        await until(pilot, lambda: rows(screen) == ["default  endpoint", "local  endpoint"])
        await pilot.press("down", "enter")
        await until(pilot, lambda: house.opened == ["local"])
        await until(pilot, lambda: app.screen is app.chat)


async def test_escape_leaves_everything_as_it_was() -> None:
    house = ScriptedHouse()
    async with running(house) as (app, pilot):
        screen = await opened(app, pilot)
        screen.query_one(FilterBox).put("something")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.chat.session is not None
        assert app.chat.session.model_name == "tiny-model"


async def test_where_several_could_be_asked_the_person_is_asked_first() -> None:
    house = ScriptedHouse(undecided=True)
    house.names = ["openai", "groq"]
    async with running(house) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen) and app.screen.query(OptionList))
        assert isinstance(app.screen, ModelsScreen)
        screen = app.screen
        await until(pilot, lambda: rows(screen) == ["openai  endpoint", "groq  endpoint"])
        await pilot.press("enter")
        await until(pilot, lambda: house.opened == ["openai"])
