"""Themes, chosen without a screen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from tests.ui.chat.fake_pane import Notices
from tui_chat.chat.conversation import Conversation
from tui_chat.ui.chat.display_commands import DisplayCommands, ThemeChosen
from tui_chat.ui.dialogs.theme_picker import ThemePicker

if TYPE_CHECKING:
    from collections.abc import Container

    from textual.screen import Screen


def commands(themes: Container[str] = ("dark", "light")) -> tuple[DisplayCommands, list[object], Notices]:
    """The commands over an app with these themes; what they post, and the dialogs that they open; what is said."""
    done: list[object] = []
    app = SimpleNamespace(
        theme="dark",
        chosen_theme="dark",
        available_themes=themes,
        push_screen=lambda dialog, _: done.append(dialog),
    )
    screen = SimpleNamespace(app=app, post_message=done.append)
    said = Notices()
    return DisplayCommands(cast("Screen[None]", screen), Conversation, said), done, said


def test_a_theme_is_taken_by_its_name() -> None:
    display, done, said = commands()
    display.theme("light")
    assert (done, said.refusals) == ([ThemeChosen("light")], [])


def test_a_theme_of_our_own_is_taken_by_the_short_name_too() -> None:
    display, done, _ = commands({"tui-chat-dark", "tui-chat-light", "ansi-light"})
    display.theme("light")
    display.theme("Ansi-Light")
    assert done == [ThemeChosen("tui-chat-light"), ThemeChosen("ansi-light")]


def test_a_theme_that_does_not_exist_changes_nothing_and_is_said() -> None:
    display, done, said = commands()
    display.theme("lihgt")
    assert (done, said.refusals) == ([], ["There is no theme lihgt; /theme shows the list."])


def test_without_a_name_the_list_opens() -> None:
    display, done, _ = commands()
    display.theme()
    assert [type(each) for each in done] == [ThemePicker]
