"""`/usage` on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.history.chats import store
from tests.history.test_usage import answer, kept
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.chat.events import Finished, Usage
from tui_chat.commands import by_slash
from tui_chat.ui.dialogs.usage_screen import UsageScreen

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.ui.app import ChatApp

DONE = Finished("stop", "done-sentinel")


async def run(app: ChatApp, word: str, argument: str = "") -> None:
    """Run a slash command."""
    command = by_slash(word)
    assert command is not None
    await app.chat.run_command(command, argument)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 36)])
async def test_usage_is_shown_by_day_model_and_endpoint(tmp_path: Path, size: tuple[int, int]) -> None:
    with store(tmp_path) as history:
        answer(kept(history), Usage(1000, 10, cost=0.5), None, model="dear")
        async with running(ScriptedBackend(history=history), size=size) as (app, pilot):
            await run(app, "usage")
            screen = app.screen
            assert isinstance(screen, UsageScreen)
            await until(pilot, lambda: (screen.title, screen.sub_title) == ("Usage by day", "the last 30 days"))
            await pilot.press("tab")
            await until(pilot, lambda: (screen.title, screen.sub_title) == ("Usage by model", "the last 30 days"))
            assert "$0.50" in str(screen._table.content)
            await pilot.press("a")
            await until(pilot, lambda: (screen.title, screen.sub_title) == ("Usage by model", "all time"))
            hint = screen.hint_row.region
            assert hint.bottom <= size[1]
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.chat)


async def test_a_long_table_begins_at_its_total_and_scrolls_by_keys(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        for number in range(40):
            answer(chat, Usage(1000 - number, 10), None, model=f"model-{number}")
        async with running(ScriptedBackend(history=history), size=(80, 24)) as (app, pilot):
            await run(app, "usage", "model")
            screen = app.screen
            assert isinstance(screen, UsageScreen)
            scroll = screen._scroll
            await until(pilot, lambda: 0 < scroll.max_scroll_y == scroll.scroll_y, "the end of the table")
            await until(pilot, lambda: "↑ ↓ scroll" in screen.hint_row.render().plain, "the hint")
            await pilot.press("up")
            await until(pilot, lambda: scroll.scroll_y == scroll.max_scroll_y - 1, "a row up")
            await pilot.press("home")
            await until(pilot, lambda: scroll.scroll_y == 0, "the first row")
