"""Mistyped words."""

from __future__ import annotations

import pytest

from tui_chat.chat.wording.spelling import meant

WORDS = ("ask", "plain", "doctor", "models", "temperature", "top_p")


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("asl", "ask"),
        ("akk", "ask"),
        ("sak", "ask"),
        ("doctr", "doctor"),
        ("docotr", "doctor"),
        ("model", "models"),
        ("modles", "models"),
        ("temprature", "temperature"),
        ("temperatur", "temperature"),
        ("plian", "plain"),
    ],
)
def test_a_slip_or_two_are_seen_through(word: str, known: str) -> None:
    assert meant(word, WORDS) == known


@pytest.mark.parametrize("word", ["", "a", "as", "explain", "task", "hello", "document", "ask", "x" * 1000, "top"])
def test_another_word_is_left_alone(word: str) -> None:
    assert meant(word, WORDS) == ""
