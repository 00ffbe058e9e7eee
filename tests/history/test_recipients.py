"""Whom a chat was with is kept with it, copied with it, and found out for chats from before that was written down."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import answer, begin, store, texts
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, ResponseStarted
from tui_chat.chat.recipient import Recipient, host_in, same_host
from tui_chat.history import schema
from tui_chat.history.recovery import spill_file
from tui_chat.history.writing.write_queue import WriteQueue

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.history.store import Store

LAB = Recipient("127.0.0.1:8080", "lab", "tiny")


def keep(history: Store, recipient: Recipient | None, url: str = "", endpoint: str = "host") -> Conversation:
    """Keep a chat of one exchange."""
    chat = Conversation()
    chat.recipient = recipient
    history.record(chat)
    reply = chat.begin_reply(chat.add_question("why?"), model="named-by-server", endpoint=endpoint, at=1.0)
    if url:
        chat.apply(reply, ResponseStarted(200, url, at=1.0))
    chat.apply(reply, Finished("stop", "eof", at=2.0))
    return chat


def test_it_is_there_at_the_next_start_and_goes_with_a_copy(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = keep(history, LAB)
        chat.recipient = changed = Recipient("api.example.org", "", "large")
        answer(chat, "and?", "so")
    with store(tmp_path) as history:
        assert history.open(chat.id).recipient == history.recipient(chat.id) == changed
        copy = history.duplicate(chat.id, chat.path()[1].id)
        assert history.open(copy).recipient == changed
        history.delete(chat.id)
    with store(tmp_path) as history, closing(sqlite3.connect(history.path)) as database:
        history.chats()
        assert database.execute("SELECT chat FROM recipients").fetchall() == [(copy,)]


def test_it_is_that_of_the_branch_that_was_chosen_among_the_replies_of_several(tmp_path: Path) -> None:
    other = Recipient("api.example.org", "", "large")
    with store(tmp_path) as history:
        chat = keep(history, LAB)
        first = chat.path()[1]
        chat.recipient = other
        chat.apply(
            chat.begin_reply(chat.path()[0], model="large", endpoint="api", at=3.0), Finished("stop", "eof", at=4.0)
        )
    with store(tmp_path) as history:
        chat = history.open(chat.id)
        assert chat.recipient == other
        history.record(chat)
        chat.recipient = LAB
        chat.select(chat.messages[first.id])
    with store(tmp_path) as history:
        opened = history.open(chat.id)
        assert opened.recipient == LAB
        assert opened.leaf is not None
        assert opened.leaf.id == first.id


@pytest.mark.parametrize(
    ("endpoint", "url", "expected"),
    [
        ("lab", "http://127.0.0.1:8080/v1/chat/completions", Recipient("127.0.0.1:8080", "lab")),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/v1/chat/completions", Recipient("127.0.0.1:8080")),
        ("api.example.org", "https://api.example.org/v1/responses", Recipient("api.example.org")),
        ("built-in demo", "http://127.0.0.1:49152/v1/chat/completions", Recipient("demo")),
        ("demo in the house", "http://127.0.0.1:49152/v1/chat/completions", Recipient("demo")),
        ("lab", "", None),
    ],
)
def test_of_a_chat_in_an_older_file_the_newest_url_tells(
    endpoint: str, url: str, expected: Recipient | None, tmp_path: Path
) -> None:
    with store(tmp_path) as history:
        chat = keep(history, None, url, endpoint)
    with closing(sqlite3.connect(tmp_path / "history.db")) as database:
        for table in ("recipients", "origins", "requests", "choices"):
            database.execute(f"DROP TABLE {table}")
        database.execute("PRAGMA user_version = 1")
    with store(tmp_path) as history:
        assert history.open(chat.id).recipient == expected
        assert texts(history.open(chat.id)) == ["why?", ""]
    with closing(sqlite3.connect(tmp_path / "history.db")) as database:
        assert schema.version_of(database) == schema.VERSION
    assert (tmp_path / f"history.before-{schema.VERSION}.db").exists()


def test_it_comes_with_what_could_not_be_written_also_from_an_older_program(tmp_path: Path) -> None:
    chat = Conversation()
    queue = WriteQueue()
    chat.subscribe(lambda conversation, message, change: queue.noted.append((conversation, message, change, None)))
    chat.recipient = LAB
    begin(chat)
    queue.collect()
    path = tmp_path / "history.db"
    spill_file.spill(path, "a", queue)
    other = Conversation()
    other.subscribe(lambda conversation, message, change: queue.noted.append((conversation, message, change, None)))
    begin(other)
    queue.collect()
    older = spill_file.spill(path, "b", queue)
    with closing(sqlite3.connect(older)) as database:
        database.execute("DROP TABLE recipients")
        database.execute("DROP TABLE origins")
    with store(tmp_path) as history:
        assert history.recipient(chat.id) == LAB
        assert texts(history.open(other.id)) == ["why?", ""]


def test_a_host_is_what_a_url_names_with_a_port_that_does_not_go_without_saying() -> None:
    assert host_in("https://API.example.org:443/v1") == host_in("https://u:p@api.example.org") == "api.example.org"
    assert host_in("http://api.example.org:443/") == "api.example.org:443"
    assert host_in("no url") == host_in("http://[bad") == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("localhost:1", "127.0.0.1:1", True),
        ("[::1]:1", "localhost:1", True),
        ("[::1]", "127.0.0.1", True),
        ("localhost:1", "localhost:2", False),
        ("localhost", "localhost:2", False),
        ("a.example", "b.example", False),
        ("[2001:db8::1]", "[2001:db8::2]", False),
        ("demo", "demo.example", False),
    ],
)
def test_this_machine_has_several_names_and_each_port_is_another_server(one: str, other: str, same: bool) -> None:
    assert same_host(one, other) is same_host(other, one) is same
