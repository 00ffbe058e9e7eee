"""An entry of the transcript: one message, or a reply and those that continue it, read part by part."""

from __future__ import annotations

from tests.ui.host import Chat
from tui_chat.chat.events import CutOff, Finished, ReasoningDelta, TextDelta, ToolCallDelta
from tui_chat.ui.transcript.entry import TranscriptEntry


def new(entry: TranscriptEntry) -> list[tuple[int, str]]:
    return [(key, text) for key, _, text in entry.fresh()]


def test_each_text_is_given_once() -> None:
    chat = Chat()
    entry = TranscriptEntry([chat.ask("question")], {})
    chat.tell(TextDelta("one", at=1_001))
    assert new(entry) == [(0, "one")]
    chat.tell(TextDelta(" two", at=1_002), TextDelta(" three", at=1_003))
    assert new(entry) == [(0, " two three")]
    assert new(entry) == []
    entry.restart()
    assert new(entry) == [(0, "one two three")]


def test_a_text_that_another_reply_continues_keeps_its_key() -> None:
    chat = Chat()
    first = chat.ask("question")
    chat.tell(ReasoningDelta("hm", at=1_001), TextDelta("one", at=1_002), CutOff("", at=1_003))
    messages = [first]
    entry = TranscriptEntry(messages, {})
    assert new(entry) == [(0, "hm"), (1, "one")]
    chat.reply = chat.conversation.begin_reply(first, model="m", endpoint="h", at=1_004.0)
    messages.append(chat.reply)
    chat.tell(TextDelta(" two", at=1_005), ToolCallDelta(0, "id", "search", "{}", at=1_006))
    assert new(entry) == [(1, " two"), (2, "")]
    assert entry.may_grow
    assert entry.last is chat.reply


def test_reasoning_folds_when_the_answer_begins_and_stays_as_a_person_set_it() -> None:
    chat = Chat()
    by_hand: dict[int, bool] = {}
    entry = TranscriptEntry([chat.ask("question")], by_hand)
    chat.tell(ReasoningDelta("hm", at=1_001))
    new(entry)
    assert not entry.folded(0)
    chat.tell(TextDelta("yes", at=1_002))
    new(entry)
    assert entry.folded(0)
    assert not entry.folded(1)
    by_hand[0] = False
    assert not entry.folded(0)


def test_a_tool_call_is_folded_until_a_person_unfolds_it() -> None:
    chat = Chat()
    by_hand: dict[int, bool] = {}
    entry = TranscriptEntry([chat.ask("question")], by_hand)
    chat.tell(ToolCallDelta(0, "id", "search", "{}", at=1_001), Finished("tool_calls", "eof", at=1_002))
    new(entry)
    assert entry.folded(0)
    by_hand[0] = False
    assert not entry.folded(0)
    assert not entry.may_grow
