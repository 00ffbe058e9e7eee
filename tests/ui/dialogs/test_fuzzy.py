"""Texts are found by a few of their letters."""

from __future__ import annotations

from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.ui.dialogs.fuzzy import MOST_LETTERS, best, match


def found(typed: str, *texts: str) -> list[str]:
    return [text for text, _ in best(typed, texts, lambda text: (text,))]


def test_the_beginning_of_a_word_comes_before_its_inside_and_that_before_scattered_letters() -> None:
    texts = ("a new thing to delete", "undelete", "do each later", "delete")
    assert found("delete", *texts) == ["delete", "a new thing to delete", "undelete"]
    assert found("det", "do each time", "undetermined", "go detach") == ["go detach", "undetermined", "do each time"]


def test_each_word_has_to_be_found_in_any_order() -> None:
    assert found("reply copy", "Copy the last reply", "Copy the chat") == ["Copy the last reply"]


def test_the_letters_that_were_found_are_told() -> None:
    for typed, text, letters in (("ab", "xab", (1, 2)), ("ac", "a.b.a.c", (4, 6)), ("b a", "a b", (0, 2))):
        fit = match(typed, text)
        assert fit is not None
        assert fit.letters == letters


def test_nothing_typed_fits_all_and_a_missing_letter_fits_nothing() -> None:
    assert found("", "b", "a") == ["b", "a"]
    assert match("x", "abc") is None
    assert match("cba", "abc") is None


def test_what_fits_by_its_name_comes_before_what_fits_by_other_words() -> None:
    items = [("Quit", "exit"), ("Exit the copy", "")]
    assert [item[0] for item, _ in best("exit", items, lambda item: item)] == ["Exit the copy", "Quit"]


@given(st.text(), st.text())
def test_any_text_can_be_searched_for_in_any_text(typed: str, text: str) -> None:
    fit = match(typed, text)
    if fit is not None:
        assert list(fit.letters) == sorted(set(fit.letters))
        assert all(0 <= letter < min(len(text), MOST_LETTERS) for letter in fit.letters)


def test_a_letter_that_is_two_in_lower_case_shifts_no_other() -> None:
    fit = match("bul", "İİstanbul")
    assert fit is not None
    assert fit.letters == (6, 7, 8)


@given(st.text(min_size=1, max_size=40), st.data())
def test_a_text_is_found_by_any_of_its_letters_in_their_order(text: str, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.integers(0, len(text) - 1), unique=True).map(sorted))
    assert match("".join(text[index] for index in kept if not text[index].isspace()), text) is not None


@pytest.mark.parametrize("letter", ["a", "ab", "é"])
def test_no_text_takes_long(letter: str) -> None:
    begin = monotonic()
    for _ in range(2000):
        match(letter * 50 + "z", letter * 100)
    assert monotonic() - begin < 10
