"""Search in what is recorded: settled messages of all chats, as they come, go and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.history.chats import answer, begin, store
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import ReasoningDelta, Stopped, TextDelta

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.chat.history_ports import Hit


def marked(hit: Hit) -> list[str]:
    return [text for text, found in hit.excerpt if found]


def test_questions_answers_and_reasoning_are_found_in_their_chats(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat, other = Conversation(), Conversation(title="Fish")
        for each in (chat, other):
            history.record(each)
        reply = answer(chat, "How do streams end?", "With 寿司 today", ReasoningDelta("Zen streams.", at=3.0))
        answer(other, "Which fish?", "Tuna")
        (hit,) = history.search("寿司")
        assert (hit.chat.id, hit.message, hit.role, marked(hit)) == (chat.id, reply.id, "assistant", ["寿司"])
        assert (hit.chat.title, hit.chat.messages) == ("How do streams end?", 2)
        assert [found.role for found in history.search("stream")] == ["assistant", "user"]
        assert [found.role for found in history.search("stream", limit=1, offset=1)] == ["user"]
        assert marked(history.search("zen")[0]) == ["Zen"]
        assert history.search("fish")[0].chat.title == "Fish"


def test_a_reply_is_found_once_it_has_settled(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = Conversation()
        history.record(chat)
        reply = begin(chat)
        chat.apply(reply, TextDelta("halfway", at=2.0))
        assert not history.search("halfway")
        chat.apply(reply, Stopped(at=3.0))
        assert [hit.message for hit in history.search("halfway")] == [reply.id]


def test_what_is_removed_or_deleted_is_not_found_until_it_is_back(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = Conversation()
        history.record(chat)
        reply = answer(chat, "question", "needle")
        removal = chat.remove(reply)
        assert not history.search("needle")
        chat.restore(removal)
        assert [hit.message for hit in history.search("needle")] == [reply.id]
        history.delete(chat.id)
        assert not history.search("needle")
        history.restore(chat.id)
        assert [hit.message for hit in history.search("needle")] == [reply.id]


def test_copies_are_found_beside_what_they_are_copies_of(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = Conversation()
        history.record(chat)
        answer(chat, "question", "needle")
        copy = history.duplicate(chat.id)
        assert {hit.chat.id for hit in history.search("needle")} == {chat.id, copy}


def test_the_words_of_a_chat_that_is_gone_are_gone_from_the_file(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = Conversation()
        history.record(chat)
        answer(chat, "question", "zyzzyva")
        other = Conversation()
        history.record(other)
        answer(other, "another", "answer")
        history.delete(chat.id)
    assert all(b"zyzzyva" not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    with store(tmp_path) as history:
        assert len(history.search("answer")) == 1
