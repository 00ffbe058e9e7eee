from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.events import ChatEvent, ReasoningDelta, TextDelta
from tui_chat.wire.dialects.reply_text import ReplyText

ROCKET = ("\ud83d", "\ude80")
"""The halves of a character, as servers that count in UTF-16 units cut it."""


def pairs(events: list[ChatEvent]) -> list[tuple[type[ChatEvent], str, int]]:
    """Kind, text and part of each event."""
    found: list[tuple[type[ChatEvent], str, int]] = []
    for event in events:
        assert isinstance(event, (TextDelta, ReasoningDelta))
        found.append((type(event), event.text, event.part))
    return found


def test_a_piece_that_gives_no_event_yet_says_so() -> None:
    reply, events = ReplyText(inline_reasoning=False), list[ChatEvent]()
    assert not reply.add(ROCKET[0], events)
    assert events == []
    assert reply.add(ROCKET[1], events)
    assert pairs(events) == [(TextDelta, "🚀", 0)]


def test_a_piece_that_may_be_a_tag_gives_no_event_yet() -> None:
    reply, events = ReplyText(), list[ChatEvent]()
    assert not reply.add("<th", events)
    assert reply.add("ink>why</think>so", events)
    assert pairs(events) == [(ReasoningDelta, "why", 0), (TextDelta, "so", 0)]


def test_a_tag_is_text_if_no_reasoning_is_looked_for_in_the_text() -> None:
    events: list[ChatEvent] = []
    assert ReplyText(inline_reasoning=False).add("<think>why</think>", events)
    assert pairs(events) == [(TextDelta, "<think>why</think>", 0)]


def test_half_a_character_stays_in_its_block_when_another_begins() -> None:
    reply, events = ReplyText(inline_reasoning=False), list[ChatEvent]()
    reply.add("a" + ROCKET[0], events)
    assert reply.add(ROCKET[1] + "b", events, 1)
    assert pairs(events) == [(TextDelta, "a", 0), (TextDelta, ROCKET[0], 0), (TextDelta, ROCKET[1] + "b", 1)]


def test_half_a_character_of_the_reasoning_stays_in_its_block_when_another_begins() -> None:
    reply, events = ReplyText(), list[ChatEvent]()
    assert not reply.add_reasoning(ROCKET[0], events, 2)
    assert reply.add_reasoning("b", events, 3)
    assert pairs(events) == [(ReasoningDelta, ROCKET[0], 2), (ReasoningDelta, "b", 3)]


def test_the_end_gives_everything_kept_back_in_its_order_and_once() -> None:
    reply, events = ReplyText(), list[ChatEvent]()
    reply.add_reasoning(ROCKET[0], events, 4)
    reply.add("<thi", events, 5)
    reply.add(ROCKET[0], events, 5)
    assert events == []
    assert pairs(reply.close()) == [
        (ReasoningDelta, ROCKET[0], 4),
        (TextDelta, "<thi", 5),
        (TextDelta, ROCKET[0], 5),
    ]
    assert reply.close() == []


@given(st.text(st.sampled_from("a<thinkг/> \n🚀é"), max_size=30), st.data())
def test_no_cut_loses_or_doubles_text(text: str, chance: st.DataObject) -> None:
    places = sorted(chance.draw(st.sets(st.integers(0, len(text)))))
    reply, events = ReplyText(inline_reasoning=False), list[ChatEvent]()
    for a, b in zip([0, *places], [*places, len(text)], strict=True):
        had = len(events)
        assert reply.add(text[a:b], events) == (len(events) > had)
    events += reply.close()
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text == reply.whole
    assert reply.empty == (text == "")


def new_parts(*texts: str, last: bool = False) -> list[str]:
    """The new part of each text, if all of them come from a field that may repeat; `last`: for the last of them."""
    reply, found = ReplyText(), list[str]()
    for number, text in enumerate(texts, 1):
        found.append(reply.new_in(text, last=last and number == len(texts)))
        reply.add(found[-1], [])
    return found


LONG = "a text of thirty-one characters"


@pytest.mark.parametrize(
    ("texts", "parts"),
    [
        (["One", "One two", "One two three"], ["One", " two", " three"]),
        (["One", " two", " three"], ["One", " two", " three"]),
        (["ha", "haha"], ["ha", "haha"]),  # pieces that are alike by chance
        (["1", "1"], ["1", "1"]),
        (["1", "12", "123"], ["1", "12", "123"]),  # digits: pieces as well as repetitions
        ([LONG, LONG], [LONG, ""]),
        (["One", "O"], ["One", "O"]),  # shorter than what came: a piece
    ],
)
def test_the_whole_text_so_far_is_told_from_pieces(texts: list[str], parts: list[str]) -> None:
    assert new_parts(*texts) == parts


def test_a_short_text_that_comes_again_with_the_end_is_a_repetition() -> None:
    assert new_parts("ha", "ha", last=True) == ["ha", ""]
    assert new_parts("ha", "ha") == ["ha", "ha"]


def test_from_the_third_text_on_a_repetition_needs_no_length() -> None:
    assert new_parts("h", "h", "hh") == ["h", "h", ""]


def test_the_alternative_that_came_first_is_kept_and_no_other() -> None:
    reply = ReplyText()
    for index, text, reason in ((2, "b", None), (1, "a", "length"), (2, "c", "stop"), (2, "", None)):
        reply.set_aside(index, text, reason)
    kept = reply.alternative
    assert kept is not None
    assert (kept.index, kept.text, kept.reason) == (2, "bc", "stop")
    assert reply.empty
