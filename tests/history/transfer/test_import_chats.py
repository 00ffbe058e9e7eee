from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.history.files import given_out, history, lines, taken_in
from tests.history.trees import chats
from tui_chat.chat.events import Finished
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.message import Message, TextPart
from tui_chat.chat.search.query import Query
from tui_chat.history import search_index
from tui_chat.history.transfer.import_chats import import_chats
from tui_chat.history.transfer.json_format import ChatHead

if TYPE_CHECKING:
    import sqlite3

Chat = tuple[ChatHead, list[Message]]


def asked(id_: str, text: str, parent: str | None = None) -> Message:
    return Message(id_, parent, "user", 1.7e9, parts=[TextPart("text", text=text)])


def answered(id_: str, text: str, parent: str) -> Message:
    ending = Finished("stop", "eof", at=0.0)
    return Message(id_, parent, "assistant", 1.7e9, "model", parts=[TextPart("text", text=text)], ending=ending)


def chat(*texts: str, id_: str = "c1", title: str = "") -> Chat:
    """A question and answers to it, each of them a branch."""
    tree = [asked("q", texts[0]), *(answered(f"a{number}", text, "q") for number, text in enumerate(texts[1:]))]
    return ChatHead(id_, 1.7e9, 1.7e9, title, "", False, tree[-1].id, len(tree)), tree


def found(database: sqlite3.Connection, words: str) -> int:
    return len(list(search_index.find(database, Query(words))))


@settings(max_examples=30)
@given(st.lists(chats(), max_size=3, unique_by=lambda each: each[0].id))
def test_what_goes_out_and_in_again_goes_out_the_same(some: list[Chat]) -> None:
    written = lines(*some)
    with history() as one, history() as other:
        taken_in(one, written)
        first = given_out(one)
        assert sorted(first.splitlines()) == sorted(written.splitlines())
        taken_in(other, first)
        assert given_out(other) == first


@settings(max_examples=20)
@given(chats())
def test_what_comes_in_twice_is_there_once(some: Chat) -> None:
    with history() as database:
        assert [each.outcome for each in taken_in(database, lines(some, some))] == ["new", "here"]
        assert given_out(database) == lines(some)


def test_chats_come_in_with_what_lists_and_searches_need() -> None:
    with history() as database:
        (came,) = taken_in(database, lines(chat("How do streams end?", "With 寿司.")))
        assert (came.outcome, came.id, came.title, came.messages) == ("new", "c1", "How do streams end?", 2)
        row = database.execute("SELECT heading, model, messages, characters FROM chats").fetchall()
        assert row == [("How do streams end?", "model", 2, 27)]
        assert (found(database, "streams"), found(database, "寿司")) == (1, 1)


def test_a_chat_that_has_gone_on_meanwhile_is_left_as_it_is() -> None:
    with history() as database:
        taken_in(database, lines(chat("question", "one", "two", title="a title")))
        assert [each.outcome for each in taken_in(database, lines(chat("question", "one")))] == ["here"]
        assert (found(database, "question"), found(database, "one"), found(database, "two")) == (1, 1, 1)


def test_another_chat_with_its_id_comes_in_beside_it_once() -> None:
    with history() as database:
        taken_in(database, lines(chat("question", "one")))
        (copy,) = taken_in(database, lines(chat("question", "another")))
        (again,) = taken_in(database, lines(chat("question", "another")))
        assert (copy.outcome, again.outcome) == ("copy", "here")
        assert copy.id == again.id != "c1"
        assert (found(database, "one"), found(database, "another")) == (1, 1)


def test_a_chat_that_was_deleted_comes_in_again() -> None:
    with history() as database:
        taken_in(database, lines(chat("question", "one")))
        database.execute("UPDATE chats SET deleted = 1")
        (again,) = taken_in(database, lines(chat("question", "one")))
        assert (again.outcome, found(database, "question")) == ("copy", 1)


def test_files_can_be_joined() -> None:
    with history() as database:
        data = lines(chat("one", id_="c1")) + b"\n" + lines(chat("two", id_="c2"))
        assert [each.id for each in taken_in(database, data)] == ["c1", "c2"]


def test_a_reply_that_was_still_coming_comes_in_cut_off() -> None:
    head, tree = chat("question", "begun")
    tree[1].ending = None
    with history() as database:
        taken_in(database, lines((head, tree)))
        (ending,) = database.execute("SELECT ending FROM messages WHERE role = 'assistant'").fetchone()
        assert "still coming" in json.loads(ending)["why"]


GOOD = lines(chat("one", "two", "three", id_="c1"), chat("four", "five", id_="c2")).splitlines(keepends=True)


@pytest.mark.parametrize(
    ("data", "said", "kept"),
    [
        (b"", "line 1 should begin an export of tui-chat; the file is empty", 0),
        (b"\n", "line 2 should begin an export of tui-chat; the file is empty", 0),
        (b"# Notes\n", "line 1 is not JSON", 0),
        (b'{"a": 1}\n', "line 1 does not begin an export of tui-chat", 0),
        (b"".join(GOOD[:-1]), "line 8 should be message 2 of the 2 of a chat; the file ends too early", 1),
        (b"".join(GOOD)[:-9], "line 8 is not JSON", 1),
        (b"".join(GOOD[:3] + GOOD[5:]), "line 4 should be message 2 of the 3 of a chat", 0),
        (GOOD[0] + GOOD[2], "line 2 is not a chat", 0),
        (b"".join(GOOD[:3] + GOOD[2:]), "line 4 has a message with the id of another one", 0),
        (b"".join([*GOOD[:2], GOOD[3]]), "line 3 has a message whose parent is not before it", 0),
        (b"".join(GOOD[:5]).replace(b'"leaf": "a1"', b'"leaf": "zz"'), "line 5 ends a chat whose leaf", 0),
        (b"".join(GOOD).replace(b"tui-chat", b"other", 1), "line 1 does not begin", 0),
    ],
)
def test_a_bad_file_is_told_by_its_line_and_nothing_is_half_there(data: bytes, said: str, kept: int) -> None:
    with history() as database:
        with pytest.raises(HistoryError) as told:
            taken_in(database, data)
        assert said in str(told.value)
        assert database.execute("SELECT count(*) FROM chats").fetchone() == (kept,)
        assert found(database, "four") == 0


def test_reading_tells_how_far_it_is() -> None:
    told: list[int] = []
    data = b"".join(GOOD)
    with history() as database:
        list(import_chats(database, BytesIO(data), told.append))
    assert sum(told) == len(data)
