"""The differences between two versions: they lead from one to the other, and take bounded time."""

from __future__ import annotations

import random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.wording.word_diff import DiffPiece, word_diff

WORDS = st.lists(st.sampled_from(["a", "b", "cc", " ", " ", "\n", ".", "é", "語"]), max_size=40).map("".join)


def sides(pieces: list[DiffPiece]) -> tuple[str, str]:
    """The old and the new text that the pieces stand for."""
    old = "".join(piece.text for piece in pieces if piece.kind != "added")
    return old, "".join(piece.text for piece in pieces if piece.kind != "removed")


@given(WORDS, WORDS)
def test_the_pieces_are_both_texts(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert pieces is not None
    assert sides(pieces) == (old, new)
    assert all(piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("", "", []),
        ("same text", "same text", [DiffPiece("same", "same text")]),
        ("the red fox", "the fox", [DiffPiece("same", "the "), DiffPiece("removed", "red "), DiffPiece("same", "fox")]),
        ("a fox", "a dog", [DiffPiece("same", "a "), DiffPiece("removed", "fox"), DiffPiece("added", "dog")]),
    ],
)
def test_changed_words_are_found(old: str, new: str, pieces: list[DiffPiece]) -> None:
    assert word_diff(old, new) == pieces


def changed(text: list[str], every: int) -> list[str]:
    """The text with each so manieth word replaced."""
    return [word if number % every else f"{word}X" for number, word in enumerate(text)]


def test_a_few_changes_in_a_long_text_are_found() -> None:
    words = [f"word{number}" for number in range(12_000)]
    old, new = " ".join(words), " ".join(changed(words, 100))
    pieces = word_diff(old, new)
    assert pieces is not None
    assert sides(pieces) == (old, new)
    assert sum(piece.kind == "added" for piece in pieces) == 120


def test_many_changes_are_found_line_by_line() -> None:
    lines = [f"line {number} of many words in a row" for number in range(500)]
    old, new = (
        "\n".join(lines),
        "\n".join(line if number % 2 else f"{line} changed" for number, line in enumerate(lines)),
    )
    pieces = word_diff(old, new)
    assert pieces is not None
    assert sides(pieces) == (old, new)


@pytest.mark.parametrize("kind", ["random", "reversed", "letters", "one line", "blank"])
def test_texts_of_100_kilobytes_that_have_little_in_common_take_no_longer_than_a_moment(kind: str) -> None:
    dice = random.Random(7)
    words = [f"w{dice.randrange(3000)}" for _ in range(18_000)]
    other = [f"w{dice.randrange(3000)}" for _ in range(18_000)]
    texts = {
        "random": (" ".join(words), "\n".join(other)),
        "reversed": (" ".join(words), " ".join(reversed(words))),
        "letters": ("ab " * 33_000, "ba " * 33_000),
        "one line": ("x" * 100_000, "y" * 100_000),
        "blank": (" \n" * 50_000, "\n " * 50_000),
    }
    old, new = texts[kind]
    began = process_time()
    pieces = word_diff(old, new)
    assert process_time() - began < 5
    assert pieces is None or sides(pieces) == (old, new)


def test_texts_beyond_all_measure_are_not_compared() -> None:
    assert word_diff("a" * 300_000, "b" * 300_000) is None
