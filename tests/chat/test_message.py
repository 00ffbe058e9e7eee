"""A view's cursor over a growing message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Citation, ReasoningDelta, Stopped, TextDelta, Usage
from tui_chat.chat.message import MOST_TOKENS, Cursor, TextPart


@given(
    st.lists(st.tuples(st.sampled_from(["text", "reasoning"]), st.integers(0, 2), st.text()), max_size=40), st.data()
)
def test_a_view_that_catches_up_now_and_then_has_read_every_character(
    deltas: list[tuple[str, int, str]], data: st.DataObject
) -> None:
    conversation = Conversation()
    reply = conversation.begin_reply(conversation.add_question("?"), model="", endpoint="", at=0.0)
    read: dict[int, str] = {}
    cursor: Cursor = ()

    def catch_up() -> None:
        nonlocal cursor
        fresh, cursor = reply.since(cursor)
        for part, text in fresh:
            read[part] = read.get(part, "") + text

    for kind, part, text in deltas:
        conversation.apply(reply, TextDelta(text, part) if kind == "text" else ReasoningDelta(text, part))
        if data.draw(st.booleans()):
            catch_up()
    conversation.apply(reply, Stopped())
    catch_up()
    assert [read[index] for index in range(len(reply.parts))] == [
        part.text for part in reply.parts if isinstance(part, TextPart)
    ]
    assert reply.since(cursor) == ([], cursor)


def test_a_part_that_is_no_text_is_told_once() -> None:
    conversation = Conversation()
    reply = conversation.begin_reply(conversation.add_question("?"), model="", endpoint="", at=0.0)
    conversation.apply(reply, Citation("https://example.org"))
    fresh, cursor = reply.since(())
    assert fresh == [(0, "")]
    assert reply.since(cursor) == ([], cursor)


def test_a_part_that_was_settled_can_grow_again() -> None:
    part = TextPart("text", text="one")
    part.grow(" two", at=1.0)
    assert part.text == "one two"
    assert part.since(3) == " two"
    assert len(part) == 7


def test_an_estimate_counts_deltas_or_bytes_whichever_is_more() -> None:
    conversation = Conversation()
    reply = conversation.begin_reply(conversation.add_question("?"), model="", endpoint="", at=0.0)
    for _ in range(5):
        conversation.apply(reply, TextDelta("a"))
    assert reply.output_estimate == 5
    conversation.apply(reply, TextDelta("b" * 395))
    assert reply.output_estimate == 100


@pytest.mark.parametrize(
    ("reported", "believed"),
    [(None, None), (7, 7), (MOST_TOKENS, MOST_TOKENS), (MOST_TOKENS + 1, None), (-1, None)],
)
def test_counts_of_tokens_that_cannot_be_are_not_believed(reported: int | None, believed: int | None) -> None:
    conversation = Conversation()
    reply = conversation.begin_reply(conversation.add_question("?"), model="", endpoint="", at=0.0)
    reply.usage = Usage(input=reported, output=reported)
    assert (reply.reported_input, reply.completion_tokens) == (believed, believed)
