from __future__ import annotations

import pytest

from tests.ui.markdown_texts import LOOK
from tui_chat.chat.clean import clean
from tui_chat.ui.markdown.open_plain import OpenPlain
from tui_chat.ui.markdown.row_buffer import RowBuffer
from tui_chat.ui.markdown.styled_text import StyledText


def block(least: int = 0, *, going_on: bool = False) -> OpenPlain:
    """A block of plain text; `going_on`: some of it is rendered."""
    begun = OpenPlain.begun(least)
    if going_on:
        begun.carry = StyledText("the last row")
    return begun


@pytest.mark.parametrize(
    ("tail", "parts"),
    [
        ("a\nb", ("a\nb", "", False)),
        ("a\nb\n", ("a\nb", "\n", False)),  # a blank line may follow
        ("a\n\nb", ("a", "b", True)),
        ("a\n> \t>\nb", ("a", "b", True)),  # a blank line in a quote
        ("a\n>b\nc", ("a\n>b\nc", "", False)),
        ("a\n\n\nb", ("a", "\nb", True)),
    ],
)
def test_plain_text_goes_up_to_a_blank_line(tail: str, parts: tuple[str, str, bool]) -> None:
    assert block().split(tail) == parts


def test_blank_lines_among_the_characters_that_are_surely_plain_do_not_end_it() -> None:
    assert block(least=4).split("a\n\nb\n\nc") == ("a\n\nb", "c", True)
    assert block(least=0).split("a\n\nb\n\nc") == ("a", "b\n\nc", True)


def test_a_line_that_goes_on_is_not_blank_though_its_new_part_is() -> None:
    assert block(going_on=True).split("  \n\nb") == ("  ", "b", True)
    assert block(going_on=True).split("\nb") == ("\nb", "", False)
    assert block(going_on=True).split("  ") == ("  ", "", False)


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_text_that_comes_in_pieces_has_the_rows_of_the_whole(size: int) -> None:
    text = "a line of some words\n> and\tanother one, \x1b[2J of more words than fit"
    whole, pieces = RowBuffer(20, LOOK), RowBuffer(20, LOOK)
    for buffer, each in ((whole, len(text)), (pieces, size)):
        block = OpenPlain.begun(0)
        for at in range(0, len(text), each):
            block.render(text[at : at + each], buffer)
        block.render_last_row(buffer)
    assert [row.strip.text for row in pieces.rows] == [row.strip.text for row in whole.rows]
    assert len(whole.rows) > 3
    assert "\n".join(whole.lines).split() == clean(text).split()
