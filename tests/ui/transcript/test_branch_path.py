"""The path that the transcript shows: its entries, alternatives, and what stays when another branch is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.host import Chat
from tui_chat.chat.events import CutOff, ReasoningDelta, TextDelta
from tui_chat.ui.transcript.branch_path import BranchPath

if TYPE_CHECKING:
    from tui_chat.chat.message import Message


def path_of(chat: Chat) -> BranchPath:
    path = BranchPath()
    path.show(chat.conversation)
    return path


def again(chat: Chat, reply: Message, text: str) -> Message:
    """Another reply to the same question."""
    question = chat.conversation.messages[reply.parent or ""]
    chat.reply = chat.conversation.begin_reply(question, model="m", endpoint="h", at=chat.asked)
    chat.tell(TextDelta(text, at=chat.asked + 1), CutOff("", at=chat.asked + 2))
    return chat.reply


def test_a_reply_that_continues_another_is_part_of_its_entry() -> None:
    chat = Chat()
    first = chat.ask("question")
    chat.tell(TextDelta("one", at=1_001), CutOff("", at=1_002))
    path = path_of(chat)
    rest = chat.conversation.begin_reply(first, model="m", endpoint="h", at=1_003.0)
    assert path.add(rest) is first
    assert [message.role for message in path.entries] == ["user", "assistant"]
    assert path.messages_of(first) == [first, rest]
    assert path.entry_of(rest) is first
    assert path.index_of(first) == 1
    assert path.index_of(rest) is None


def test_alternatives_are_counted_and_their_order_is_that_of_asking() -> None:
    chat = Chat()
    first = chat.answer("question", "one")
    second = again(chat, first, "two")
    path = path_of(chat)
    assert path.branch_of(second) == "2/2"
    assert path.siblings(second) == ([first, second], 1)
    assert path.last_with_siblings() is second
    assert path.branch_of(path.entries[0]) == ""


def test_another_branch_keeps_the_entries_before_the_fork() -> None:
    chat = Chat()
    chat.answer("start", "yes")
    first = chat.answer("question", "one")
    again(chat, first, "two")
    path = path_of(chat)
    common = list(path.entries[:3])
    chat.conversation.select(first)
    assert path.switch(chat.conversation.path()) == 3
    assert path.entries == [*common, first]
    assert path.switch(chat.conversation.path()) == 4


def test_a_message_of_another_branch_does_not_come_onto_the_path() -> None:
    chat = Chat()
    first = chat.answer("question", "one")
    path = path_of(chat)
    other = again(chat, first, "two")
    assert path.add(other) is None
    assert path.entries[-1] is first
    assert path.branch_of(first) == "1/2"


def test_the_newest_leaf_below_a_message_follows_the_newest_children() -> None:
    chat = Chat()
    first = chat.answer("question", "one")
    last = again(chat, first, "two")
    path = path_of(chat)
    assert path.newest_below(path.entries[0]) is last
    assert path.newest_below(first) is first


def test_what_was_unfolded_is_remembered_until_another_conversation_is_shown() -> None:
    chat = Chat()
    reply = chat.ask("question")
    chat.tell(ReasoningDelta("hm", at=1_001), TextDelta("yes", at=1_002))
    path = path_of(chat)
    path.unfold(reply)
    assert path.entry(reply).folded_by_hand == {0: False}
    path.show(chat.conversation)
    assert path.entry(reply).folded_by_hand == {}
