"""Titles by rule."""

from __future__ import annotations

import pytest

from tui_chat.chat.titles import LONGEST, title_from


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("", ""),
        ("  \n\t\n", ""),
        ("why?", "why?"),
        ("\n\n  second line\nthird", "second line"),
        ("## A heading", "A heading"),
        ("- a point", "a point"),
        ("> quoted `code`", "quoted `code`"),
        ("tabs\tand   blanks", "tabs and blanks"),
        ("\x1b]0;mine\x07 hi", "\ufffd]0;mine\ufffd hi"),
        ("中文标题", "中文标题"),
    ],
)
def test_a_title_is_the_first_line_that_says_something(question: str, title: str) -> None:
    assert title_from(question) == title


def test_a_long_title_is_cut_at_a_word() -> None:
    title = title_from("word " * 30)
    assert title == "word " * 11 + "word…"
    assert len(title) <= LONGEST + 1


def test_one_long_word_is_cut_anywhere() -> None:
    assert title_from("x" * 500) == "x" * LONGEST + "…"


def test_a_line_of_marks_alone_is_no_title() -> None:
    assert title_from("```\ncode\n```") == "code"
    assert title_from("---\nfront matter") == "front matter"
