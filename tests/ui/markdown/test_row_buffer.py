"""The buffer into which rows are rendered."""

from __future__ import annotations

from textual.style import Style

from tests.ui.markdown_texts import LOOK, settled
from tui_chat.ui.markdown.row_buffer import RowBuffer
from tui_chat.ui.markdown.rows import WrappedRow
from tui_chat.ui.markdown.styled_text import StyledText


def strips(buffer: RowBuffer) -> list[str]:
    return [row.strip.text for row in buffer.rows]


def test_rows_say_where_their_text_begins() -> None:
    buffer = RowBuffer(15, LOOK)
    buffer.text(StyledText("one two three four"), own="• ", hang="  ", indent="  ")
    assert [(row.line, row.start, row.prefix, row.text) for row in buffer.rows] == [
        (0, 0, 4, "• one two"),
        (0, 10, 6, "three"),
        (0, 16, 6, "four"),
    ]
    assert buffer.lines == ["• one two three four"]


def test_the_gutter_of_code_is_not_in_its_logical_line() -> None:
    buffer = RowBuffer(12, LOOK)
    buffer.code_line(StyledText("\tx = 'long'"))
    assert buffer.lines == ["    x = 'long'"]
    assert [(row.start, row.prefix, row.text) for row in buffer.rows] == [(0, 2, "    x = '"), (9, 2, "long'")]
    assert {segment.style.bgcolor for row in buffer.rows for segment in row.strip if segment.style} == {
        LOOK.code_block.rich_style.bgcolor
    }


def test_a_line_goes_on_where_its_last_row_was_taken_away() -> None:
    buffer, whole = RowBuffer(14, LOOK), RowBuffer(14, LOOK)
    bold = Style(bold=True)
    whole.text(StyledText("one two three four five", ((8, 18, bold),)))
    buffer.text(StyledText("one two three", ((8, 13, bold),)))
    carry = buffer.pop_last_row()
    buffer.text(carry.joined(StyledText(" four five", ((0, 5, bold),))), onto=True)
    assert strips(buffer) == strips(whole)
    assert buffer.lines == whole.lines
    assert [row.start for row in buffer.rows] == [row.start for row in whole.rows]


def test_cutting_back_leaves_what_was_there() -> None:
    buffer = RowBuffer(20, LOOK)
    buffer.text(StyledText("one"))
    mark = buffer.mark()
    buffer.text(StyledText(" more"), onto=True)
    buffer.gap()
    buffer.cut(mark)
    assert (buffer.lines, len(buffer.rows)) == (["one"], 1)


def test_equal_rows_are_kept_with_their_painted_strips() -> None:
    buffer = RowBuffer(20, LOOK)
    buffer.text(StyledText("one\ntwo"))
    old = list(buffer.rows)
    strip = old[0].strip
    buffer.cut(RowBuffer(20, LOOK).mark())
    buffer.text(StyledText("one\nthree"))
    assert buffer.keep(old, 0) == 1
    assert buffer.rows[0].strip is strip


def test_deep_indentation_leaves_room_for_text() -> None:
    buffer = RowBuffer(12, LOOK)
    buffer.text(StyledText("some words"), own=" " * 30, hang=" " * 30)
    assert all(row.strip.cell_length == 12 for row in buffer.rows)


def test_many_short_blocks_share_what_stands_before_their_rows() -> None:
    document = settled("> - a\n\n" * 50 + "> b\n> c\n\n" * 50 + "```\nd\n```\n" * 50)
    rows = [row for y in range(document.height) if isinstance(row := document.row(y), WrappedRow)]
    assert len(rows) > 300
    assert len({id(row._lead) for row in rows if row.text}) <= 4
    assert len({id(row._bars) for row in rows}) == 2
