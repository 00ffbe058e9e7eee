from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.search.test_words import TEXT
from tui_chat.chat.search.query import MOST_TERMS, Query
from tui_chat.chat.search.words import indexed_form, words_in


def marked(typed: str, text: str) -> list[str]:
    return [text[start:end] for start, end in Query(typed).spans(text)]


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("stream", '"stream"*'),
        ("Two Words", '"two"* AND "words"*'),
        ('"two words"', '"two words"'),
        ('"two wor', '"two wor"*'),
        ("“two words”", '"two words"'),
        ("read_line", '"read line"*'),
        ("東京", '"東 京"'),
        ("東京tower", '"東 京 tower"*'),
        ("c a", '"c" AND "a"'),
        ("same SAME", '"same"*'),
        ("- OR *", '"or"*'),
        ("->", ""),
    ],
)
def test_what_is_typed_becomes_an_expression(typed: str, expression: str) -> None:
    assert Query(typed).expression == expression
    assert bool(Query(typed)) is bool(expression)


@pytest.mark.parametrize(
    ("typed", "text", "hits"),
    [
        ("stream", "Streaming a stream, downstream", ["Streaming", "stream"]),
        ("cafe", "Le Café", ["Café"]),
        ('"the end"', "the END. The ending", ["the END"]),
        ("read_line", "def read_lines(): read line", ["read_lines", "read line"]),
        ("寿司", "東京で寿司。司寿", ["寿司"]),
        ("ab abc", "abcd ab", ["abcd", "ab"]),
        ('"a b" "b c"', "a b c", ["a b", " c"]),
        ("x", "xy x", ["x"]),
    ],
)
def test_hits_are_marked_where_they_stand(typed: str, text: str, hits: list[str]) -> None:
    assert marked(typed, text) == hits


def test_a_pasted_page_is_cut_down_to_some_terms() -> None:
    assert len(Query(" ".join(f"word{number}" for number in range(10_000))).terms) == MOST_TERMS


@given(TEXT, TEXT)
def test_the_index_and_the_text_agree_and_nothing_typed_is_an_error(typed: str, text: str) -> None:
    query = Query(typed)
    if not query or any(" " in word.folded for word in words_in(text)):  # U+FDFA alone unfolds into several words
        return
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='ascii')")
        connection.execute("INSERT INTO words (rowid, text) VALUES (1, ?)", (indexed_form(text),))
        found = connection.execute("SELECT 1 FROM words WHERE words MATCH ?", (query.expression,)).fetchall()
    assert bool(found) == query.matches(text)
    assert not found or any(True for _ in query.spans(text))


@given(TEXT, st.data())
def test_a_piece_of_a_text_that_ends_with_a_word_finds_the_text(text: str, data: st.DataObject) -> None:
    words = list(words_in(text))
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    piece = text[words[first].start : words[last].end].replace('"', " ")
    assert Query(f'"{piece}"').matches(text)
