"""What happens to messages when events are applied, and what observers are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    Added,
    Change,
    CutOff,
    Finished,
    Grown,
    KeepAlive,
    ModelNamed,
    ReasoningDelta,
    Removed,
    Renamed,
    ResponseStarted,
    Restored,
    Retrying,
    Selected,
    Stopped,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.message import Message, StoredMessage, TextPart, ToolCall


def asked() -> tuple[Conversation, Message]:
    conversation = Conversation()
    question = conversation.add_question("why?")
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
    changes: list[Change] = []
    conversation.subscribe(lambda _conversation, _message, change: changes.append(change))
    conversation.apply(reply, TextDelta(" lost"))
    conversation.apply(reply, Finished("stop", "done-sentinel"))
    assert reply.text == "kept"
    assert reply.ending == Stopped()
    assert changes == []


def test_deltas_that_came_at_once_are_told_together_and_each_still_counts() -> None:
    conversation, reply = asked()
    changes: list[tuple[Change, str]] = []
    conversation.subscribe(lambda _conversation, _message, change: changes.append((change, reply.text)))
    deltas = (ReasoningDelta("hm", at=1.0), TextDelta("a", at=2.0), TextDelta("b", at=3.0))
    usage, last, end = UsageReport(Usage(input=3)), TextDelta("c", at=4.0), Finished("stop", "eof")
    conversation.apply(reply, *deltas, usage, last, end, TextDelta("lost"))
    assert changes == [(Grown(deltas), "ab"), (usage, "ab"), (Grown((last,)), "abc"), (end, "abc")]
    assert [change.at for change, _ in changes if isinstance(change, Grown)] == [3.0, 4.0]
    assert (reply.deltas, reply.timing.first_delta, reply.timing.last_delta) == (4, 1.0, 4.0)
    assert reply.text == "abc"


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
    conversation.apply(reply, ResponseStarted(200, "http://host/", at=100.5))
    conversation.apply(reply, KeepAlive(at=100.7))
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
    conversation.apply(reply, ResponseStarted(200, "http://host/"))
    assert reply.retrying is None


def test_replying_is_true_from_the_beginning_of_a_reply_to_its_end() -> None:
    conversation, reply = asked()
    assert conversation.replying
    conversation.apply(reply, CutOff("the end is missing"))
    assert not conversation.replying


def test_a_second_reply_to_a_question_is_a_sibling_and_becomes_the_shown_branch() -> None:
    conversation, first = asked()
    conversation.apply(first, Finished("stop", "eof"))
    changes: list[Change] = []
    conversation.subscribe(lambda _conversation, _message, change: changes.append(change))
    question = conversation.messages[first.parent or ""]
    second = conversation.begin_reply(question, model="m", endpoint="host", at=0.0)
    assert conversation.siblings(second) == [first, second]
    assert conversation.path() == [question, second]
    assert [type(change) for change in changes] == [Added, Selected]


def test_an_older_branch_can_be_shown_again() -> None:
    conversation, first = asked()
    question = conversation.messages[first.parent or ""]
    conversation.begin_reply(question, model="m", endpoint="host", at=0.0)
    conversation.select(first)
    assert conversation.path() == [question, first]


def test_an_observer_that_left_hears_nothing_more() -> None:
    conversation, reply = asked()
    changes: list[Change] = []
    leave = conversation.subscribe(lambda _conversation, _message, change: changes.append(change))
    conversation.apply(reply, ModelNamed("real-name"))
    leave()
    conversation.apply(reply, TextDelta("x"))
    assert changes == [ModelNamed("real-name")]
    assert reply.model == "real-name"


def grown(*shape: int) -> tuple[Conversation, list[Message]]:
    """A tree of settled messages: of each, the number of the message it stands below; -1: none."""
    conversation = Conversation()
    messages: list[Message] = []
    for number, below in enumerate(shape):
        parent = messages[below] if below >= 0 else None
        conversation.leaf = parent
        if parent is None or parent.role == "assistant":
            messages.append(conversation.add_question(f"{number}"))
        else:
            reply = conversation.begin_reply(parent, model="m", endpoint="host", at=0.0)
            conversation.apply(reply, TextDelta(f"{number}"))
            conversation.apply(reply, Finished("stop", "eof"))
            messages.append(reply)
    return conversation, messages


def test_an_edited_question_is_a_sibling_and_becomes_the_shown_branch() -> None:
    conversation, messages = grown(-1, 0, 1, 2)
    changes: list[Change] = []
    conversation.subscribe(lambda _conversation, _message, change: changes.append(change))
    other = conversation.add_question("2, better", beside=messages[2])
    assert conversation.siblings(other) == [messages[2], other]
    assert conversation.path() == [*messages[:2], other]
    assert [type(change) for change in changes] == [Added, Selected]


def test_a_first_question_can_have_siblings_too() -> None:
    conversation, messages = grown(-1, 0)
    other = conversation.add_question("0, better", beside=messages[0])
    assert conversation.siblings(other) == [messages[0], other]
    assert conversation.path() == [other]


def test_a_removed_message_takes_all_below_it_along_on_every_branch() -> None:
    conversation, messages = grown(-1, 0, 1, 2, 1, 4, 0)
    changes: list[tuple[Message | None, Change]] = []
    conversation.subscribe(lambda _conversation, message, change: changes.append((message, change)))
    removal = conversation.remove(messages[1])
    assert list(removal.messages) == messages[1:6]
    assert list(conversation.messages.values()) == [messages[0], messages[6]]
    assert changes == [(messages[1], Removed())]


def test_after_a_removal_the_newest_sibling_is_shown_else_what_is_above() -> None:
    conversation, messages = grown(-1, 0, 1, 2, 0, 4, 5)
    conversation.select(messages[3])
    conversation.remove(messages[1])
    assert conversation.leaf is messages[6]
    conversation.remove(messages[4])
    assert conversation.leaf is messages[0]
    conversation.remove(messages[0])
    assert conversation.path() == []


def test_a_removal_on_another_branch_leaves_the_shown_one_alone() -> None:
    conversation, messages = grown(-1, 0, 1, 0, 3)
    conversation.select(messages[2])
    conversation.remove(messages[3])
    assert conversation.leaf is messages[2]


def test_a_reply_that_is_coming_is_not_removed_nor_what_it_stands_below() -> None:
    conversation, reply = asked()
    question = conversation.path()[0]
    for message in (reply, question):
        with pytest.raises(ValueError, match="still coming"):
            conversation.remove(message)
    assert conversation.path() == [question, reply]
    conversation.apply(reply, Stopped())
    assert conversation.remove(question).messages == (question, reply)


@given(
    st.lists(st.integers(-1, 30), max_size=12).map(lambda below: [min(b, n - 1) for n, b in enumerate(below)]),
    st.data(),
)
def test_undone_removals_leave_everything_as_it_was(shape: list[int], data: st.DataObject) -> None:
    conversation, messages = grown(*shape)
    conversation.select(data.draw(st.sampled_from([None, *messages])))
    before = list(conversation.messages.items()), conversation.leaf
    removals = []
    for choice in data.draw(st.lists(st.integers(0, 30), max_size=5)):
        left = list(conversation.messages.values())
        if not left:
            break
        removals.append(conversation.remove(left[choice % len(left)]))
        assert conversation.leaf is None or conversation.leaf.id in conversation.messages
        assert all(message.parent in {None, *conversation.messages} for message in conversation.messages.values())
    while removals:
        conversation.restore(removals.pop())
    assert (list(conversation.messages.items()), conversation.leaf) == before


def test_a_restored_message_stands_before_what_came_after_the_removal() -> None:
    conversation, messages = grown(-1, 0)
    changes: list[tuple[Message | None, Change]] = []
    removal = conversation.remove(messages[1])
    second = conversation.begin_reply(messages[0], model="m", endpoint="host", at=0.0)
    conversation.subscribe(lambda _conversation, message, change: changes.append((message, change)))
    conversation.restore(removal)
    assert conversation.siblings(second) == [messages[1], second]
    assert conversation.leaf is messages[1]
    assert changes == [(messages[1], Restored())]


def test_a_removal_can_be_undone_in_the_conversation_as_it_was_read_again() -> None:
    conversation, messages = grown(-1, 0, 1, 2)
    removal = conversation.remove(messages[2])
    again = Conversation(id=conversation.id)
    again.load(
        [StoredMessage(each.id, each.parent, each.role, conversation.messages.__getitem__) for each in messages[:2]],
        messages[1].id,
    )
    again.restore(removal)
    assert [message.text for message in again.path()] == ["0", "1", "2", "3"]
    assert again.leaf is again.messages[messages[3].id]


def test_a_kept_conversation_is_held_without_telling_and_without_reading_its_messages() -> None:
    read: list[str] = []

    def whole(id_: str) -> Message:
        read.append(id_)
        message = Message(id_, None, "user", 5.0)
        message.parts.append(TextPart("text", text="words"))
        return message

    conversation = Conversation("be brief", id="c", title="Kept", created=4.0)
    changes: list[Change] = []
    conversation.subscribe(lambda _conversation, _message, change: changes.append(change))
    conversation.load([StoredMessage("a", None, "user", whole), StoredMessage("b", "a", "assistant", whole)], "b")
    assert [message.id for message in conversation.path()] == ["a", "b"]
    assert (conversation.id, conversation.title, conversation.created) == ("c", "Kept", 4.0)
    assert not conversation.replying
    assert (changes, read) == ([], [])
    assert conversation.messages["b"].text == "words"
    assert read == ["b"]


def test_a_title_is_the_first_question_until_somebody_gives_one() -> None:
    conversation = Conversation()
    changes: list[Change] = []
    conversation.subscribe(lambda _conversation, _message, change: changes.append(change))
    assert (conversation.title, conversation.named) == ("", False)
    conversation.add_question("\n  # Why is the sky blue?\nTell me.")
    assert (conversation.title, conversation.named) == ("Why is the sky blue?", False)
    conversation.rename("Skies")
    assert (conversation.title, conversation.named) == ("Skies", True)
    conversation.rename("")
    assert conversation.title == "Why is the sky blue?"
    assert changes == [Added(), Renamed(), Renamed()]
