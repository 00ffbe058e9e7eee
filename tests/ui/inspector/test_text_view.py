"""A view of text alone: its rows at any width, what folds, and what is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.host import until
from tui_chat.ui.inspector.json_rows import TextRow
from tui_chat.ui.inspector.text_view import TextView
from tui_chat.ui.inspector.virtual_list import LEAD
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

SIZE = (40, 10)
HEAD = (TextRow((("POST /chat", "bold"),)), TextRow((("", "text"),)))
LIST = '{"a": [1, 2], "b": 3}'
UNFOLDED = ["▾ {2}", "▾ a: [2]", "0: 1", "1: 2", "b: 3"]
FOLDED = ["▾ {2}", "▸ a: [2]", "b: 3"]


class Host(ThemedApp):
    """An app with nothing but a text view; it notes what is opened, and the keys that the view leaves to others."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.view = TextView()
        self.opened: list[str] = []
        self.keys_left: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.focus()

    def on_text_view_opened(self, event: TextView.Opened) -> None:
        self.opened.append(event.text)

    def on_key(self, event: events.Key) -> None:
        self.keys_left.append(event.key)

    def rows(self) -> list[str]:
        """The rows with text, without the sign of the picked one and without indentation."""
        rows = [strip.text[LEAD:].strip() for strip in self.screen._compositor.render_strips()]
        return [row for row in rows if row]

    def shows(self, rows: list[str]) -> Callable[[], bool]:
        return lambda: self.rows() == rows


def numbered(count: int) -> Callable[[int], Sequence[TextRow]]:
    """So many rows, which name the width that they are laid out for."""
    return lambda width: [TextRow(((f"row {number} of {width}", "text"),)) for number in range(count)]


async def test_the_head_stands_above_a_body_that_folds() -> None:
    app = Host()
    async with app.run_test(size=SIZE):
        app.view.set_content(HEAD, LIST)
        await until(app.shows(["POST /chat", *UNFOLDED]), "head and body")
        assert (app.view.count, app.view.pick) == (len(HEAD) + len(UNFOLDED), 0)


async def test_a_body_that_is_no_document_wraps_and_a_missing_one_has_no_row() -> None:
    app = Host()
    async with app.run_test(size=(10 + LEAD, 10)) as pilot:
        app.view.set_content(HEAD[:1], "abcdefghijklmnop")
        await until(app.shows(["POST /chat", "abcdefghij", "klmnop"]), "a narrow text")
        app.view.pick_row(2)
        await pilot.resize_terminal(20 + LEAD, 10)
        await until(app.shows(["POST /chat", "abcdefghijklmnop"]), "a wide text")
        assert app.view.pick == 1
        app.view.set_content(HEAD[:1])
        await until(app.shows(["POST /chat"]), "the head alone")
        assert app.view.count == 1
        app.view.set_content(())
        assert (app.view.count, app.view.pick) == (0, -1)
        assert not app.view.activate()


async def test_rows_are_laid_out_again_for_another_width_and_for_no_other_height() -> None:
    app = Host()
    widths: list[int] = []

    def rows_for(width: int) -> Sequence[TextRow]:
        widths.append(width)
        return numbered(5)(width)

    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: app.view.size.width == SIZE[0])
        app.view.set_rows(rows_for)
        app.view.pick_row(3)
        await pilot.resize_terminal(SIZE[0], 20)
        await until(lambda: app.view.size.height == 20)
        await pilot.pause()
        assert widths == [SIZE[0] - LEAD]
        await pilot.resize_terminal(30, 20)
        await until(lambda: app.rows()[-1:] == [f"row 4 of {30 - LEAD}"])
        assert app.view.pick == 3


async def test_new_rows_begin_at_the_first_unless_the_place_is_kept() -> None:
    app = Host()
    async with app.run_test(size=SIZE):
        view = app.view
        view.set_rows(numbered(5), keep=True)
        assert view.pick == 0
        view.pick_row(3)
        view.set_rows(numbered(9), keep=True)
        assert view.pick == 3
        view.set_rows(numbered(2), keep=True)
        assert view.pick == 1
        view.set_rows(numbered(5))
        assert view.pick == 0
        view.pick_row(3)
        view.set_content((), LIST)
        assert view.pick == 0
        await until(app.shows(UNFOLDED), "the content in place of the rows")
        view.set_rows(numbered(1))
        await until(app.shows([f"row 0 of {SIZE[0] - LEAD}"]), "the rows in place of the content")


@pytest.mark.parametrize("key", ["enter", "space"])
async def test_a_key_folds_and_unfolds_the_picked_row_and_no_one_else_takes_it(key: str) -> None:
    app = Host()
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: app.focused is app.view)
        app.view.set_content((), LIST)
        app.view.pick_row(1)
        await pilot.press(key)
        await until(app.shows(FOLDED), "folded")
        assert app.view.pick == 1
        await pilot.press(key)
        await until(app.shows(UNFOLDED), "unfolded")
        assert app.view.pick == 1
        assert app.keys_left == []


async def test_a_key_that_does_nothing_here_is_left_to_others() -> None:
    app = Host()
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: app.focused is app.view)
        app.view.set_content((), LIST)
        app.view.pick_row(1)
        await pilot.press("x", "end", "enter")
        await until(lambda: app.keys_left == ["x", "enter"], "both keys")
        assert app.rows() == UNFOLDED
        assert app.opened == []


async def test_a_row_with_the_beginning_of_a_text_opens_all_of_it() -> None:
    app = Host()
    text = "many words " * 20
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: app.focused is app.view)
        app.view.set_content((), f'{{"short": "", "long": "{text}"}}')
        app.view.pick_row(2)
        await pilot.press("enter")
        await until(lambda: app.opened == [text])
        app.view.pick_row(1)
        await pilot.press("enter")
        await until(lambda: app.keys_left == ["enter"])
        assert app.opened == [text]


async def test_the_first_click_picks_a_row_and_the_second_does_what_enter_does() -> None:
    app = Host()
    async with app.run_test(size=SIZE) as pilot:
        app.view.set_content((), LIST)
        await pilot.click(app.view, offset=(6, 1))
        await until(lambda: app.view.pick == 1)
        await pilot.pause()
        assert app.rows() == UNFOLDED
        await pilot.click(app.view, offset=(6, 1))
        await until(app.shows(FOLDED), "folded")
