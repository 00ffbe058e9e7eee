from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.events import Finished, ReasoningDelta, TextDelta, UsageReport
from tui_chat.server.chat_input import ChatInput, InputMessage
from tui_chat.server.scripted.scripts import SCRIPTS, count_pieces, pieces, reply


def chat_input(question: str = "hello", max_tokens: int | None = None) -> ChatInput:
    return ChatInput((InputMessage("system", "Be brief."), InputMessage("user", question)), max_tokens)


def text_of(model: str, question: str = "hello") -> str:
    return "".join(event.text for event in reply(SCRIPTS[model], chat_input(question)) if isinstance(event, TextDelta))


@given(st.text())
def test_pieces_join_to_the_text_they_were_cut_from(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert all(pieces(text))


@pytest.mark.parametrize("model", SCRIPTS)
def test_every_reply_ends_with_usage_that_counts_what_was_sent(model: str) -> None:
    first, *deltas, usage, ending = reply(SCRIPTS[model], chat_input())
    assert isinstance(first, UsageReport)
    assert first.usage.output == 0
    assert ending == Finished("tool_calls" if model == "tools" else "stop", "done-sentinel")
    assert isinstance(usage, UsageReport)
    assert usage.usage.output == len(deltas) > 0
    assert usage.usage.reasoning == sum(isinstance(delta, ReasoningDelta) for delta in deltas)
    assert usage.usage.input == count_pieces("Be brief.") + count_pieces("hello")
    assert usage.usage.total == usage.usage.input + usage.usage.output


def test_a_reply_that_comes_back_as_context_counts_what_it_counted_before() -> None:
    deltas = [event for event in reply(SCRIPTS["markdown"], chat_input()) if isinstance(event, TextDelta)]
    history = ChatInput((InputMessage("assistant", "".join(delta.text for delta in deltas)),))
    usage = next(event for event in reply(SCRIPTS["count"], history) if isinstance(event, UsageReport))
    assert usage.usage.input == pytest.approx(len(deltas), rel=0.05)


def test_a_token_limit_cuts_the_answer_and_says_so() -> None:
    _, *deltas, usage, ending = reply(SCRIPTS["long"], chat_input(max_tokens=7))
    assert (len(deltas), ending) == (7, Finished("length", "done-sentinel"))
    assert isinstance(usage, UsageReport)
    assert usage.usage.output == 7


def test_a_token_limit_that_the_answer_just_meets_cuts_nothing() -> None:
    _, *deltas, _, ending = reply(SCRIPTS["count"], chat_input("3", max_tokens=3))
    assert (len(deltas), ending) == (3, Finished("stop", "done-sentinel"))


def test_the_echo_says_what_was_said() -> None:
    assert text_of("echo", "  \u2028 Grüße, 世界 \ud83d\n\n") == "  \u2028 Grüße, 世界 \ud83d\n\n"


def test_long_is_long_and_as_long_as_asked_for() -> None:
    assert len(text_of("long")) >= 20_000
    assert 100_000 <= len(text_of("long", "write 100000 characters about 3 things")) < 101_000


def test_counting_goes_as_far_as_asked_for() -> None:
    assert text_of("count", "count to 5") == "1 2 3 4 5"
    assert text_of("count").endswith(" 20")


def test_think_reasons_before_it_answers() -> None:
    kinds = [type(event) for event in reply(SCRIPTS["think"], chat_input())][1:-2]
    change = kinds.index(TextDelta)
    assert set(kinds[:change]) == {ReasoningDelta}
    assert set(kinds[change:]) == {TextDelta}
