"""The chats that llm 0.32 and later log come in whole, however its messages are tied together."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import store
from tests.history.transfer.foreign.test_imports import logs, taken, texts
from tui_chat.chat.events import Usage
from tui_chat.cli.export import import_files
from tui_chat.history.transfer.foreign import llm_threads

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
    CREATE TABLE threads (id TEXT PRIMARY KEY, name TEXT, tip_message_hash TEXT, forked_from TEXT, datetime_utc TEXT);
    CREATE TABLE turns (id TEXT PRIMARY KEY, thread_id TEXT, parent_message_hash TEXT, tip_message_hash TEXT,
        model TEXT, resolved_model TEXT, options_json TEXT, schema_id TEXT, input_tokens INTEGER,
        output_tokens INTEGER, token_details TEXT, duration_ms INTEGER, datetime_utc TEXT, response_json TEXT);
    CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT, provider_metadata TEXT);
    CREATE TABLE parts (id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT, tool_name TEXT,
        text TEXT, payload TEXT);
    CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT);
    CREATE TABLE part_attachments (part_id INTEGER, attachment_id TEXT, "order" INTEGER);
"""
"""The tables of llm 0.36 that are read."""

CHATS = """
    INSERT INTO messages VALUES ('s', NULL, 'system', NULL), ('q', 's', 'user', NULL), ('a', 'q', 'assistant', NULL),
        ('t', 'a', 'tool', NULL), ('b', 't', 'assistant', NULL), ('q2', 'b', 'user', NULL),
        ('c', 'q2', 'assistant', NULL), ('other', 'b', 'user', NULL);
    INSERT INTO parts VALUES (1, 's', 0, 'text', NULL, 'be brief', NULL),
        (2, 'q', 0, 'text', NULL, NULL, '{"text_ref": [{"fragment": 7}, {"literal": "what is it?"}]}'),
        (3, 'q', 1, 'attachment', NULL, NULL, '{"attachment": {"id": "a2"}}'),
        (4, 'a', 0, 'reasoning', NULL, 'hm', NULL), (5, 'a', 1, 'text', NULL, 'I look.', NULL),
        (6, 'a', 2, 'tool_call', 'look', NULL, '{}'), (7, 't', 0, 'tool_result', 'look', NULL, '{}'),
        (8, 'b', 0, 'text', NULL, 'It is a list.', NULL), (9, 'q2', 0, 'text', NULL, 'thanks', NULL),
        (10, 'c', 0, 'text', NULL, 'welcome', NULL), (11, 'other', 0, 'text', NULL, 'really?', NULL);
    INSERT INTO fragments VALUES (7, 'f', 'a file\n', NULL, NULL);
    INSERT INTO part_attachments VALUES (3, 'a2', 0), (3, 'a1', 1);
    INSERT INTO threads VALUES ('t1', 'Newer', 'c', NULL, '2026-05-06 07:08:30+00:00'),
        ('t2', 'A fork', 'other', 't1', '2026-05-06 08:00:00+00:00'), ('t3', 'Empty', NULL, NULL, NULL),
        ('c1', 'Continued', 'c', NULL, NULL);
    INSERT INTO turns (id, thread_id, parent_message_hash, tip_message_hash, model, resolved_model, input_tokens,
            output_tokens, datetime_utc)
        VALUES ('u1', 't1', 'q', 'a', 'mine', 'gpt-5', 9, 4, '2026-05-06T07:08:09+00:00'),
        ('u2', 't1', 't', 'b', 'mine', NULL, NULL, NULL, '2026-05-06T07:08:12+00:00'),
        ('u3', 't1', 'q2', 'c', 'mine', NULL, 5, 1, '2026-05-06T07:08:20+00:00');
"""


def threads(path: Path, more: str = "") -> None:
    """A database with the chats of both times; `more` is SQL."""
    logs(path)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"{SCHEMA}{CHATS}{more}")
        database.commit()


def test_threads_come_in_with_system_prompt_files_models_and_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads(tmp_path / "logs.db")
    chats, said = taken(tmp_path / "logs.db", tmp_path / "data", capsys)
    by_title = {chat.title: chat for chat in chats}
    whole = ["a file\nwhat is it?", "I look.", "\n\nIt is a list.", "thanks", "welcome"]
    assert texts(by_title["Newer"]) == whole
    assert texts(by_title["A fork"]) == [*whole[:3], "really?"]
    question, looked, answer, *_ = by_title["Newer"].path()
    assert by_title["Newer"].system == "be brief"
    assert [each.data for each in question.attachments] == [b"ab"]
    assert (looked.model, looked.usage, answer.model, answer.usage) == ("gpt-5", Usage(9, 4), "mine", None)
    assert looked.created == 1778051289.0
    assert "Empty" not in by_title
    assert "attached files (3)" in said
    assert "tool calls (3), tool results (3)" in said


def test_a_chat_that_was_continued_with_a_newer_version_comes_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads(tmp_path / "logs.db")
    chats, said = taken(tmp_path / "logs.db", tmp_path / "data", capsys)
    assert sorted(chat.title for chat in chats if chat.id in ("c1", "r2")) == ["Continued", "alone?"]
    assert "another chat has the id" not in said
    with store(tmp_path / "data") as history:
        assert import_files(history, [str(tmp_path / "logs.db")]) == 0
    assert "4 chats skipped" in capsys.readouterr().err


@pytest.mark.parametrize(
    "payload",
    ["", "{", "[]", '{"text_ref": 1}', '{"text_ref": [1, {"fragment": "x"}, {"fragment": -1}]}', "[" * 100_000],
)
def test_a_payload_that_cannot_be_read_costs_no_other_text(
    payload: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads(tmp_path / "logs.db", f"UPDATE parts SET payload = '{payload}' WHERE id = 2;")
    chats, _ = taken(tmp_path / "logs.db", tmp_path / "data", capsys)
    newer = next(chat for chat in chats if chat.title == "Newer")
    assert texts(newer) == ["", "I look.", "\n\nIt is a list.", "thanks", "welcome"]


def test_messages_in_a_circle_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llm_threads, "LONGEST", 20)
    threads(tmp_path / "logs.db", "UPDATE messages SET parent_hash = 'c' WHERE hash = 's';")
    chats, _ = taken(tmp_path / "logs.db", tmp_path / "data", capsys)
    assert texts(next(chat for chat in chats if chat.title == "Newer"))[-1] == "welcome"


def test_a_file_without_chats_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(tmp_path / "logs.db")) as database:
        database.executescript(
            "CREATE TABLE responses (id TEXT, model TEXT, prompt TEXT, response TEXT, datetime_utc TEXT);" + SCHEMA
        )
    chats, said = taken(tmp_path / "logs.db", tmp_path / "data", capsys)
    assert chats == []
    assert "there are no chats in it" in said
