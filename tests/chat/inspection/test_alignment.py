"""Characters of shown lines are found in their source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.inspection.alignment import source_offsets


def found(source: str, line: str, word: str) -> str:
    """What stands in the source where a word of the only line is said to stand."""
    (offsets,) = source_offsets(source, [line])
    at = offsets[line.index(word)]
    return source[at : at + len(word)]


@pytest.mark.parametrize(
    ("source", "line", "word"),
    [
        ("plain words here", "plain words here", "here"),
        ("- **bold** item", "• bold item", "item"),
        ("a [link](https://example.org/a/b/c) after", "a link after", "after"),
        ("| a | b |\n|---|---|\n| one | two |", "one  two", "two"),
        ("see `code` there", "see code there", "code"),
        ("中文 and more", "中文 and more", "more"),
    ],
)
def test_words_are_found_though_marks_are_gone(source: str, line: str, word: str) -> None:
    assert found(source, line, word) == word


def test_a_word_with_marks_inside_is_found_by_its_letters() -> None:
    (offsets,) = source_offsets("**bold**ly done", ["boldly done"])
    assert [*offsets] == [2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14]


def test_lines_go_on_where_the_one_before_ended() -> None:
    first, second = source_offsets("same\n\nsame", ["same", "same"])
    assert (first[0], second[0]) == (0, 6)


@given(st.text(max_size=200), st.lists(st.text(max_size=60), max_size=6))
def test_any_lines_have_rising_places_inside_the_source(source: str, lines: list[str]) -> None:
    offsets = [offset for line in source_offsets(source, lines) for offset in line]
    assert len(offsets) == sum(map(len, lines))
    assert all(0 <= offset <= len(source) for offset in offsets)
    assert offsets == sorted(offsets)
