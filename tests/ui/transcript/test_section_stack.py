from __future__ import annotations

from textual.strip import Strip

from tui_chat.ui.markdown.rows import Row
from tui_chat.ui.transcript.message_rows import NO_LINE
from tui_chat.ui.transcript.section_stack import NOWHERE, RowAnchor, SectionStack


class Lines:
    """A section with a row for each line, which may be wrapped into several rows of `width` characters."""

    def __init__(self, *lines: str, width: int = 100) -> None:
        self.lines = lines
        self.rows = [
            Row(Strip.blank(width), number, start, 0, start + width)
            for number, line in enumerate(lines)
            for start in range(0, len(line), width)
        ]

    @property
    def height(self) -> int:
        return len(self.rows)

    def row(self, y: int) -> Row:
        return self.rows[y]


class Notes(Lines):
    """A section without logical lines."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = [Row(Strip.blank(1), NO_LINE, 0, 0, 0)] * rows


def stacked(*sections: tuple[int, Lines], adjoining: tuple[Lines, ...] = ()) -> SectionStack:
    stack = SectionStack()
    stack.stack(sections, lambda above, below: below in adjoining)
    return stack


def test_sections_have_an_empty_row_between_them_unless_they_adjoin() -> None:
    first, second, third = Lines("a", "b"), Lines("c"), Lines("d")
    stack = stacked((0, first), (1, Lines()), (2, second), (3, third), adjoining=(third,))
    assert [found and found[0] for found in map(stack.row, range(-1, 7))] == [None, 0, 0, None, 2, 3, None, None]
    assert (stack.height, stack.last_top) == (5, 4)
    assert [stack.top_of(each) for each in (first, second, third, Lines())] == [0, 3, 4, 0]


def test_a_position_survives_another_width() -> None:
    text = "abcdefghij"
    wide, narrow = (stacked((0, Lines("top")), (1, Lines(text, width=width))) for width in (5, 2))
    anchor = wide.anchor_at(3)
    assert anchor == RowAnchor(1, 0, 5)
    assert narrow.row_of(anchor) == 2 + 2  # the third row of the text, which begins at its fourth character


def test_a_row_without_a_logical_line_is_found_by_its_number() -> None:
    stack = stacked((0, Lines("top")), (1, Notes(3)))
    assert stack.anchor_at(3) == RowAnchor(1, NO_LINE, 1)
    assert stack.row_of(RowAnchor(1, NO_LINE, 1)) == 3
    assert stack.row_of(RowAnchor(1, NO_LINE, 9)) == 4


def test_an_empty_row_has_the_position_above_it() -> None:
    stack = stacked((0, Lines("a")), (1, Lines("b")))
    assert stack.anchor_at(1) == stack.anchor_at(0)


def test_a_section_that_is_gone_leads_to_the_one_before_it() -> None:
    stack = stacked((0, Lines("a")), (4, Lines("b")))
    assert stack.row_of(RowAnchor(2, 0, 0)) == 0
    assert stack.row_of(RowAnchor(9, 0, 0)) == 2


def test_without_sections_there_is_no_position() -> None:
    stack = stacked()
    assert (stack.height, stack.last_top, stack.row(0)) == (0, 0, None)
    assert stack.anchor_at(0) == RowAnchor(NOWHERE, NO_LINE, 0)
    assert stack.row_of(RowAnchor(0, 0, 0)) == 0
