"""Titles by rule, and out of a model's reply."""

from __future__ import annotations

import pytest

from tui_chat.chat.titles import LONGEST, QUOTED, title_from, title_in_reply, title_question


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


@pytest.mark.parametrize(
    ("reply", "title"),
    [
        ("Parsing SSE frames", "Parsing SSE frames"),
        ('"Parsing SSE frames."', "Parsing SSE frames"),
        ("**Title: Parsing** ", "Parsing"),
        ("Title: “Parsing frames”\n\nLet me know!", "Parsing frames"),
        ("\n\n# A heading\n", "A heading"),
        ("「中文」", "中文"),
        ("What is Node.js?", "What is Node.js?"),
        ("\x1b[2Jx", "\ufffd[2Jx"),
        ("", ""),
        (' "" \n', ""),
    ],
)
def test_what_models_put_around_a_title_is_taken_off(reply: str, title: str) -> None:
    assert title_in_reply(reply) == title


def test_a_title_that_became_an_essay_is_cut() -> None:
    assert len(title_in_reply("word " * 500)) <= LONGEST + 1


def test_a_model_is_given_the_beginning_of_the_exchange() -> None:
    asked = title_question("q" * 9_000, "a" * 9_000)
    assert "q" * QUOTED in asked
    assert "a" * QUOTED in asked
    assert len(asked) < 2 * QUOTED + 500
