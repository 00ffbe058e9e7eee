"""A list of any length: which row is picked, what is in sight, and how foreign text is cut."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.ui.host import until
from tui_chat.ui.inspector.virtual_list import VirtualList, end_within, one_line
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui_chat.ui.inspector.virtual_list import Piece

HEIGHT = 10


class Numbers(VirtualList):
    """Rows that show their index."""

    def row(self, index: int, width: int) -> Sequence[Piece]:
        return [(f"row {index}", "text"), (" and more than fits" * 10, "muted")]


class Host(ThemedApp):
    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.numbers = Numbers()
        self.picked: list[tuple[int, bool]] = []

    def compose(self) -> ComposeResult:
        yield self.numbers

    def on_mount(self) -> None:
        self.numbers.focus()

    def on_virtual_list_picked(self, event: VirtualList.Picked) -> None:
        self.picked.append((event.list.pick, event.again))

    def rows(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]


async def test_the_end_is_followed_until_another_row_is_picked() -> None:
    app = Host()
    async with app.run_test(size=(30, HEIGHT)) as pilot:
        await until(lambda: app.focused is app.numbers)
        app.numbers.show(50)
        assert app.numbers.pick == 49
        app.numbers.show(60)
        assert (app.numbers.pick, app.numbers.following) == (59, True)
        await pilot.press("k")
        app.numbers.show(70)
        assert (app.numbers.pick, app.numbers.following) == (58, False)
        app.numbers.show(5)
        assert app.numbers.pick == 4


@pytest.mark.parametrize(
    ("keys", "pick"),
    [
        (("g",), 0),
        (("g", "j", "j"), 2),
        (("g", "pagedown"), HEIGHT - 1),
        (("g", "k"), 0),
        (("end",), 99),
        (("pageup",), 99 - (HEIGHT - 1)),
        (("j",), 99),
    ],
)
async def test_keys_move_the_pick_and_stay_within_the_rows(keys: tuple[str, ...], pick: int) -> None:
    app = Host()
    async with app.run_test(size=(30, HEIGHT)) as pilot:
        await until(lambda: app.numbers.size.height == HEIGHT and app.focused is app.numbers)
        app.numbers.show(100)
        await pilot.press(*keys)
        await until(lambda: app.numbers.pick == pick)
        await until(lambda: any(row.startswith(f"▸ row {pick} ") for row in app.rows()))


async def test_a_click_picks_a_row_and_a_second_one_says_so() -> None:
    app = Host()
    async with app.run_test(size=(30, HEIGHT)) as pilot:
        app.numbers.show(3)
        await pilot.click(app.numbers, offset=(3, 1))
        await pilot.click(app.numbers, offset=(3, 1))
        await until(lambda: app.picked == [(1, False), (1, True)])
        await pilot.click(app.numbers, offset=(3, 8))
        assert app.numbers.pick == 1


async def test_an_empty_list_has_no_pick() -> None:
    app = Host()
    async with app.run_test(size=(30, HEIGHT)) as pilot:
        app.numbers.show(0)
        await pilot.press("g", "G", "j", "pageup")
        assert app.numbers.pick == -1
        assert not any(app.rows())


@given(st.text("ab\n\t\x1b日é👨‍👩‍👧", max_size=60), st.integers(-1, 20))
def test_foreign_text_fits_its_cells_and_drives_no_terminal(text: str, cells: int) -> None:
    shown = one_line(text, cells)
    assert cell_len(shown) <= max(0, cells)
    assert not any(character in shown for character in "\n\t\x1b")


@given(st.text(alphabet="a日\u200d\ufe0f\u0301👩🏽🇩🇪한\u1160 ", max_size=300), st.integers(1, 20))
def test_a_text_that_is_cut_into_parts_of_some_cells_stays_whole(text: str, cells: int) -> None:
    at, parts = 0, []
    while at < len(text):
        end = max(at + 1, end_within(text, cells, at))
        parts.append(text[at:end])
        at = end
    assert all(cell_len(part) <= max(cells, 2) for part in parts)
    for part, later in pairwise(parts):
        assert cell_len(part) > cells or cell_len(part + later[0]) > cells


@pytest.mark.parametrize("text", ["\u200d\u200d日a", "\u200d\u200d한👩", "🏽", "🏽abc"])
def test_texts_that_begin_with_a_joiner_or_a_modifier_are_cut_too(text: str) -> None:
    for cells in range(1, 6):
        assert cell_len(one_line(text, cells)) <= cells


@pytest.mark.parametrize(("text", "shown"), [("abc", "abc"), ("abcdef", "abcd…"), ("a b  cd", "a b…"), ("a\nb", "a b")])
def test_a_text_that_is_cut_ends_with_an_ellipsis(text: str, shown: str) -> None:
    assert one_line(text, 5) == shown
