"""Search patterns, and the number of their matches in a message while it grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.host import Chat
from tui_chat.chat.events import Finished, ReasoningDelta, TextDelta
from tui_chat.ui.transcript.entry import TranscriptEntry
from tui_chat.ui.transcript.text.text_matcher import MatchCounter, SearchPattern


def pattern(text: str) -> SearchPattern:
    found = SearchPattern.of(text)
    assert found is not None
    return found


@pytest.mark.parametrize("typed", ["", "  ", "\n"])
def test_there_is_nothing_to_search_for_in_blanks(typed: str) -> None:
    assert SearchPattern.of(typed) is None


@pytest.mark.parametrize(
    ("typed", "line", "spans"),
    [
        ("cat", "Cat, cat; concat", ((0, 3), (5, 8), (13, 16))),
        ("aa", "aaaaa", ((0, 2), (2, 4))),
        ("STRASSE", "die Straße hier", ((4, 10),)),
        ("ss", "ß ss", ((0, 1), (2, 4))),
        ("寿司", "今日は寿司", ((3, 5),)),
        ("dog", "cat", ()),
    ],
)
def test_matches_are_spans_of_the_line_as_it_is_shown(
    typed: str, line: str, spans: tuple[tuple[int, int], ...]
) -> None:
    assert pattern(typed).spans(line) == spans


@given(st.text("ßaß s", max_size=12), st.text("ßas", min_size=1, max_size=3))
def test_every_span_is_within_its_line_and_spans_are_in_order(line: str, typed: str) -> None:
    ends = [0]
    for start, end in pattern(typed).spans(line):
        assert 0 <= start < end <= len(line)
        assert start >= ends[-1] - 1  # both ends of a match may lie in one letter that folds to two
        ends.append(end)


def count(pieces: list[str], typed: str) -> int:
    """The matches in a reply that came in these pieces, counted after each."""
    chat = Chat()
    reply = chat.ask("question")
    counter = MatchCounter(TranscriptEntry([reply], {}), pattern(typed))
    for number, piece in enumerate(pieces):
        chat.tell(TextDelta(piece, at=1_001 + number))
        counter.update()
    chat.tell(Finished("stop", "eof", at=2_000))
    counter.update()
    return counter.count


@given(st.lists(st.text("ab*", min_size=1, max_size=5), max_size=6), st.text("ab", min_size=1, max_size=3))
def test_the_number_does_not_depend_on_how_the_text_came(pieces: list[str], typed: str) -> None:
    assert count(pieces, typed) == "".join(pieces).replace("*", "").count(typed)


def test_marks_of_emphasis_are_passed_over_unless_they_are_searched_for() -> None:
    assert count(["a **bold", "** word"], "bold word") == 1
    assert count(["a **bold", "** word"], "bold** word") == 1


def test_new_text_alone_is_searched_and_folded_reasoning_is_not_counted() -> None:
    chat = Chat()
    reply = chat.ask("question")
    chat.tell(ReasoningDelta("cat", at=1_001))
    counter = MatchCounter(TranscriptEntry([reply], {}), pattern("cat"))
    assert counter.update() == 3
    assert counter.count == 1
    chat.tell(TextDelta("a cat", at=1_002))
    assert counter.update() == 5
    assert counter.count == 1
    assert counter.update() == 0
