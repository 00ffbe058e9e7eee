"""One chat in several programs at once: each is told of the other, and nothing that one writes takes the other's."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.history.chats import answer, store, texts
from tui_chat.chat.conversation import Conversation

if TYPE_CHECKING:
    from pathlib import Path

ENTERING = """
import os, sys
from pathlib import Path
from tui_chat.history.store import Store
history = Store(Path(sys.argv[1]))
print(history.enter(sys.argv[2]), flush=True)
sys.stdin.readline()
os.kill(os.getpid(), 9)
"""


def kept(folder: Path) -> str:
    with store(folder) as history:
        chat = Conversation()
        history.record(chat)
        answer(chat, "why?", "because")
    return chat.id


def test_the_second_program_is_told_and_a_closed_one_does_not_count(tmp_path: Path) -> None:
    chat = kept(tmp_path)
    with store(tmp_path) as third:
        with store(tmp_path) as first, store(tmp_path) as second:
            end = first.record(first.open(chat))
            assert not first.enter(chat)
            assert second.enter(chat)
            assert not second.enter("another chat")
            end()
            first.chats()  # waits until that is written
            assert third.enter(chat)  # the second still has it
        assert not third.enter(chat)


def test_a_program_that_asked_in_a_chat_has_it_open(tmp_path: Path) -> None:
    with store(tmp_path) as first, store(tmp_path) as second:
        chat = Conversation()
        first.record(chat)
        answer(chat, "why?", "because")
        first.chats()
        assert second.enter(chat.id)


def test_a_killed_program_does_not_count(tmp_path: Path) -> None:
    chat = kept(tmp_path)
    words = [sys.executable, "-c", ENTERING, str(tmp_path), chat]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "False\n"
        with store(tmp_path) as history:
            assert history.enter(chat)
        other.communicate("\n")
    with store(tmp_path) as history:
        assert not history.enter(chat)


def test_what_two_programs_ask_in_one_chat_becomes_two_branches(tmp_path: Path) -> None:
    chat = kept(tmp_path)
    with store(tmp_path) as first, store(tmp_path) as second:
        one, two = first.open(chat), second.open(chat)
        first.record(one)
        second.record(two)
        answer(one, "from the first?", "first")
        answer(two, "from the second?", "second")
        answer(one, "again?", "first again")
    with store(tmp_path) as history:
        conversation = history.open(chat)
        below = conversation.siblings(conversation.path()[2])
        branches = [texts_to(conversation, question.id) for question in below]
    assert sorted(branches) == [  # each program has a thread that writes, and either may come first
        ["why?", "because", "from the first?", "first", "again?", "first again"],
        ["why?", "because", "from the second?", "second"],
    ]


def texts_to(conversation: Conversation, question: str) -> list[str]:
    conversation.select(conversation.newest_below(conversation.messages[question]))
    return texts(conversation)
