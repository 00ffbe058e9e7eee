"""Themes, chosen without a screen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from tests.ui.chat.fake_pane import Said
from tui_chat.ui.chat.display_commands import DisplayCommands

if TYPE_CHECKING:
    from textual.screen import Screen


def commands() -> tuple[DisplayCommands, Any, Said]:
    """The commands over an app with two themes; the app; what is said."""
    lists: list[None] = []
    app = SimpleNamespace(theme="dark", available_themes={"dark", "light"}, lists=lists)
    app.search_themes = lambda: lists.append(None)
    said = Said()
    return DisplayCommands(cast("Screen[None]", SimpleNamespace(app=app)), said), app, said


def test_a_theme_is_taken_by_its_name() -> None:
    display, app, said = commands()
    display.theme("light")
    assert (app.theme, app.lists, said.refusals) == ("light", [], [])


def test_a_theme_that_does_not_exist_changes_nothing_and_is_said() -> None:
    display, app, said = commands()
    display.theme("lihgt")
    assert (app.theme, said.refusals) == ("dark", ["There is no theme lihgt; /theme shows the list."])


def test_without_a_name_the_list_opens() -> None:
    display, app, _ = commands()
    display.theme()
    assert (app.theme, len(app.lists)) == ("dark", 1)
