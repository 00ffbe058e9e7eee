from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.history.chats import answer, begin, looking, store, texts, tree
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, TextDelta
from tui_chat.chat.history_ports import ChatInfo, Draft, HistoryError, ReadingPosition
from tui_chat.chat.message import Attachment

if TYPE_CHECKING:
    from pathlib import Path

WORD = "Rumpelstilzchen"


def holders(folder: Path) -> list[str]:
    """The files in which the word stands, in whatever form the index has it."""
    return [
        path.name for path in folder.rglob("*") if path.is_file() and WORD.lower().encode() in path.read_bytes().lower()
    ]


def long_ago(folder: Path) -> Conversation:
    """A chat with the word in every place, from an earlier run."""
    conversation = Conversation(WORD)
    with store(folder) as history:
        history.record(conversation)
        other = Conversation()
        history.record(other)
        answer(other, "something", "else")
        answer(conversation, f"{WORD}?", f"{WORD} {WORD}! " * 400)
        conversation.add_question("look", [Attachment(f"{WORD}.txt", "text/plain", WORD.encode())])
        conversation.rename(f"About {WORD}")
        history.keep_draft(conversation.id, Draft(WORD, (WORD,)))
        history.keep_reading_position(conversation.id, ReadingPosition("m", 2))
    assert holders(folder) == ["history.db"]
    return conversation


def test_a_deleted_chat_is_out_of_sight_and_can_be_restored(tmp_path: Path) -> None:
    conversation = long_ago(tmp_path)
    with store(tmp_path) as history:
        history.delete(conversation.id)
        assert [chat.title for chat in history.chats()] == ["something"]
        assert not history.search(WORD)
        with pytest.raises(HistoryError, match="no chat"):
            history.open(conversation.id)
        with pytest.raises(HistoryError, match="no chat"):
            history.find(conversation.id[:8])
        history.restore(conversation.id)
        assert tree(history.open(conversation.id)) == tree(conversation)
        assert len(history.search(WORD)) == 3
        assert history.draft(conversation.id) == Draft(WORD, (WORD,))


def test_nothing_of_a_deleted_chat_is_left_when_the_program_has_ended(tmp_path: Path) -> None:
    conversation = long_ago(tmp_path)
    with store(tmp_path) as history:
        history.delete(conversation.id)
    assert holders(tmp_path) == []
    with store(tmp_path) as history:
        assert [chat.title for chat in history.chats()] == ["something"]
        with looking(tmp_path) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_nothing_of_a_deleted_message_is_left_when_the_program_has_ended(tmp_path: Path) -> None:
    conversation = Conversation()
    with store(tmp_path) as history:
        history.record(conversation)
        answer(conversation, "first?", "first")
        below = conversation.add_question(f"{WORD}?")
        answer(conversation, "more?", WORD)
        conversation.remove(below)
        assert texts(conversation) == ["first?", "first"]
        assert not history.search(WORD)
        assert [chat.characters for chat in history.chats()] == [11]
    assert holders(tmp_path) == []
    with store(tmp_path) as history:
        assert tree(history.open(conversation.id)) == tree(conversation)


def test_nothing_of_a_streamed_text_stays_twice(tmp_path: Path) -> None:
    conversation = Conversation()
    with store(tmp_path) as history:
        history.record(conversation)
        reply = begin(conversation)
        conversation.apply(reply, TextDelta(f"{WORD} "))
        history.chats()
        answer(conversation, "next?", "x")
        conversation.apply(reply, CutOff("lost"))
    assert (tmp_path / "history.db").read_bytes().count(WORD.encode()) == 1


def test_a_removed_branch_is_restored_without_one_that_was_removed_before(tmp_path: Path) -> None:
    conversation = Conversation()
    with store(tmp_path) as history:
        history.record(conversation)
        top = conversation.messages[answer(conversation, "first?", "first").parent or ""]
        low = answer(conversation, "second?", "second")
        conversation.remove(low)
        removal = conversation.remove(top)
        assert [chat.messages for chat in history.chats()] == []
        conversation.restore(removal)
        assert tree_of(history, conversation) == tree(conversation)
    with store(tmp_path) as history:
        assert texts(history.open(conversation.id)) == ["first?", "first", "second?"]


