"""A dialog that asks for one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.ui.dialogs.text_input_screen import LineBox, LineScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp


async def asked(pilot: Pilot[None], app: ChatApp, *, one_line: bool = False) -> tuple[LineScreen, list[str | None]]:
    """The open dialog, and what it returns."""
    results: list[str | None] = []
    screen = LineScreen("Title [b]", "About [i]it", "old", verb="save", one_line=one_line)
    app.push_screen(screen, results.append)
    await until(pilot, lambda: app.screen is screen and screen.is_mounted and screen.query(LineBox))
    return screen, results


async def test_enter_gives_the_text_with_the_letters_typed_before_it() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        _, results = await asked(pilot, app)
        await pilot.press(*"er", "ctrl+j", "x", "enter")
        await until(pilot, lambda: results == ["older\nx"])


async def test_esc_gives_nothing() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        _, results = await asked(pilot, app)
        await pilot.press("x", "escape")
        await until(pilot, lambda: results == [None])


@pytest.mark.parametrize(("keys", "result"), [("new", "new"), (("end", "!"), "old!"), ((), "old")])
async def test_typing_replaces_a_text_of_one_line_until_the_cursor_is_moved(keys: Sequence[str], result: str) -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        _, results = await asked(pilot, app, one_line=True)
        await pilot.press(*keys, "enter")
        await until(pilot, lambda: results == [result])


async def test_a_text_of_one_line_stays_one() -> None:
    async with running(ScriptedBackend()) as (app, pilot):
        screen, results = await asked(pilot, app, one_line=True)
        screen.query_one(LineBox).post_message(events.Paste(" a\nb"))
        await pilot.press("ctrl+j", "shift+enter", "!", "enter")
        await until(pilot, lambda: results)
        assert "\n" not in (results[0] or "\n")


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 36)])
async def test_title_and_keys_can_be_seen_and_clicked(size: tuple[int, int]) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        screen, results = await asked(pilot, app)
        await until(pilot, lambda: screen.hint_row.size.width)
        assert "Title [b]" in screen.title_row.render().plain
        assert "Enter save" in screen.hint_row.render().plain
        await pilot.click(screen.hint_row, offset=(3, screen.hint_row.size.height - 1))
        await until(pilot, lambda: results == ["old"])
