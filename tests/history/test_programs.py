"""Several programs with one history; a second store in one process has locks of its own, as another process has."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import answer, begin, looking, store, texts, tree
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Finished, Stopped, TextDelta
from tui_chat.chat.history_ports import Draft

if TYPE_CHECKING:
    from pathlib import Path

DYING = """
import sys, threading
from pathlib import Path
from tests.history.chats import begin
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import TextDelta
from tui_chat.chat.history_ports import Draft
from tui_chat.history.store import Store

history = Store(Path(sys.argv[1]))
for name in sys.argv[2:]:
    conversation = Conversation(id=name)
    history.record(conversation)
    if "reply" in name:
        conversation.apply(begin(conversation, name), TextDelta("half a", at=5.0))
    if "draft" in name:
        history.keep_draft(name, Draft("half a question"))
    if "queue" in name:
        history.keep_draft(name, Draft("", ("the next",)))
    if "whole" in name:
        conversation.add_question(name)
    if "left" in name:
        conversation.add_question(name)
        history.record(conversation)()
history.chats()
print("ready", flush=True)
threading.Event().wait()
"""

TAKING = """
import os, sys
from pathlib import Path
from tui_chat.history.store import Store

history = Store(Path(sys.argv[1]))
print(*history.unfinished_chats(), sep=",", flush=True)
if "die" in sys.argv:
    os._exit(0)
history.close()
"""


def killed(folder: Path, *chats: str) -> None:
    """A program had these chats open, and was killed."""
    process = subprocess.Popen([sys.executable, "-c", DYING, str(folder), *chats], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.fixture(scope="module")
def remains(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a killed program left."""
    folder = tmp_path_factory.mktemp("killed")
    killed(folder, "a reply", "b draft", "c queue", "d whole", "e left", "f reply and draft")
    return folder


@pytest.fixture
def folder(remains: Path, tmp_path: Path) -> Path:
    """A copy of that for each test."""
    subprocess.run(["cp", "-a", f"{remains}/.", str(tmp_path)], check=True)
    return tmp_path


def test_the_reply_of_a_killed_program_is_cut_off_where_it_was(folder: Path) -> None:
    with store(folder) as history:
        question, reply = history.open("a reply").path()
        assert (question.text, reply.text) == ("a reply", "half a")
        assert reply.ending == CutOff("tui-chat ended before the reply did")
        assert (reply.timing.total, reply.deltas) == (4.0, 1)
        assert not any(chat.live for chat in history.chats())
        assert {chat.id: chat.characters for chat in history.chats()}["a reply"] == len("a reply" + "half a")
        assert [hit.message for hit in history.search("half")].count(reply.id) == 1


def test_what_a_killed_program_left_is_told_once_and_newest_first(folder: Path) -> None:
    with store(folder) as one, store(folder) as two:
        told = [*one.unfinished_chats(), *two.unfinished_chats(), *one.unfinished_chats()]
        assert told == ["f reply and draft", "c queue", "b draft", "a reply"]
        assert one.draft("f reply and draft") == Draft("half a question")
        assert two.draft("c queue") == Draft("", ("the next",))
        assert one.open("b draft").messages == {}
    with store(folder) as history:
        assert history.unfinished_chats() == ()
    assert list((folder / "running").iterdir()) == []