def tree_of(history: object, conversation: Conversation) -> dict[str, object]:
    from tui_chat.history.store import Store

    assert isinstance(history, Store)
    with store(history.path.parent) as other:
        history.chats()
        return tree(other.open(conversation.id))


def test_a_removal_can_be_undone_after_the_chat_was_left_and_opened_again(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        first = Conversation()
        end = history.record(first)
        answer(first, "first?", "first")
        reply = answer(first, "second?", "second")
        removal = first.remove(first.messages[reply.parent or ""])
        end()
        again = history.open(first.id)
        history.record(again)
        again.restore(removal)
        assert texts(again) == ["first?", "first", "second?", "second"]
    with store(tmp_path) as history:
        assert texts(history.open(first.id)) == ["first?", "first", "second?", "second"]


def test_what_another_program_has_open_is_wiped_when_that_has_ended_too(tmp_path: Path) -> None:
    with store(tmp_path) as other:
        conversation = Conversation()
        other.record(conversation)
        answer(conversation, f"{WORD}?", "first")
        other.chats()
        with store(tmp_path) as history:
            history.delete(conversation.id)
        assert holders(tmp_path) != []
        assert not other.chats()
    assert holders(tmp_path) == []


def test_what_a_killed_program_deleted_is_wiped_by_the_next_that_writes(tmp_path: Path) -> None:
    conversation = long_ago(tmp_path)
    with store(tmp_path) as history:
        history.delete(conversation.id)
        history._writer._file.lock.release()
        with store(tmp_path) as other:
            other.keep_draft("x", Draft("y"))
        assert holders(tmp_path) == [] or set(holders(tmp_path)) == {"history.db", "history.db-wal"}
    assert holders(tmp_path) == []


def test_a_copy_is_a_chat_of_its_own(tmp_path: Path) -> None:
    conversation = long_ago(tmp_path)
    with store(tmp_path) as history:
        copy = history.duplicate(conversation.id)
        history.delete(conversation.id)
        assert {chat.title for chat in history.chats()} == {f"About {WORD} (copy)", "something"}
    with store(tmp_path) as history:
        opened = history.open(copy)
        assert texts(opened) == texts(conversation)
        assert opened.system == WORD
        assert opened.messages.keys().isdisjoint(conversation.messages)
        assert [attachment.name for attachment in opened.path()[-1].attachments] == [f"{WORD}.txt"]
        assert len(history.search(WORD)) == 3


def test_a_copy_up_to_a_message_is_the_path_to_it(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        first = answer(conversation, "first?", "first")
        answer(conversation, "second?", "second")
        conversation.add_question("other?", beside=conversation.messages[first.parent or ""])
        copy = history.open(history.duplicate(conversation.id, first.id))
        assert [message.text for message in copy.messages.values()] == ["first?", "first"]
        with pytest.raises(HistoryError, match="no such message"):
            history.duplicate(conversation.id, "other")


def test_pinned_chats_come_first_and_then_the_newest(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        for number in range(3):
            conversation = Conversation(id=f"{number}-id")
            history.record(conversation)
            conversation.add_question(f"Question {number}")
        history.pin("0-id", pinned=True)
        assert [chat.id for chat in history.chats()] == ["0-id", "2-id", "1-id"]
        assert [chat.pinned for chat in history.chats()] == [True, False, False]
        assert [chat.id for chat in history.chats("QUEST 1")] == ["1-id"]
        assert [chat.id for chat in history.chats(limit=1)] == ["0-id"]
        assert history.newest() == "2-id"
        assert history.find("1-") == "1-id"
        with pytest.raises(HistoryError, match="several"):
            history.find("")
        history.pin("0-id", pinned=False)
        history.rename("0-id", "Other \x1b name")
        assert [chat.title for chat in history.chats()] == ["Question 2", "Question 1", "Other \ufffd name"]
        with pytest.raises(HistoryError, match="no chat with the id 9"):
            history.rename("9", "x")
        assert isinstance(history.chats()[0], ChatInfo)
