from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.search.words import LONGEST, fold, indexed_form, stands_alone, words_in

TEXT = st.text(
    st.one_of(
        st.characters(),  # lone surrogates and NUL too
        st.sampled_from("aB_-.'\"* \n(é\u0301ßſİςΣ½ﷺ⑴ｱﾞＡ東京は한국ไทยहिन्दी👍🏽👨\u200d👩☕"),
    ),
    max_size=60,
)


def folded(text: str) -> list[str]:
    return [word.folded for word in words_in(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The reader's end.", ["the", "reader", "s", "end"]),
        ("read_line --no-log v0.28.1", ["read", "line", "no", "log", "v0", "28", "1"]),
        ("Café ÉCOLE Straße naïve", ["cafe", "ecole", "strasse", "naive"]),
        ("e\u0301te\u0301", ["ete"]),
        ("東京へ2人で", ["東", "京", "へ", "2", "人", "で"]),
        ("한국어로", ["한", "국", "어", "로"]),
        ("Ｆｕｌｌ ﬁt", ["full", "fit"]),
        ("がか", ["が", "か"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ok👍🏽ok", ["ok", "👍", "🏽", "ok"]),
        ("a→b ── \x00 \ud800", ["a", "b"]),
        ("ΣΊΣΥΦΟΣ", ["σισυφοσ"]),
    ],
)
def test_words_are_found_and_folded(text: str, words: list[str]) -> None:
    assert folded(text) == words


def test_a_run_without_end_is_cut_into_words() -> None:
    assert [len(word) for word in folded("x" * (2 * LONGEST + 1))] == [LONGEST, LONGEST, 1]


def test_nothing_begins_with_a_character_that_is_a_word() -> None:
    assert [stands_alone(word) for word in ("東", "한", "👍", "a", "ж", "1")] == [True, True, True, False, False, False]


@given(TEXT)
def test_words_stand_where_they_are_said_to_stand(text: str) -> None:
    reached = 0
    for start, end, word in words_in(text):
        assert reached <= start < end
        assert fold(text[start:end]) == word
        reached = end


@given(TEXT, TEXT)
def test_texts_with_a_space_between_have_the_words_of_both(one: str, other: str) -> None:
    assert folded(f"{one} {other}") == folded(one) + folded(other)


@given(TEXT)
def test_the_index_gets_the_same_words(text: str) -> None:
    assert indexed_form(text).split() == " ".join(folded(text)).split()


@given(TEXT)
def test_sqlite_takes_whatever_a_text_holds(text: str) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("SELECT ?", (indexed_form(text),))
    finally:
        connection.close()
