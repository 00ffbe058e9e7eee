from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from tests.history.chats import answer, begin, looking, store, texts, tree, until
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    Failed,
    Finished,
    ReasoningDelta,
    ResponseStarted,
    Skipped,
    Stopped,
    TextDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.history_ports import Draft, ReadingPosition
from tui_chat.chat.message import Message
from tui_chat.history.journal import note, replay, row

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def journal(database: sqlite3.Connection) -> list[tuple[int, str]]:
    return database.execute("SELECT key, events FROM journal ORDER BY key").fetchall()


def test_a_question_is_on_disk_before_anything_has_come(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        begin(conversation, "why is that?")
        with looking(tmp_path) as database:
            until(lambda: database.execute("SELECT 1 FROM messages WHERE instance IS NOT NULL").fetchall(), "a reply")
            assert database.execute("SELECT text FROM parts").fetchall() == [("why is that?",)]


def test_what_has_come_is_on_disk_while_more_comes_and_is_never_written_again(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        reply = begin(conversation)
        conversation.apply(reply, TextDelta("one ", at=2.0))
        history.chats()
        with looking(tmp_path) as database:
            before = journal(database)
            assert "one " in before[-1][1]
            conversation.apply(reply, TextDelta("two ", at=3.0))
            until(lambda: len(journal(database)) == len(before) + 1, "a second row")
            assert journal(database)[:-1] == before
            assert "one " not in journal(database)[-1][1]


def test_deltas_that_come_together_are_one_row(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        reply = begin(conversation)
        history.chats()
        for number in range(1000):
            conversation.apply(reply, TextDelta(f"{number} ", at=float(number)))
        history.chats()
        with looking(tmp_path) as database:
            assert len(journal(database)) <= 3


def test_a_settled_reply_has_parts_and_no_journal(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        answer(conversation, "why?", "be cause", ReasoningDelta("hm", at=8.0))
        history.chats()
        with looking(tmp_path) as database:
            assert journal(database) == []
            assert database.execute("SELECT kind, text FROM parts WHERE message = 2 ORDER BY position").fetchall() == [
                ("text", "be cause"),
                ("reasoning", "hm"),
            ]


def test_an_ending_that_comes_with_the_first_words_leaves_no_journal(tmp_path: Path) -> None:
    conversation = Conversation()
    with store(tmp_path) as history:
        history.record(conversation)
        answer(conversation, "why?", "because", ending=Stopped(at=4.0))
    with store(tmp_path) as history:
        assert tree(history.open(conversation.id)) == tree(conversation)


def test_nothing_is_made_before_there_is_something_to_keep(tmp_path: Path) -> None:
    with store(tmp_path / "deep" / "folder") as history:
        history.record(Conversation("be brief"))
        history.keep_draft("", Draft())
        history.keep_reading_position("", None)
        assert history.chats() == ()
        assert history.unfinished_chats() == ()
        assert history.newest() is None
    assert not (tmp_path / "deep").exists()


def test_a_new_chat_is_kept_with_the_name_and_the_system_prompt_it_was_given_first(tmp_path: Path) -> None:
    conversation = Conversation()
    with store(tmp_path) as history:
        history.record(conversation)
        conversation.rename("Names")
        conversation.set_system("be brief")
        conversation.add_question("why?")
    with store(tmp_path) as history:
        assert tree(history.open(conversation.id)) == tree(conversation)
        assert [chat.title for chat in history.chats()] == ["Names"]


def test_a_title_by_rule_follows_the_first_question(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        first = conversation.add_question("# First \x1b[31m question\nmore")
        assert [chat.title for chat in history.chats()] == ["First \ufffd[31m question"]
        conversation.add_question("Other", beside=first)
        conversation.remove(first)
        assert [chat.title for chat in history.chats()] == ["Other"]
        conversation.rename("Mine")
        assert [chat.title for chat in history.chats()] == ["Mine"]
        conversation.rename("")
        assert [chat.title for chat in history.chats()] == ["Other"]


def test_after_the_end_of_recording_nothing_more_is_kept(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        end = history.record(conversation)
        conversation.add_question("kept")
        end()
        end()
        conversation.add_question("not kept")
        assert texts(history.open(conversation.id)) == ["kept"]


def test_a_conversation_recorded_twice_is_written_once(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        history.record(conversation)
        answer(conversation, "why?", "because")
        assert [(chat.messages, chat.characters) for chat in history.chats()] == [(2, 11)]


def test_a_conversation_that_has_messages_already_is_kept_whole(tmp_path: Path) -> None:
    conversation = Conversation()
    answer(conversation, "one?", "one")
    reply = begin(conversation, "two?")
    conversation.apply(reply, TextDelta("tw", at=2.0))
    with store(tmp_path) as history:
        history.record(conversation)
        conversation.apply(reply, TextDelta("o", at=3.0))
        history.chats()
        with looking(tmp_path) as database:
            assert "two" in "".join(events for _, events in journal(database)).replace('", ', "")
        conversation.apply(reply, Finished("stop", "eof", at=4.0))
    with store(tmp_path) as history:
        assert tree(history.open(conversation.id)) == tree(conversation)


def test_a_kept_chat_goes_on_where_it_was(tmp_path: Path) -> None:
    conversation = Conversation()
    with store(tmp_path) as history:
        history.record(conversation)
        answer(conversation, "one?", "one")
    with store(tmp_path) as history:
        opened = history.open(conversation.id)
        history.record(opened)
        answer(opened, "two?", "two")
    with store(tmp_path) as history:
        assert texts(history.open(conversation.id)) == ["one?", "one", "two?", "two"]
        assert [chat.messages for chat in history.chats()] == [4]


def test_the_chat_of_a_conversation_that_is_recorded_here_is_that_conversation(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        end = history.record(conversation)
        begin(conversation)
        assert history.open(conversation.id) is conversation
        end()
        assert history.open(conversation.id) is not conversation


def test_bodies_are_read_when_they_are_looked_at(tmp_path: Path) -> None:
    conversation = Conversation()
    with store(tmp_path) as history:
        history.record(conversation)
        reply = answer(conversation, "one?", "one")
    with store(tmp_path) as history:
        opened = history.open(conversation.id)
        assert [message.id for message in opened.path()] == [reply.parent, reply.id]
        stored = opened.messages[reply.id]
        with looking(tmp_path) as database:
            database.execute("UPDATE parts SET text = 'two' WHERE message = 2")
            assert stored.text == "two"
            database.execute("UPDATE parts SET text = 'three' WHERE message = 2")
            assert stored.text == "two"


def test_what_cannot_be_read_says_so_in_its_place(tmp_path: Path) -> None:
    conversation = Conversation()
    with store(tmp_path) as history:
        history.record(conversation)
        answer(conversation, "one?", "one")
    with store(tmp_path) as history:
        first, second = history.open(conversation.id).path()
        with looking(tmp_path) as database:
            database.execute("UPDATE messages SET timing = 'no JSON' WHERE key = 1")
            database.execute("DELETE FROM messages WHERE key = 2")
        assert "cannot be read" in first.text
        assert "has been deleted" in second.text
        assert second.settled


def test_the_draft_the_queue_and_the_place_of_a_chat_are_kept(tmp_path: Path) -> None:
    draft = Draft("half a \ud800 sen\0tence", ("next", "\ud83d\ude00 and then"))
    with store(tmp_path) as history:
        history.keep_draft("a", Draft("older"))
        history.keep_draft("a", draft)
        history.keep_draft("b", Draft("sent"))
        history.keep_reading_position("a", ReadingPosition("m", 3))
        assert history.draft("a") == draft
        history.keep_draft("b", Draft())
    with store(tmp_path) as history:
        assert (history.draft("a"), history.draft("b")) == (draft, Draft())
        assert (history.reading_position("a"), history.reading_position("b")) == (ReadingPosition("m", 3), None)
        history.keep_reading_position("a", None)
        assert history.reading_position("a") is None


def test_no_key_is_on_disk(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        answer(
            conversation,
            "why?",
            "because",
            ResponseStarted(200, "https://me:hunter2@host/v1/x?key=hunter2&alt=sse#hunter2"),
        )
        begun = begin(conversation, "and?")
        conversation.apply(begun, ResponseStarted(200, "https://host/v1?key=hunter2"))
        conversation.apply(begun, TextDelta("because"))
        history.chats()
        assert not holders(tmp_path, b"hunter2")
        conversation.apply(begun, Failed("no", url="https://host/v1?key=hunter2"))
    assert not holders(tmp_path, b"hunter2")
    with store(tmp_path) as history:
        first = history.open(conversation.id).path()[1]
        assert first.url == "https://host/v1/x"


def holders(folder: Path, words: bytes) -> list[str]:
    """The files in which words stand."""
    return [path.name for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "share" / "tui-chat"
    before = os.umask(0)
    try:
        with store(folder) as history:
            conversation = Conversation()
            history.record(conversation)
            conversation.add_question("secret")
            history.chats()
            found = {
                path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")
            }
    finally:
        os.umask(before)
    files = {"history.db", "history.db-wal", "history.db-shm", "history.db.lock"}
    assert files <= {name.rpartition("/")[2] for name in found}
    assert {mode for name, mode in found.items() if (tmp_path / name).is_dir()} == {0o700}
    assert {mode for name, mode in found.items() if not (tmp_path / name).is_dir()} == {0o600}


def test_what_of_a_stream_was_skipped_is_in_the_journal_of_a_reply_that_has_not_settled() -> None:
    events: list[Any] = []
    for change in (Skipped(1, 10), Skipped(2, 5), UsageReport(Usage(3, 5, input_audio=1, output_audio=2), at=1.0)):
        note(events, change)
    message = Message("r", None, "assistant", 0.0)
    replay(message, [row(events)])
    assert message.skipped == Skipped(3, 15)
    assert message.usage == Usage(3, 5, input_audio=1, output_audio=2)


def test_replies_that_come_side_by_side_are_kept_whole_as_siblings(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        conversation = Conversation()
        history.record(conversation)
        question = conversation.add_question("which?")
        left, right = (
            conversation.begin_reply(question, model=name, endpoint=f"{name}.example", at=1.0) for name in "lr"
        )
        for number in range(50):
            conversation.apply(left, TextDelta(f"l{number} ", at=2.0))
            conversation.apply(right, TextDelta(f"r{number} ", at=2.0))
            if not number % 10:
                history.chats()  # what has come is written in between
        conversation.apply(right, Finished("stop", "eof", at=3.0))
        conversation.apply(left, Stopped(at=4.0))
        conversation.select(left)
    with store(tmp_path) as history:
        opened = history.open(conversation.id)
        assert opened.leaf is not None
        kept = opened.siblings(opened.leaf)
        assert [message.text for message in kept] == [
            "".join(f"{side}{number} " for number in range(50)) for side in "lr"
        ]
        assert [type(message.ending) for message in kept] == [Stopped, Finished]
        assert opened.leaf.model == "l"
