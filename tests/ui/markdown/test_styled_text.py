"""Wrapping and cutting of text by cells."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.style import Style

from tui_chat.ui.markdown.styled_text import StyledText, graphemes, wrap

BOLD = Style(bold=True)


def cut(text: str, width: int, **how: bool) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width, **how)]


def test_words_go_to_the_next_row_whole() -> None:
    assert cut("the quick brown fox", 9) == ["the quick", "brown fox"]


def test_a_word_longer_than_the_row_is_cut() -> None:
    assert cut("a verylongwordindeed b", 8) == ["a", "verylong", "wordinde", "ed b"]


def test_spaces_at_a_break_belong_to_no_row_and_those_at_the_start_stay() -> None:
    assert cut("  ab   cd", 4) == ["  ab", "cd"]
    assert cut("ab      ", 4) == ["ab"]


def test_code_is_cut_anywhere_and_loses_nothing() -> None:
    assert cut("if x:   return y", 5, words=False) == ["if x:", "   re", "turn ", "y"]


def test_wide_characters_never_straddle_the_edge() -> None:
    assert cut("日本語テキスト", 5) == ["日本", "語テ", "キス", "ト"]


def test_no_row_begins_with_closing_punctuation() -> None:
    assert cut("日本語、日本", 6) == ["日本", "語、日", "本"]


def test_an_empty_line_is_one_empty_row() -> None:
    assert cut("", 5) == [""]


@given(st.text(alphabet="ab -,日本、👩\u200d👧🇩🇪é\u0301\u200d", max_size=60), st.integers(2, 20), st.booleans())
@example("\u200d\u200d、a", 2, False)  # joiners with nothing before them
@example("\u200d\u200d 、", 2, True)
def test_rows_fit_and_hold_all_of_the_text_but_spaces(text: str, width: int, words: bool) -> None:
    rows = wrap(text, width, words=words)
    shown = [text[start:end] for start, end in rows]
    assert "".join(shown).replace(" ", "") == text.replace(" ", "")
    if not words:
        assert "".join(shown) == text
    edges = {start for start, _, _ in graphemes(text)} | {0, len(text)}
    assert all(start in edges for start, _ in rows)
    assert all(cell_len(row) <= width for row in shown)


@given(st.text(alphabet="abc  日é", max_size=60), st.integers(2, 20))
def test_wrapping_from_a_rows_start_goes_on_as_before(text: str, width: int) -> None:
    rows = wrap(text, width)
    for index, (start, _) in enumerate(rows):
        assert wrap(text, width, start) == rows[index:]


def test_spaces_at_the_end_of_a_row_are_left_out_among_letters_of_any_width() -> None:
    for length in range(7):
        for letters in product("a 日", repeat=length):
            text = "".join(letters)
            for width in (2, 3, 4):
                rows = wrap(text, width)
                assert [wrap(text, width, start) for start, _ in rows] == [rows[at:] for at in range(len(rows))], text


@pytest.mark.parametrize("character", ["🇩🇪", "👩‍👩‍👧", "👍🏽", "❤️", "e\u0301", "日"])
def test_what_a_reader_takes_for_one_character_is_one(character: str) -> None:
    found = graphemes(f"a{character}b")
    assert [(start, end) for start, end, _ in found] == [
        (0, 1),
        (1, 1 + len(character)),
        (1 + len(character), 2 + len(character)),
    ]


def test_styles_move_with_their_text() -> None:
    text = StyledText("ab\tcd\nef", ((1, 4, BOLD), (6, 8, BOLD)))
    assert text.without_tabs().runs == ((1, 7, BOLD), (9, 11, BOLD))
    first, second = text.lines()
    assert (first.runs, second.runs) == (((1, 4, BOLD),), ((0, 2, BOLD),))
    assert text.part(3, 7) == StyledText("cd\ne"[0:4], ((0, 1, BOLD), (3, 4, BOLD)))
    assert first.joined(second).runs == ((1, 4, BOLD), (5, 7, BOLD))
