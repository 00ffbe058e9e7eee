"""The menu of slash words: what fits, how much more there is, and what may follow a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import MouseScrollDown

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.commands import COMMANDS, by_id, completions
from tui_chat.keymap import Keymap

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

TOTAL = len(completions(""))


def rows(app: ChatApp) -> list[str]:
    return app.chat.composer.menu.render().plain.split("\n")


async def typed(pilot: Pilot[None], app: ChatApp, text: str) -> None:
    await app.chat.mount_late_parts()
    app.chat.composer.prompt.put(text)
    await until(pilot, lambda: app.chat.composer.menu.region.height)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 36), (200, 60)])
async def test_a_list_that_is_longer_than_the_menu_says_how_long_and_scrolls(size: tuple[int, int]) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        await typed(pilot, app, "/")
        menu = app.chat.composer.menu
        await until(pilot, lambda: f"1 of {TOTAL}" in rows(app)[-1])
        for number in range(2, TOTAL + 1):
            await pilot.press("down")
            await until(pilot, lambda number=number: f"{number} of {TOTAL}" in rows(app)[-1])  # type: ignore[misc]
            assert menu.picked is not None
            assert any(row.startswith(f"▸ /{menu.picked.slash}") for row in rows(app))
            assert all(len(row) <= menu.size.width for row in rows(app))
        await pilot.press("down")
        await until(pilot, lambda: f"1 of {TOTAL}" in rows(app)[-1])
        assert len(rows(app)) == menu.size.height <= max(1, size[1] // 3)


async def test_a_short_list_has_no_count_and_shows_keys_as_the_settings_have_them() -> None:
    async with running(ScriptedBackend(), size=(100, 30)) as (app, pilot):
        app.keymap = Keymap({"model": ("ctrl+b",)})
        await typed(pilot, app, "/mod")
        assert [row.split() for row in rows(app)] == [["▸", "/model", "NAME", *by_id("model").title.split(), "Ctrl+B"]]


async def test_what_may_follow_a_word_is_shown_while_it_is_typed() -> None:
    async with running(ScriptedBackend(), size=(100, 30)) as (app, pilot):
        await typed(pilot, app, "/mod")
        await pilot.press("tab")
        menu = app.chat.composer.menu
        await until(pilot, lambda: "/model NAME" in rows(app)[0] and "sets the model" in " ".join(rows(app)))
        assert not menu.open
        await pilot.press("x", "up", "down")
        assert app.chat.composer.text == "/model x"
        await pilot.press("ctrl+j")
        await until(pilot, lambda: not menu.display)


@pytest.mark.parametrize("text", ["/help me", "/nothing x", "/", "text /model ", " /model "])
async def test_nothing_is_explained_where_nothing_may_follow(text: str) -> None:
    async with running(ScriptedBackend(), size=(100, 30)) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.composer.prompt.put(text)
        await pilot.pause()
        assert app.chat.composer.menu.display is (text == "/")


async def test_a_click_completes_and_runs_and_the_wheel_moves_the_pick() -> None:
    async with running(ScriptedBackend(), size=(100, 30)) as (app, pilot):
        await typed(pilot, app, "/")
        menu = app.chat.composer.menu
        await pilot._post_mouse_events([MouseScrollDown], menu, offset=(5, 0))
        await until(pilot, lambda: menu.pick == 1)
        await typed(pilot, app, "/fin")
        await until(pilot, lambda: len(rows(app)) == 1)
        await pilot.click(menu, offset=(5, 0))
        await until(pilot, lambda: app.chat.composer.text == "/find ")
        await typed(pilot, app, "/hel")
        await until(pilot, lambda: "/help" in rows(app)[0])
        await pilot.click(menu, offset=(5, 0))
        await until(pilot, lambda: len(app.screen_stack) == 2)


@pytest.mark.parametrize("width", [1, 3, 10, 30, 59, 60, 200])
async def test_every_command_is_explained_at_every_width(width: int) -> None:
    async with running(ScriptedBackend(), size=(width, 30)) as (app, pilot):
        await app.chat.mount_late_parts()
        for command in COMMANDS:
            if command.argument and command.slash:
                app.chat.composer.prompt.put(f"/{command.slash} x")
                await pilot.pause()
                assert all(len(row) <= max(1, width) for row in rows(app))
        assert app._exception is None
