"""The find bar takes the place of the status row."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.ui.find.find_bar import FindHints


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 36), (200, 60)])
async def test_nothing_moves_when_the_bar_opens_and_closes(size: tuple[int, int]) -> None:
    async with running(ScriptedBackend(), size=size) as (app, pilot):
        await app.chat.mount_late_parts()
        await pilot.pause()
        chat = app.chat
        before = (chat.pane.region, chat.composer.region, chat.status.region)
        await pilot.press("ctrl+f", "x")
        await until(pilot, lambda: chat.finding.bar.region)
        assert (chat.pane.region, chat.composer.region, chat.finding.bar.region) == before
        assert not chat.status.display
        await pilot.press("escape")
        await until(pilot, lambda: chat.status.region and not chat.finding.bar.display)
        assert (chat.pane.region, chat.composer.region, chat.status.region) == before


async def test_the_keys_can_be_clicked() -> None:
    async with running(ScriptedBackend(), size=(120, 30)) as (app, pilot):
        steps: list[int] = []
        app.chat.finding.finder.step = steps.append  # type: ignore[method-assign, assignment]
        await pilot.press("ctrl+f", "x")
        await until(pilot, lambda: app.screen.query(FindHints) and app.screen.query_one(FindHints).size.width)
        hints = app.screen.query_one(FindHints)
        words = str(hints.render())
        for word in ("next", "previous"):
            await pilot.click(hints, offset=(words.index(word), 0))
        await until(pilot, lambda: steps == [1, -1])
        await pilot.click(hints, offset=(words.index("close"), 0))
        await until(pilot, lambda: not app.chat.finding.bar.display)
        assert app.chat.composer.prompt.has_focus


async def test_a_dialog_is_opened_and_left_while_the_bar_is_open() -> None:
    async with running(ScriptedBackend(), size=(80, 24)) as (app, pilot):
        await pilot.press("ctrl+f", "x", "ctrl+s", "escape")
        await until(pilot, lambda: app.screen is app.chat)
        await pilot.resize_terminal(40, 12)
        await until(pilot, lambda: app.chat.size == (40, 12))
        await pilot.resize_terminal(1, 1)
        await until(pilot, lambda: app.chat.size == (1, 1))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.chat.finding.bar.region.height == 1)
        assert Region(0, 0, 80, 24).contains_region(app.chat.finding.bar.region)


async def test_a_narrow_bar_says_how_to_go_on_and_how_to_close_it() -> None:
    async with running(ScriptedBackend(), size=(80, 24)) as (app, pilot):
        await pilot.press("ctrl+f", "x")
        await until(pilot, lambda: app.screen.query(FindHints))
        hints = app.screen.query_one(FindHints)
        await until(pilot, lambda: str(hints.render()) == "Enter next  Esc close")
        await pilot.resize_terminal(40, 12)
        await until(pilot, lambda: str(hints.render()) == "Esc close")


async def test_enter_and_the_arrows_step_through_the_matches() -> None:
    async with running(ScriptedBackend(), size=(120, 30)) as (app, pilot):
        steps: list[int] = []
        app.chat.finding.finder.step = steps.append  # type: ignore[method-assign, assignment]
        await pilot.press("ctrl+f", "x")
        await until(pilot, lambda: app.screen.query(FindHints))
        await pilot.press("enter", "down", "shift+enter", "up")
        await until(pilot, lambda: steps == [1, 1, -1, -1])
