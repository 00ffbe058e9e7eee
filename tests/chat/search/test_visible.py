"""An excerpt of a reply shows its words, without the marks of Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.search.visible import visible_words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**Bold** and *slanted* and __bold__ words", "Bold and slanted and bold words"),
        ("# Heading\ntext", "Heading\ntext"),
        ("> a quote\n> > in a quote", "a quote\nin a quote"),
        ("run `make all` first", "run make all first"),
        ("see [the page](https://example.org/a) now", "see the page now"),
        ("![a picture](x.png)", "a picture"),
        ("| Round | Players |\n|------:|:-----|\n| 1 | 47 |", " Round  Players \n\n 1  47 "),
        ("the cut **word", "the cut word"),
        ("2 * 3 * 4 and a_snake_name and a * b", "2 * 3 * 4 and a_snake_name and a * b"),
        ("a | b, 1 > 0, # no heading", "a | b, 1 > 0, # no heading"),
        ("[1] and (see below)", "[1] and (see below)"),
    ],
)
def test_the_marks_go_and_the_words_stay(text: str, shown: str) -> None:
    assert visible_words(((text, False),)) == ((shown, False),)


def test_what_was_found_stays_even_if_it_is_a_mark() -> None:
    assert visible_words((("see [the page](https://", False), ("example", True), (".org) **now**", False))) == (
        ("see the page", False), ("example", True), (" now", False),
    )  # fmt: skip
    assert visible_words((("**", True), ("bold**", False))) == (("**", True), ("bold", False))


@given(st.lists(st.tuples(st.text("ab *_`#>|[]()\n-:!~", min_size=1), st.booleans()), max_size=5))
def test_no_letter_is_lost_or_moved(pieces: list[tuple[str, bool]]) -> None:
    shown = visible_words(tuple(pieces))
    letters = "".join(letter for text, _ in shown for letter in text if letter in "ab")
    whole = "".join(text for text, _ in pieces)
    assert [text for text, found in shown if found] == [text for text, found in pieces if found]
    if "](" not in whole:  # the address of a link is not shown
        assert letters == "".join(letter for letter in whole if letter in "ab")
