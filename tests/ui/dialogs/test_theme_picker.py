"""The screen takes on the picked theme, and its old one again when the list is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.ui.dialogs.theme_picker import ThemePicker

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp


async def opened(pilot: Pilot[None], app: ChatApp) -> ThemePicker:
    await pilot.press("/", *"theme", "enter")
    await until(pilot, lambda: isinstance(app.screen, ThemePicker) and app.screen.is_mounted)
    assert isinstance(app.screen, ThemePicker)
    return app.screen


def pick(picker: ThemePicker) -> object:
    return picker.list.picked.value if picker.list.picked is not None else None


async def test_the_picked_theme_is_shown_at_once_and_esc_goes_back() -> None:
    backend = ScriptedBackend(theme="nord")
    async with running(backend) as (app, pilot):
        picker = await opened(pilot, app)
        assert pick(picker) == "nord"
        await pilot.press("down")
        await until(pilot, lambda: app.theme == pick(picker) != "nord")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.theme == "nord"
        assert backend.kept_theme == ""


async def test_enter_takes_the_theme_and_saves_it() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        await opened(pilot, app)
        await pilot.press(*"gruv", "enter")
        await until(pilot, lambda: backend.kept_theme == "gruvbox")
        assert app.theme == "gruvbox"


async def test_a_preview_that_is_due_when_the_list_was_left_does_not_come() -> None:
    async with running(ScriptedBackend(theme="nord")) as (app, pilot):
        picker = await opened(pilot, app)
        await pilot.press("down")
        row = picker.list.picked
        assert row is not None
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        picker._preview(row)
        assert app.theme == "nord"


async def test_auto_is_among_the_themes_and_marked_while_it_is_chosen() -> None:
    backend = ScriptedBackend(theme="auto")
    async with running(backend) as (app, pilot):
        picker = await opened(pilot, app)
        assert pick(picker) == "auto"
        await pilot.press("down")
        await until(pilot, lambda: app.chosen_theme != "auto")
        await pilot.press("escape")
        await until(pilot, lambda: app.chosen_theme == "auto")
        await pilot.press("/", *"theme nord", "enter")
        await until(pilot, lambda: app.chosen_theme == "nord")
        await pilot.press("/", *"theme auto", "enter")
        await until(pilot, lambda: backend.kept_theme == "auto")
        assert (app.theme, app.chosen_theme) == ("tui-chat-dark", "auto")


async def test_the_chat_beside_the_list_keeps_the_colours_of_the_theme() -> None:
    async with running(ScriptedBackend(), size=(80, 24)) as (app, pilot):
        picker = await opened(pilot, app)
        assert picker.styles.background.a == 0
        assert not picker.query_one(".panel").region.overlaps(Region(0, 0, 40, 24))
