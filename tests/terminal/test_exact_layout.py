"""A content that changes between two layouts is seen whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from tests.conftest import own_renderer
from tui_chat.terminal.exact_layout import ExactLayout
from tui_chat.terminal.streaming_screen import StreamingScreen
from tui_chat.ui.dialogs.dialog import Dialog

if TYPE_CHECKING:
    from textual.screen import Screen


class Counter(Static):
    """As wide as its text."""

    DEFAULT_CSS = "Counter { width: auto; height: auto; }"


class OneCounter(ExactLayout[None]):
    """A screen with a counter."""

    def compose(self) -> ComposeResult:
        """The counter alone."""
        yield Counter("0", markup=False)


@own_renderer
@pytest.mark.parametrize("words", ["1 of 2", "1\n2\n3"])
async def test_a_change_right_after_a_layout_is_laid_out(words: str) -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        screen = OneCounter()
        await app.push_screen(screen)
        await pilot.pause()
        counter = screen.query_one(Counter)
        counter.update("…")
        screen._clear_arrangement_cache()  # a neighbour has asked for a layout before the counter had its turn
        screen._refresh_layout()
        counter.update(words)
        await pilot.pause()
        lines = words.split("\n")
        assert counter.size == (max(map(len, lines)), len(lines))


@pytest.mark.parametrize("screen", [StreamingScreen, Dialog])
def test_all_screens_have_it(screen: type[Screen[None]]) -> None:
    assert issubclass(screen, ExactLayout)
