from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.history.files import history
from tui_chat.chat.message import Attachment, Message, TextPart
from tui_chat.chat.search.query import Query
from tui_chat.history import messages, search_index
from tui_chat.history.database import open_for_writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

NOON = 1_760_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with history(path) as opened:
        opened.execute("INSERT INTO chats (key, id, created, changed) VALUES (1, 'c', 0, 0)")
        yield opened


def said(database: sqlite3.Connection, text: str, created: float = NOON, **fields: object) -> int:
    """A message that is there and indexed."""
    id_ = str(database.execute("SELECT count(*) FROM messages").fetchone()[0])
    message = Message(id_, None, "user", created, parts=[TextPart("text", text=text)], **fields)  # type: ignore[arg-type]
    key = messages.insert(database, 1, message, None)
    search_index.add(database, key)
    return key


def found(database: sqlite3.Connection, words: str) -> list[int]:
    return list(search_index.find(database, Query(words)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("streaming replies", "stream repl"),
        ("Grüße aus Köln", "grusse koln"),
        ("東京で寿司を食べた", "寿司"),
        ("我们今天去公园", "公园"),
        ("한국은행에서", "은행"),
        ("def read_line(self):", "read_line"),
        ("httpx 0.28.1", "0.28"),
        ("well done 👍🏽", "👍"),
        ("lone \ud800 surrogate", "surrogate"),
        ("a NUL \x00 inside", "inside"),
    ],
)
def test_words_are_found(database: sqlite3.Connection, text: str, words: str) -> None:
    key = said(database, text)
    said(database, "something else")
    assert found(database, words) == [key]


@pytest.mark.parametrize("words", ["司寿", '"lines read"', "ine", "", "->", "*", '"', "NOT", "NEAR(a b", "words:x ^y"])
def test_what_is_not_there_is_not_found_and_is_no_error(database: sqlite3.Connection, words: str) -> None:
    said(database, "read lines 寿司")
    assert found(database, words) == []


def test_the_newest_come_first_however_they_were_written(database: sqlite3.Connection) -> None:
    ages = [50, 0, 4e7, 1, 5e8, 50, 1e10, -1e12, 7]  # seconds; some of them other tables of the index, some absurd
    keys = {said(database, "word", NOON - age): age for age in ages}
    assert [keys[key] for key in found(database, "wor")] == sorted(ages)


def test_many_messages_of_one_second_are_all_found(database: sqlite3.Connection) -> None:
    keys = [said(database, "word") for _ in range(100)]
    assert found(database, "word") == keys[::-1]


def test_names_of_attachments_are_found(database: sqlite3.Connection) -> None:
    key = said(database, "look", attachments=[Attachment("report.pdf", "application/pdf", b"")])
    assert found(database, "report.pdf") == [key]


def test_what_was_removed_or_deleted_is_not_found(database: sqlite3.Connection) -> None:
    key, _ = said(database, "word one"), said(database, "word two")
    database.execute("UPDATE messages SET removed = key WHERE key = ?", (key,))
    assert len(found(database, "word")) == 1
    database.execute("UPDATE chats SET deleted = 1")
    assert found(database, "word") == []


def test_a_message_that_is_taken_out_leaves_no_word_of_it(database: sqlite3.Connection, path: Path) -> None:
    gone = said(database, "zyzzyva common")
    for _ in range(20):
        said(database, "common words")
    assert b"zyzzyva" in path.read_bytes()
    search_index.remove(database, [gone, gone])
    assert found(database, "zyzzyva") == []
    assert len(found(database, "common")) == 20
    database.execute("DELETE FROM parts WHERE message = ?", (gone,))
    assert b"zyzzyva" not in path.read_bytes()


def test_its_place_can_be_taken_by_another(database: sqlite3.Connection) -> None:
    search_index.remove(database, [said(database, "one word")])
    key = said(database, "another word")
    assert (found(database, "one"), found(database, "word")) == ([], [key])


def test_an_index_that_is_rolled_back_was_never_there(database: sqlite3.Connection) -> None:
    database.execute("BEGIN")
    said(database, "word")
    database.execute("ROLLBACK")
    key = said(database, "word")
    assert found(database, "word") == [key]


class TestWithoutFts5:
    @pytest.fixture(autouse=True)
    def _without(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search_index, "available", lambda: False)

    def test_messages_are_found_by_reading_them_all(self, database: sqlite3.Connection) -> None:
        older, newer = said(database, "streams of 寿司", NOON - 9), said(database, "a stream of 寿司")
        said(database, "else")
        assert found(database, "stream 寿司") == [newer, older]
        search_index.remove(database, [newer])
        assert found(database, "stream 寿司") == [older]

    def test_an_sqlite_with_fts5_catches_up(
        self, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = said(database, "one word"), said(database, "another word")
        search_index.remove(database, [one])
        monkeypatch.setattr(search_index, "available", lambda: True)
        assert found(database, "word") == []
        search_index.catch_up(database)
        search_index.catch_up(database)
        assert found(database, "word") == [other]

    def test_it_does_so_when_it_opens_the_history(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "other" / "history.db"
        with closing(open_for_writing(file)) as written:
            written.execute("INSERT INTO chats (key, id, created, changed) VALUES (1, 'c', 0, 0)")
            key = said(written, "word")
        monkeypatch.setattr(search_index, "available", lambda: True)
        with closing(open_for_writing(file)) as written:
            assert found(written, "word") == [key]

    def test_what_goes_meanwhile_is_not_found_later(
        self, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(search_index, "available", lambda: True)
            gone = said(database, "word")
        search_index.remove(database, [gone])
        monkeypatch.setattr(search_index, "available", lambda: True)
        key = said(database, "word")
        assert found(database, "word") == [key]
