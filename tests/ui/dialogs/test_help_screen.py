"""The help screen: a page of keys, and a search in all commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.commands import COMMANDS
from tui_chat.keymap import Keymap
from tui_chat.ui.dialogs.dialog_rows import HintRow
from tui_chat.ui.dialogs.help_screen import GROUPS, SIGNS, HelpPage, HelpScreen
from tui_chat.ui.dialogs.row_list import ListRow

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp


async def opened(pilot: Pilot[None], app: ChatApp) -> HelpScreen:
    await pilot.press("f1")
    await until(pilot, lambda: isinstance(app.screen, HelpScreen) and app.screen.is_mounted)
    assert isinstance(app.screen, HelpScreen)
    return app.screen


def names(screen: HelpScreen) -> list[str]:
    return [item.name for item in screen.list.items if isinstance(item, ListRow)]


def lines(app: ChatApp) -> list[str]:
    return app.screen.query_one(HelpPage).render().plain.split("\n")


@pytest.mark.parametrize(("size", "together"), [((120, 36), True), ((60, 30), False), ((40, 12), False)])
async def test_the_groups_stand_beside_one_another_where_there_is_room(size: tuple[int, int], together: bool) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        await opened(pilot, app)
        await until(pilot, lambda: app.screen.query_one(HelpPage).size.width)
        assert (lines(app)[0].split()[:2] == ["Write", "Read"]) is together
        text = "\n".join(lines(app))
        assert all(sign in text for sign, _ in SIGNS)
        assert all(word in text for _, rows in GROUPS for _, word in rows)
        await pilot.press("end")
        await until(pilot, lambda: app.screen.query_one(".page").max_scroll_y == app.screen.query_one(".page").scroll_y)


async def test_below_one_another_the_groups_have_one_column_of_words() -> None:
    async with running(ScriptedBackend(), size=(60, 30)) as (app, pilot):
        await opened(pilot, app)
        await until(pilot, lambda: app.screen.query_one(HelpPage).size.width)
        words = [word for _, rows in GROUPS for _, word in rows]
        rows = [next(line for line in lines(app) if line.endswith(f"  {word}")) for word in words]
        assert len({len(row) - len(word) for row, word in zip(rows, words, strict=True)}) == 1


@pytest.mark.parametrize(("size", "scrolls"), [((120, 60), False), ((80, 24), True), ((40, 12), True)])
async def test_scrolling_is_hinted_at_where_something_is_below(size: tuple[int, int], scrolls: bool) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        screen = await opened(pilot, app)
        await until(pilot, lambda: (screen._page.max_scroll_y > 0) == scrolls)
        await until(pilot, lambda: screen.hint_row._scrollable == scrolls)
        assert ("↑ ↓ scroll" in screen.hint_row.render().plain) == (scrolls and size[0] > 40)


async def test_keys_are_shown_as_the_settings_have_them() -> None:
    async with running(ScriptedBackend(), size=(120, 36)) as (app, pilot):
        app.keymap = Keymap({"new": ("ctrl+b",), "fold": ()})
        await opened(pilot, app)
        text = "\n".join(lines(app))
        assert "Ctrl+B" in text
        assert "Ctrl+N" not in text
        assert "/fold" in text


async def test_a_slash_searches_all_commands_and_enter_runs_the_picked_one() -> None:
    async with running(ScriptedBackend(), size=(120, 36)) as (app, pilot):
        screen = await opened(pilot, app)
        await pilot.press("slash")
        await until(pilot, lambda: len(names(screen)) == len(COMMANDS))
        await pilot.press(*"find in")
        await until(pilot, lambda: names(screen)[:1] == ["Find in this chat"])
        assert "Searches all messages" in screen.query_one(HintRow).render().plain
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat and app.chat.finding.bar.display)


async def test_a_command_that_needs_a_message_is_explained_and_not_run() -> None:
    async with running(ScriptedBackend(), size=(120, 36)) as (app, pilot):
        screen = await opened(pilot, app)
        await pilot.press("tab", *"branch into")
        await until(pilot, lambda: names(screen)[:1] == ["Branch into a new chat from here"])
        await pilot.press("enter")
        await until(pilot, lambda: "copy of the chat" in screen.query_one(HintRow).render().plain)
        assert app.screen is screen
        await pilot.press("tab", "enter", "q")
        await until(pilot, lambda: app.screen is app.chat)


async def test_a_command_is_found_by_what_help_says_of_it() -> None:
    async with running(ScriptedBackend(), size=(120, 36)) as (app, pilot):
        screen = await opened(pilot, app)
        await pilot.press("slash", *"$visual")
        await until(pilot, lambda: screen.words == "$visual")
        await until(pilot, lambda: names(screen) == [c.title for c in COMMANDS if "$VISUAL" in c.help])
        await pilot.press("x")
        await until(pilot, lambda: names(screen) == [])
        await pilot.press("enter", "escape")
        await until(pilot, lambda: app.screen is app.chat)


def test_every_command_of_the_page_exists() -> None:
    known = {command.id for command in COMMANDS}
    assert {name for _, rows in GROUPS for shown, _ in rows for name in shown} <= known
