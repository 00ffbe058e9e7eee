"""What happens to messages when events are applied, and what observers are told."""

from __future__ import annotations

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    Added,
    Alive,
    Change,
    CutOff,
    Finished,
    ModelNamed,
    Opened,
    ReasoningDelta,
    Retrying,
    Selected,
    Stopped,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.message import Message, ToolCall


def asked() -> tuple[Conversation, Message]:
    conversation = Conversation()
    question = conversation.say("why?")
    return conversation, conversation.begin_reply(question, model="m", endpoint="host", at=100.0)


def test_text_deltas_are_joined_with_nothing_between() -> None:
    conversation, reply = asked()
    for piece in ("Be", "", "cause\r\n", "\u2028x"):
        conversation.apply(reply, TextDelta(piece))
    assert reply.text == "Because\r\n\u2028x"


def test_reasoning_and_text_are_parts_in_the_order_they_came() -> None:
    conversation, reply = asked()
    conversation.apply(reply, ReasoningDelta("hm"))
    conversation.apply(reply, TextDelta("so"))
    conversation.apply(reply, ReasoningDelta("m"))
    conversation.apply(reply, TextDelta("next block", part=1))
    assert [getattr(part, "text", None) for part in reply.parts] == ["hmm", "so", "next block"]
    assert (reply.reasoning, reply.text) == ("hmm", "sonext block")


def test_a_settled_message_takes_no_more_events() -> None:
    conversation, reply = asked()
    conversation.apply(reply, TextDelta("kept"))
    conversation.apply(reply, Stopped())
    heard: list[Change] = []
    conversation.subscribe(lambda _conversation, _message, change: heard.append(change))
    conversation.apply(reply, TextDelta(" lost"))
    conversation.apply(reply, Finished("stop", "done-sentinel"))
    assert reply.text == "kept"
    assert reply.ending == Stopped()
    assert heard == []


def test_the_last_usage_counts_and_is_never_added_up() -> None:
    conversation, reply = asked()
    conversation.apply(reply, UsageReport(Usage(input=3, output=1)))
    conversation.apply(reply, UsageReport(Usage(input=3, output=2)))
    assert reply.usage == Usage(input=3, output=2)


def test_a_tool_call_keeps_its_first_id_and_name_and_joins_its_arguments() -> None:
    conversation, reply = asked()
    conversation.apply(reply, ToolCallDelta(1, "a", "look", '{"x"'))
    conversation.apply(reply, ToolCallDelta(1, "", "look", ":1}"))
    conversation.apply(reply, ToolCallDelta(2, "b", "see"))
    assert reply.tool_calls == [ToolCall(1, "a", "look", '{"x":1}'), ToolCall(2, "b", "see")]


def test_times_are_measured_from_the_request() -> None:
    conversation, reply = asked()
    conversation.apply(reply, Opened(200, "http://host/", at=100.5))
    conversation.apply(reply, Alive(at=100.7))
    conversation.apply(reply, TextDelta("a", at=101.0))
    conversation.apply(reply, TextDelta("b", at=102.0))
    conversation.apply(reply, TextDelta("c", at=103.0))
    conversation.apply(reply, UsageReport(Usage(output=30), at=103.0))
    conversation.apply(reply, Finished("stop", "done-sentinel", at=103.5))
    timing = reply.timing
    assert (timing.headers, timing.first_token, timing.streaming, timing.total) == (0.5, 1.0, 2.0, 3.5)
    assert reply.tokens_per_second() == (10.0, False)  # the first of three deltas came before the clock started


def test_the_pace_of_a_stopped_reply_is_an_estimate() -> None:
    conversation, reply = asked()
    for second, piece in enumerate("abcde"):
        conversation.apply(reply, TextDelta(piece, at=101.0 + second))
    conversation.apply(reply, Stopped())
    assert reply.tokens_per_second() == (1.0, True)


def test_a_retry_is_shown_until_it_is_answered() -> None:
    conversation, reply = asked()
    waiting = Retrying(2, 3, 1.5, "429")
    conversation.apply(reply, waiting)
    assert reply.retrying == waiting
    conversation.apply(reply, Opened(200, "http://host/"))
    assert reply.retrying is None


def test_replying_is_true_from_the_beginning_of_a_reply_to_its_end() -> None:
    conversation, reply = asked()
    assert conversation.replying
    conversation.apply(reply, CutOff("the end is missing"))
    assert not conversation.replying


def test_a_second_reply_to_a_question_is_a_sibling_and_becomes_the_shown_branch() -> None:
    conversation, first = asked()
    conversation.apply(first, Finished("stop", "eof"))
    heard: list[Change] = []
    conversation.subscribe(lambda _conversation, _message, change: heard.append(change))
    question = conversation.messages[first.parent or ""]
    second = conversation.begin_reply(question, model="m", endpoint="host", at=0.0)
    assert conversation.siblings(second) == [first, second]
    assert conversation.path() == [question, second]
    assert [type(change) for change in heard] == [Added, Selected]


def test_an_older_branch_can_be_shown_again() -> None:
    conversation, first = asked()
    question = conversation.messages[first.parent or ""]
    conversation.begin_reply(question, model="m", endpoint="host", at=0.0)
    conversation.select(first)
    assert conversation.path() == [question, first]


def test_an_observer_that_left_hears_nothing_more() -> None:
    conversation, reply = asked()
    heard: list[Change] = []
    leave = conversation.subscribe(lambda _conversation, _message, change: heard.append(change))
    conversation.apply(reply, ModelNamed("real-name"))
    leave()
    conversation.apply(reply, TextDelta("x"))
    assert heard == [ModelNamed("real-name")]
    assert reply.model == "real-name"
