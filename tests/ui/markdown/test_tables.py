"""Tables fit the pane."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.ui.markdown_texts import LOOK, settled, shown, streamed
from tui_chat.ui.markdown.document import Document
from tui_chat.ui.markdown.styled_text import StyledText
from tui_chat.ui.markdown.tables import Table


def test_columns_are_aligned_as_the_source_says() -> None:
    text = "| left | mid | right |\n|:--|:-:|--:|\n| a | b | 1 |\n| long one | c | 22 |\n"
    assert shown(settled(text)) == [
        " left      mid  right",
        " ────────  ───  ─────",
        " a          b       1",
        " long one   c      22",
    ]


def test_wide_characters_count_for_two_cells() -> None:
    rows = shown(settled("| a | b |\n|---|---|\n| 日本語 | x |\n| ab | y |\n"))
    assert cell_len(rows[2].split("x")[0]) == cell_len(rows[3].split("y")[0])


def test_cells_wrap_where_the_pane_is_too_narrow() -> None:
    text = "| name | what it does |\n|---|---|\n| one | a long description of it |\n| two | short |\n"
    document = settled(text, 25)
    assert shown(document) == [
        " name  what it does",
        " ────  ────────────────",
        " one   a long",
        "       description of",
        "       it",
        "",
        " two   short",
    ]
    assert [line.rstrip() for line in document.lines] == [
        "name  what it does",
        "one   a long",
        "      description of",
        "      it",
        "two   short",
    ]


def test_a_break_in_a_cell_is_a_line() -> None:
    assert shown(settled("| a | b |\n|---|---|\n| 1<br>2 | x |\n"))[2:] == [" 1  x", " 2"]


def test_missing_and_surplus_cells_do_no_harm() -> None:
    assert shown(settled("| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n"))[2:] == [" 1", " 1  2 | 3"]


def test_more_columns_than_cells_are_cut_at_the_edge() -> None:
    text = "|" + "a|" * 30 + "\n|" + "-|" * 30 + "\n|" + "b|" * 30 + "\n"
    document = settled(text, 20)
    assert {document.row(y).strip.cell_length for y in range(document.height)} == {20}


@given(
    st.lists(st.lists(st.text(alphabet="ab 日", max_size=30), min_size=3, max_size=3), min_size=1, max_size=6),
    st.integers(8, 70),
)
def test_a_table_is_never_wider_than_its_room(rows: list[list[str]], room: int) -> None:
    table = Table(["left", "center", "right"], room)
    for cells in rows:
        table.add([StyledText(cell) for cell in cells])
    if room > 3 * 3 + 4:
        assert sum(table.widths) + 4 <= room


def test_a_wider_cell_lays_the_rows_above_again() -> None:
    document = streamed("Before.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", 100)
    document.append("| wider | 4 |\n")
    assert document.flush() == 2
    assert shown(document)[2:] == [" a      b", " ─────  ─", " 1      2", " wider  4"]
    document.append("| 5 | 6 |\n")
    assert document.flush() == 6


@pytest.mark.parametrize("after", ["\nAfter.\n", "# After\n", "- After\n"])
def test_what_follows_a_table_is_no_row_of_it(after: str) -> None:
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n" + after
    assert shown(streamed(text, 1)) == shown(settled(text))
    assert shown(settled(text))[3] == ""


def test_an_empty_pane_can_hold_a_table() -> None:
    document = Document(1, LOOK, "| a | b |\n|---|---|\n| 1 | 2 |\n")
    for _ in document.settle():
        pass
    assert all(document.row(y).strip.cell_length == 1 for y in range(document.height))


CROWDED = """\
| Protocol | Transport | Direction | Typical use |
|:--|:--|:-:|--:|
| WebSocket | TCP | both | voice<br>editors, games, and whatever else talks back |
| | HTTP | | **streams** of tokens |
"""


def test_columns_that_would_break_words_become_a_paragraph_a_row() -> None:
    assert shown(settled(CROWDED, 36)) == [
        " Protocol     WebSocket",
        " Transport    TCP",
        " Direction    both",
        " Typical use  voice",
        "              editors, games, and",
        "              whatever else talks",
        "              back",
        "",
        " Transport    HTTP",
        " Typical use  streams of tokens",
    ]
    assert shown(settled(CROWDED, 60))[0].split() == ["Protocol", "Transport", "Direction", "Typical", "use"]


def test_a_crowded_head_alone_is_shown_until_its_first_row() -> None:
    head = "".join(CROWDED.splitlines(keepends=True)[:2])
    assert shown(settled(head, 34)) == [" Protocol", " Transport", " Direction", " Typical use"]


@given(st.integers(1, 40), st.integers(10, 60))
def test_a_crowded_table_is_the_same_however_it_came(size: int, width: int) -> None:
    document = streamed(CROWDED, size, width)
    for _ in document.settle():
        pass
    assert shown(document) == shown(settled(CROWDED, width))
    assert shown(streamed(CROWDED + "\nEnd", size, width)) == shown(settled(CROWDED + "\nEnd", width))