def test_only_one_of_several_starting_programs_is_told(folder: Path) -> None:
    programs = [
        subprocess.Popen([sys.executable, "-c", TAKING, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    told = sorted(program.communicate()[0].strip() for program in programs)
    assert told == ["", "", "", "f reply and draft,c queue,b draft,a reply"]


def test_a_draft_that_was_taken_over_is_told_again_when_the_taker_is_killed_too(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", TAKING, str(folder), "die"], check=True)
    with store(folder) as history:
        assert set(history.unfinished_chats()) == {"f reply and draft", "c queue", "b draft"}


def test_a_program_that_closed_leaves_nothing_behind_but_its_drafts_stay(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        begin(conversation)
        history.keep_draft(conversation.id, Draft("half"))
    with store(tmp_path) as history:
        assert history.unfinished_chats() == ()
        assert history.draft(conversation.id) == Draft("half")
        reply = history.open(conversation.id).last_reply
        assert reply is not None
        assert isinstance(reply.ending, CutOff)


def test_a_program_ended_from_outside_leaves_its_open_chats_behind(tmp_path: Path) -> None:
    stopped, whole, typed = (Conversation(id=name) for name in ("stopped", "whole", "typed"))
    with store(tmp_path) as history:
        ends = [history.record(conversation) for conversation in (stopped, whole, typed)]
        reply = begin(stopped)
        answer(whole, "why?", "because")
        history.interrupted()
        stopped.apply(reply, Stopped())
        history.keep_draft(typed.id, Draft("half"))
        for end in ends:
            end()
    with store(tmp_path) as history:
        assert set(history.unfinished_chats()) == {"stopped", "typed"}
        reply_again = history.open("stopped").last_reply
        assert reply_again is not None
        assert reply_again.ending == Stopped()
    with store(tmp_path) as history:
        assert history.unfinished_chats() == ()


def test_a_reply_belongs_to_the_program_that_receives_it(tmp_path: Path) -> None:
    with store(tmp_path) as receiving, store(tmp_path) as other:
        conversation = Conversation()
        receiving.record(conversation)
        reply = begin(conversation)
        conversation.apply(reply, TextDelta("half a"))
        assert [chat.live for chat in receiving.chats()] == [True]
        assert [chat.live for chat in other.chats()] == [True]
        assert other.unfinished_chats() == ()
        seen = other.open(conversation.id).last_reply
        assert seen is not None
        assert seen.text == "half a"
        assert isinstance(seen.ending, CutOff)
        assert "another running tui-chat" in seen.ending.why
        conversation.apply(reply, TextDelta(" sentence"))
        conversation.apply(reply, Finished("stop", "eof"))
        receiving.chats()
        again = other.open(conversation.id)
        assert tree(again) == tree(conversation)
        assert [chat.live for chat in other.chats()] == [False]


def test_two_programs_in_one_chat_keep_both_branches(tmp_path: Path) -> None:
    with store(tmp_path) as one, store(tmp_path) as two:
        conversation = Conversation()
        one.record(conversation)
        answer(conversation, "first?", "first")
        one.chats()
        elsewhere = two.open(conversation.id)
        two.record(elsewhere)
        for number in range(20):
            answer(conversation, f"one {number}?", "a")
            answer(elsewhere, f"two {number}?", "b")
        one.chats()
        two.chats()
        assert [chat.messages for chat in one.chats()] == [2 + 40 + 40]
    with store(tmp_path) as history:
        both = history.open(conversation.id)
        assert len(both.messages) == 82
        for leaf, other in ((conversation.leaf, "one"), (elsewhere.leaf, "two")):
            assert leaf is not None
            path = both.path(both.messages[leaf.id])
            assert [message.text for message in path][2::2] == [f"{other} {number}?" for number in range(20)]
        with looking(tmp_path) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_goes_on_from_a_message_deleted_elsewhere_brings_it_back(tmp_path: Path) -> None:
    with store(tmp_path) as one, store(tmp_path) as two:
        conversation = Conversation()
        one.record(conversation)
        answer(conversation, "first?", "first")
        second = answer(conversation, "second?", "second")
        one.chats()
        elsewhere = two.open(conversation.id)
        two.record(elsewhere)
        conversation.remove(conversation.messages[second.parent or ""])
        assert [chat.messages for chat in one.chats()] == [2]
        answer(elsewhere, "third?", "third")
        two.chats()
    with store(tmp_path) as history:
        assert texts(history.open(conversation.id)) == ["first?", "first", "second?", "second", "third?", "third"]


def test_a_chat_deleted_elsewhere_comes_back_when_it_goes_on(tmp_path: Path) -> None:
    with store(tmp_path) as one:
        conversation = Conversation()
        one.record(conversation)
        answer(conversation, "first?", "first")
        one.chats()
        with store(tmp_path) as two:
            two.delete(conversation.id)
            assert list(one.chats()) == []
        answer(conversation, "second?", "second")
        assert [chat.messages for chat in one.chats()] == [4]


def test_a_program_that_was_taken_for_dead_still_has_the_last_word(tmp_path: Path) -> None:
    with store(tmp_path) as one, store(tmp_path) as two:
        conversation = Conversation()
        one.record(conversation)
        reply = begin(conversation)
        conversation.apply(reply, TextDelta("half"))
        one.chats()
        for lock in (tmp_path / "running").iterdir():
            lock.unlink()
        assert isinstance(two.open(conversation.id).path()[-1].ending, CutOff)
        conversation.apply(reply, TextDelta(" and half"))
        conversation.apply(reply, Finished("stop", "eof"))
    with store(tmp_path) as history:
        assert tree(history.open(conversation.id)) == tree(conversation)
        assert [hit.message for hit in history.search("half")] == [reply.id]


def test_a_suspended_program_is_alive(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", DYING, str(tmp_path), "a reply"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    try:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        with store(tmp_path) as history:
            assert history.unfinished_chats() == ()
            assert [chat.live for chat in history.chats()] == [True]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
