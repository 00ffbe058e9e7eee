"""The list of chats: which are in it, in which order, and how one is named by the beginning of its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.history.chats import answer, begin, store
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.history_ports import HistoryError

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.history.store import Store


def recorded(history: Store, id_: str, *, at: float, title: str = "", asked: bool = False) -> Conversation:
    """A chat whose answer ended at the second `at`."""
    chat = Conversation(id=id_, title=title)
    chat.origin = "ask" if asked else ""
    history.record(chat)
    answer(chat, f"question of {id_}", "yes")
    history._writer.call(lambda file: file.execute("UPDATE chats SET changed = ? WHERE id = ?", (at, id_)))
    return chat


def test_pinned_chats_come_first_then_the_newest(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        for at, name in enumerate(("old", "middle", "new")):
            recorded(history, name, at=at)
        history.pin("old", pinned=True)
        assert [(chat.id, chat.pinned) for chat in history.chats()] == [
            ("old", True),
            ("new", False),
            ("middle", False),
        ]
        assert [chat.id for chat in history.chats(limit=2)] == ["old", "new"]


def test_all_words_must_be_in_the_title_whatever_their_case(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        recorded(history, "a", at=1, title="Straße im REGEN")
        recorded(history, "b", at=2, title="Regen")
        assert [chat.id for chat in history.chats("regen strasse")] == ["a"]
        assert [chat.id for chat in history.chats("100%")] == []


def test_a_chat_without_messages_and_a_deleted_one_are_not_listed(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        history.record(Conversation(id="empty"))
        recorded(history, "gone", at=1)
        history.delete("gone")
        assert list(history.chats()) == []
        assert history.newest() is None


def test_a_chat_with_a_running_reply_says_so(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = Conversation()
        history.record(chat)
        begin(chat)
        assert [info.live for info in history.chats()] == [True]


def test_the_newest_chat_is_of_the_screen_or_of_ask(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        recorded(history, "screen", at=1)
        recorded(history, "asked", at=2, asked=True)
        assert (history.newest(), history.newest("ask")) == ("screen", "asked")


def test_a_chat_is_found_by_the_beginning_of_its_id_alone(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        recorded(history, "ab1", at=1)
        recorded(history, "ab2", at=2)
        assert history.find("ab1") == "ab1"
        with pytest.raises(HistoryError, match="several chats have ids that begin with 'ab'"):
            history.find("ab")
        for unknown in ("b1", "AB1", "%", "a_1"):
            with pytest.raises(HistoryError, match="no chat has an id that begins"):
                history.find(unknown)
