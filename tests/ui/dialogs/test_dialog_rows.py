"""The first and the last row of a dialog, at any width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.screen import Screen

from tests.ui.host import until
from tui_chat.ui.dialogs.dialog_rows import Hint, HintRow, TitleRow
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from textual.app import ComposeResult

HINTS = (Hint("enter", "choose", "choose"), Hint("up", "move", "move(-1)", "↑ ↓"), Hint("ctrl+d", "remove", "remove"))


class Rows(Screen[None]):
    TITLE = "Models"
    SUB_TITLE = "of all endpoints"

    def __init__(self) -> None:
        super().__init__()
        self.head, self.hints = TitleRow(), HintRow(HINTS)

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.hints


class Host(ThemedApp):
    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows()

    def on_mount(self) -> None:
        self.push_screen(self.rows)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()[:3]]


@pytest.mark.parametrize(
    ("width", "title"),
    [
        (40, "  Models  of all endpoints         Esc  "),
        (28, "  Models               Esc  "),
        (14, "  Models Esc  "),
        (12, "  Mod… Esc  "),
    ],
)
async def test_the_title_gives_way_to_the_key_that_closes(width: int, title: str) -> None:
    app = Host()
    async with app.run_test(size=(width, 5)):
        await until(lambda: app.screen is app.rows and app.lines()[0] == title, title)


@pytest.mark.parametrize(
    ("width", "keys"),
    [
        (60, "  Enter choose   ↑ ↓ move   Ctrl+D remove"),
        (30, "  Enter choose  ↑ ↓ move"),
        (16, "  Enter choose"),
        (8, ""),
    ],
)
async def test_keys_that_do_not_fit_are_left_out_whole(width: int, keys: str) -> None:
    app = Host()
    async with app.run_test(size=(width, 5)):
        await until(lambda: app.screen is app.rows and app.lines()[2].rstrip() == keys, keys)


async def test_a_note_stands_at_the_right_where_there_is_room_and_a_notice_above_the_keys() -> None:
    app = Host()
    async with app.run_test(size=(60, 5)) as pilot:
        await until(lambda: app.screen is app.rows)
        app.rows.hints.show_note("12 models")
        app.rows.hints.show_notice("It is\nremoved.", bad=False)
        await until(lambda: app.lines()[2].endswith("12 models  "))
        assert app.lines()[1].strip() == "It is removed."
        app.rows.hints.show(HINTS[:1])
        await pilot.pause()
        assert app.lines()[2].split() == ["Enter", "choose", "12", "models"]
