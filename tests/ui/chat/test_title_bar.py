from __future__ import annotations

import pytest
from textual.geometry import Size

from tui_chat.ui.chat.title_bar import ROWS_FOR_A_BLANK, TitleBar
from tui_chat.ui.column import GUTTER, column_of


class FixedTitleBar(TitleBar):
    """A title of a size that a test gives it, outside of any screen."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width

    @property
    def size(self) -> Size:
        return Size(self._width, 1)


def row(width: int, left: str, right: str, widest: int = 0) -> str:
    bar = FixedTitleBar(width)
    bar.set_reactive(TitleBar.left, left)
    bar.set_reactive(TitleBar.right, right)
    bar.set_reactive(TitleBar.widest, widest)
    return bar.render().plain


def test_the_two_stand_at_both_ends_of_the_column() -> None:
    shown = row(40, "title", "2 running")
    assert shown.strip().startswith("title")
    assert shown.endswith("2 running")
    assert len(shown) == 40 - GUTTER
    assert shown.startswith(" " * GUTTER + "title")


def test_a_wide_screen_has_them_over_the_column_and_not_at_its_own_ends() -> None:
    column = column_of(200, 100)
    shown = row(200, "title", "2 running", widest=100)
    assert shown.index("title") == column.left + GUTTER
    assert len(shown) == column.left + column.width - GUTTER


def test_a_long_title_gives_way_to_what_runs() -> None:
    shown = row(30, "a title of a good many words", "2 running")
    assert shown.endswith("2 running")
    assert "…" in shown
    assert len(shown) == 30 - GUTTER
    assert shown[shown.index("…") + 1 : shown.index("2")].isspace()


@pytest.mark.parametrize("width", range(1, 24))
def test_no_width_is_too_small(width: int) -> None:
    assert len(row(width, "a title of words", "2 running")) <= max(width, GUTTER)


@pytest.mark.parametrize(("rows", "roomy"), [(ROWS_FOR_A_BLANK - 1, False), (ROWS_FOR_A_BLANK, True)])
def test_a_blank_row_below_it_needs_a_tall_screen(rows: int, roomy: bool) -> None:
    bar = TitleBar()
    bar.fit(Size(80, rows))
    assert bar.has_class("-roomy") is roomy
    assert bar.display


def test_a_screen_too_small_for_a_frame_has_no_title() -> None:
    bar = TitleBar()
    bar.fit(Size(80, 5))
    assert not bar.display
