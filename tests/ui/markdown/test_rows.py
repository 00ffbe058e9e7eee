"""Rows: painted once, placed in a pane, with bars over their blank cells."""

from __future__ import annotations

import pytest
from rich.style import Style as RichStyle
from textual.style import Style

from tests.ui.markdown_texts import LOOK
from tui_chat.ui.markdown.rows import Bars, WrappedRow, first_shorter

FILL = RichStyle(color="red")


def row(text: str = "word") -> WrappedRow:
    return WrappedRow(10, 0, 0, (("  ", LOOK.text),), text, (), LOOK.text)


def test_a_row_is_painted_once_and_only_when_looked_at() -> None:
    one = row()
    assert one._strip is None
    assert one.strip is one.strip
    assert one.strip.text == "  word    "


@pytest.mark.parametrize(("left", "width", "text"), [(0, 10, "  word    "), (3, 15, "     word      ")])
def test_a_row_is_placed_in_its_pane_with_blanks_around_it(left: int, width: int, text: str) -> None:
    placed = row().placed(left, width, FILL)
    assert (placed.text, placed.cell_length) == (text, width)


def test_blanks_around_a_row_are_joined_with_text_of_their_style() -> None:
    own = next(iter(row().strip)).style
    assert own is not None
    assert [segment.text for segment in row().placed(3, 15, own)] == ["     word      "]
    assert [segment.text for segment in row().placed(3, 15, FILL)] == ["   ", "  word    ", "  "]


def test_a_placed_row_is_made_again_only_for_another_place() -> None:
    one = row()
    placed = one.placed(3, 15, FILL)
    assert one.placed(3, 15, FILL) is placed
    assert one.placed(2, 15, FILL).text == "    word       "
    assert one.placed(2, 16, FILL).cell_length == 16


def test_a_row_with_a_wide_character_has_the_width_of_its_column() -> None:
    assert row("日本").strip.cell_length == 10


def test_bars_stand_over_blank_cells_alone() -> None:
    bars = Bars((0, 2, 3), "|", Style(bold=True))
    painted = bars.over([("  ", Style()), ("a b", Style())])
    assert "".join(text for text, _ in painted) == "| a|b"
    assert [text for text, style in painted if style.bold] == ["|", "|"]


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        (0, ["one two", "three four"]),
        (4, ["one", "two three", "four"]),
        (-2, ["one two", "three", "four"]),
    ],
)
def test_the_first_row_or_the_others_are_shorter(cells: int, rows: list[str]) -> None:
    text = "one two three four"
    assert [text[start:end] for start, end in first_shorter(text, 10, cells)] == rows
