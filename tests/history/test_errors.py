"""What goes wrong with the disk: one sentence, never the end of a reply, and nothing that was said is lost."""

from __future__ import annotations

import sqlite3
import stat
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import answer, begin, store, texts, tree, until
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, TextDelta
from tui_chat.chat.history_ports import Draft, HistoryError
from tui_chat.history import database, schema
from tui_chat.history.recovery import spill_file
from tui_chat.history.transfer import import_chats as importing
from tui_chat.history.writing import row_writer, writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_chat.history.store import Store


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock."""
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    monkeypatch.setattr(writer, "AGAIN", 0.05)
    monkeypatch.setattr(writer, "AT_THE_END", 0.2)


def watched(history: Store) -> list[str]:
    """The sentences that a person is told from here on."""
    told: list[str] = []
    history.watch(told.append)
    return told


def kept(folder: Path, text: str = "before") -> Conversation:
    """A chat of an earlier run."""
    conversation = Conversation()
    with store(folder) as history:
        history.record(conversation)
        answer(conversation, f"{text}?", text)
    return conversation


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another program holds the write lock."""
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_what_is_said_while_the_file_is_locked_is_kept_afterwards(tmp_path: Path) -> None:
    old = kept(tmp_path)
    conversation = Conversation()
    with store(tmp_path) as history:
        told = watched(history)
        history.record(conversation)
        with locked(tmp_path):
            answer(conversation, "one?", "one")
            reply = begin(conversation, "two?")
            conversation.apply(reply, TextDelta("two"))
            history.keep_draft("d", Draft("half"))
            until(lambda: told, "a sentence")
            assert told == [
                "Not saved yet: another program holds the history locked. It is saved as soon as that is fixed."
            ]
            assert [chat.id for chat in history.chats()] == [old.id]
            assert texts(history.open(old.id)) == ["before?", "before"]
            with pytest.raises(HistoryError, match="locked"):
                history.rename(old.id, "x")
        until(lambda: told[-1] == "", "the end of the trouble")
        assert len(told) == 2
        conversation.apply(reply, Finished("stop", "eof"))
    with store(tmp_path) as history:
        assert tree(history.open(conversation.id)) == tree(conversation)
        assert history.draft("d") == Draft("half")


def test_a_program_that_ends_while_the_file_is_locked_puts_aside_what_is_missing(tmp_path: Path) -> None:
    kept(tmp_path)
    with locked(tmp_path), store(tmp_path) as history:
        told = watched(history)
        conversation = Conversation()
        history.record(conversation)
        conversation.add_question("one?")
        history.close()
        assert not history.unsaved
        (aside,) = tmp_path.glob("history.unsaved-*.db")
        assert told[-1] == (
            "The chat “one?” could not be saved completely: another program holds the history locked. The rest is"
            f" in {aside.name} and is added at the next start."
        )


def test_what_cannot_be_put_beside_the_history_goes_to_a_temporary_folder_and_can_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, data = tmp_path / "temporary", tmp_path / "data"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    data.write_text("in the way")
    conversation = Conversation("be brief")
    with store(data) as history:
        told = watched(history)
        history.record(conversation)
        answer(conversation, "one?", "one")
        conversation.apply(begin(conversation, "two?"), TextDelta("half"))
        history.keep_draft("d", Draft("typed"))
        history.close()
        assert history.unsaved
    (file,) = temporary.rglob("*.db")
    assert told[-1] == (
        f"The chat “one?” could not be saved completely: {data}: File exists. The rest is in {file};"
        f" `tui-chat import {file}` adds it once that is fixed."
    )
    assert {stat.S_IMODE(path.stat().st_mode) for path in temporary.rglob("*")} == {0o600, 0o700}
    data.unlink()
    for _ in range(2):  # the second time it is there already
        (came,) = importing.import_unsaved(data / "history.db", file)
        assert (came.outcome, came.id, came.messages) == ("new", conversation.id, 4)
    with store(data) as history:
        assert texts(history.open(conversation.id)) == ["one?", "one", "two?", "half"]
        assert history.open(conversation.id).system == "be brief"
        assert history.draft("d") == Draft("typed")


def test_where_nothing_can_be_written_it_is_said_what_is_lost_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, data = tmp_path / "temporary", tmp_path / "data"
    temporary.mkdir()
    monkeypatch.setattr(spill_file, "_temporary_folders", lambda: [temporary, tmp_path / "none"])
    monkeypatch.setattr(spill_file, "spill", full)
    data.write_text("in the way")
    with store(data) as history:
        told = watched(history)
        for question in ("one?", "two?"):
            conversation = Conversation()
            history.record(conversation)
            conversation.add_question(question)
        history.close()
        assert history.unsaved
    assert told[-1] == f"2 chats could not be saved completely: {data}: File exists."
    assert not list(temporary.iterdir())


def full(*_: object) -> Path:
    """A disk without room."""
    raise OSError(28, "No space left on device")


def test_a_database_of_another_program_is_not_imported(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE chats (id TEXT)")
    with pytest.raises(HistoryError, match="none of tui-chat's"):
        importing.import_unsaved(tmp_path / "history.db", tmp_path / "other.db")


def test_what_was_put_aside_is_taken_in_by_the_next_start(tmp_path: Path) -> None:
    old = kept(tmp_path)
    new = Conversation("be brief")
    with store(tmp_path) as history:
        opened = history.open(old.id)
        history.record(opened)
        half = begin(opened, "half?")
        opened.apply(half, TextDelta("half"))
        removed = answer(opened, "removed?", "removed")
        history.chats()
        with locked(tmp_path):
            opened.apply(half, TextDelta(" and whole"))
            opened.apply(half, Finished("stop", "eof", at=9.0))
            opened.remove(opened.messages[removed.parent or ""])
            answer(opened, "more?", "more")
            opened.rename("Renamed")
            history.record(new)
            answer(new, "new?", "new")
            history.keep_draft(new.id, Draft("typed"))
            history.close()
        assert len(list(tmp_path.glob("*unsaved*"))) == 1
        with store(tmp_path) as other:
            assert tree(other.open(old.id)) == tree(opened)
            assert tree(other.open(new.id)) == tree(new)
            assert other.draft(new.id) == Draft("typed")
            assert [hit.excerpt for hit in other.search("whole")]
            assert not other.search("removed")
            assert {chat.title: chat.messages for chat in other.chats()} == {"Renamed": 6, "new?": 2}
    assert not list(tmp_path.glob("*unsaved*"))
    with store(tmp_path) as history:
        assert tree(history.open(old.id)) == tree(opened)


def test_what_was_put_aside_is_more_than_what_others_found_when_they_took_the_program_for_dead(tmp_path: Path) -> None:
    conversation = Conversation()
    with store(tmp_path) as history:
        history.record(conversation)
        reply = begin(conversation)
        conversation.apply(reply, TextDelta("half"))
        history.chats()
        with locked(tmp_path):
            conversation.apply(reply, TextDelta(" and whole"))
            conversation.apply(reply, Finished("stop", "eof", at=9.0))
            history.close()
        (aside,) = tmp_path.glob("*unsaved*")
        aside.rename(tmp_path / "elsewhere")
        with store(tmp_path) as other:
            assert texts(other.open(conversation.id)) == ["why?", "half"]
        (tmp_path / "elsewhere").rename(aside)
        with store(tmp_path) as other:
            assert tree(other.open(conversation.id)) == tree(conversation)
            assert len(other.search("half")) == 1


def test_what_was_put_aside_and_cannot_be_read_stays(tmp_path: Path) -> None:
    conversation = kept(tmp_path)
    (tmp_path / "history.unsaved-1.db").write_bytes(b"nothing" * 1000)
    with store(tmp_path) as history:
        assert texts(history.open(conversation.id)) == ["before?", "before"]
    assert (tmp_path / "history.unsaved-1.db").exists()


def test_a_full_disk_is_told_once_and_what_was_said_is_kept_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = ["PRAGMA max_page_count = 60"]
    opened = database.open_for_writing

    def open_small(path: Path) -> sqlite3.Connection:
        connection = opened(path)
        for limit in limits:
            connection.execute(limit)
        return connection

    monkeypatch.setattr(database, "open_for_writing", open_small)
    conversation = Conversation()
    with store(tmp_path) as history:
        told = watched(history)
        history.record(conversation)
        for number in range(40):
            answer(conversation, f"{number}?", "long " * 2000)
            if told:
                break
            history.chats()
        assert "the disk is full" in told[0]
        answer(conversation, "and?", "more")
        limits[:] = []
        history._writer._file._let_go()  # as if room had come
        until(lambda: told[-1] == "", "the end of the trouble")
        assert len(told) == 2
    with store(tmp_path) as history:
        assert tree(history.open(conversation.id)) == tree(conversation)


def test_a_folder_that_cannot_be_made_is_told_and_nothing_ends(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with store(tmp_path / "file" / "tui-chat") as history:
        told = watched(history)
        conversation = Conversation()
        history.record(conversation)
        answer(conversation, "one?", "one")
        until(lambda: told, "a sentence")
        assert told[0].startswith(f"Not saved yet: {tmp_path / 'file'}")
        assert "ot a directory" in told[0] or "exists" in told[0]
        assert not history.chats()
        (tmp_path / "file").unlink()
        until(lambda: told[-1] == "", "the end of the trouble")
        assert [chat.messages for chat in history.chats()] == [2]


def test_a_file_that_was_deleted_meanwhile_is_written_again(tmp_path: Path) -> None:
    conversation = kept(tmp_path)
    with store(tmp_path) as history:
        opened = history.open(conversation.id)
        history.record(opened)
        answer(opened, "one?", "one")
        assert [chat.messages for chat in history.chats()] == [4]
        assert texts(opened) == ["before?", "before", "one?", "one"]
        for path in tmp_path.glob("history.db*"):
            path.unlink()
        answer(opened, "two?", "two")
    with store(tmp_path) as history:
        assert tree(history.open(conversation.id)) == tree(opened)


def test_a_newer_schema_is_refused_with_a_sentence_and_left_alone(tmp_path: Path) -> None:
    kept(tmp_path)
    with closing(sqlite3.connect(tmp_path / "history.db")) as other:
        other.execute("PRAGMA user_version = 99")
    before = (tmp_path / "history.db").read_bytes()
    with store(tmp_path) as history:
        told = watched(history)
        with pytest.raises(HistoryError, match=r"history\.db is of a newer tui-chat \(its schema is 99"):
            history.chats()
        conversation = Conversation()
        history.record(conversation)
        conversation.add_question("one?")
        until(lambda: told, "a sentence")
        assert "newer tui-chat" in told[0]
        assert "TUI_CHAT_HISTORY=off" in told[0]
    assert (tmp_path / "history.db").read_bytes() == before


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "history.db")) as other:
        other.execute("CREATE TABLE mine (x)")
    before = (tmp_path / "history.db").read_bytes()
    with store(tmp_path) as history:
        with pytest.raises(HistoryError, match="of another program"):
            history.chats()
        history.keep_draft("a", Draft("b"))
    assert (tmp_path / "history.db").read_bytes() == before


def test_a_bug_in_one_step_does_not_keep_the_others_from_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr(row_writer.ChatRows, "_select_leaf", broken)
    conversation, other = Conversation(), Conversation()
    with store(tmp_path) as history:
        told = watched(history)
        history.record(conversation)
        conversation.add_question("one?")
        history.chats()
        monkeypatch.undo()
        assert any("A bug in tui-chat" in sentence for sentence in told)
        history.record(other)
        answer(other, "two?", "two")
        assert [chat.title for chat in history.chats()] == ["two?"]
    assert "a bug" in caplog.text


def test_a_bug_in_what_was_called_for_is_the_callers(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        with pytest.raises(ZeroDivisionError):
            history._writer.call(lambda _: 1 / 0)
        conversation = Conversation()
        history.record(conversation)
        conversation.add_question("one?")
        assert len(history.chats()) == 1


def test_after_the_end_nothing_is_asked_of_it_any_more(tmp_path: Path) -> None:
    with store(tmp_path) as closed:
        conversation = Conversation()
        closed.record(conversation)
        conversation.add_question("one?")
    conversation.add_question("two?")
    closed.keep_draft("a", Draft("b"))
    with pytest.raises(HistoryError, match="closed"):
        closed.pin(conversation.id, pinned=True)
    closed.close()
    with store(tmp_path) as again:
        assert texts(again.open(conversation.id)) == ["one?"]


def test_an_older_file_is_backed_up_before_each_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = kept(tmp_path)
    more = ("ALTER TABLE chats ADD COLUMN colour TEXT",)
    new = (schema.VERSION + 1, schema.VERSION + 2)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, more, ("CREATE TABLE new (x)",)))
    with store(tmp_path) as history:
        assert texts(history.open(conversation.id)) == ["before?", "before"]
        history.record(again := history.open(conversation.id))
        answer(again, "after?", "after")
    assert sorted(path.name for path in tmp_path.glob("*before*")) == [f"history.before-{number}.db" for number in new]
    for number in new:
        with closing(sqlite3.connect(tmp_path / f"history.before-{number}.db")) as backup:
            assert backup.execute("PRAGMA user_version").fetchone() == (number - 1,)
            assert backup.execute("SELECT count(*) FROM messages").fetchone() == (2,)
            assert (tmp_path / f"history.before-{number}.db").stat().st_mode & 0o077 == 0


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = kept(tmp_path)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("CREATE TABLE new (x)", "no SQL")))
    with store(tmp_path) as history, pytest.raises(HistoryError, match="syntax error"):
        history.chats()
    monkeypatch.undo()
    with store(tmp_path) as history:
        assert texts(history.open(conversation.id)) == ["before?", "before"]


def test_without_room_for_a_backup_nothing_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path)
    (tmp_path / f"history.before-{schema.VERSION + 1}.db.part").mkdir()
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("CREATE TABLE new (x)",)))
    with store(tmp_path) as history, pytest.raises(HistoryError, match="cannot be backed up"):
        history.chats()
    with closing(sqlite3.connect(tmp_path / "history.db")) as other:
        assert other.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
def test_messages_that_are_read_after_the_history_was_closed_leave_nothing_open(tmp_path: Path) -> None:
    conversation = kept(tmp_path)
    with store(tmp_path) as history:
        opened = history.open(conversation.id)
    before = descriptors()
    assert texts(opened) == ["before?", "before"]
    assert descriptors() == before


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
@pytest.mark.parametrize("kind", ["no database", "another program's", "newer", "empty of tables", "a folder"])
@pytest.mark.parametrize("opening", [database.open_for_reading, database.open_for_writing])
def test_a_file_that_cannot_be_opened_leaves_nothing_open(
    tmp_path: Path, kind: str, opening: Callable[[Path], sqlite3.Connection | None]
) -> None:
    path = tmp_path / "history.db"
    if kind == "no database":
        path.write_bytes(b"no database at all, however long it is " * 100)
    elif kind == "a folder":
        path.mkdir()
    else:
        with closing(sqlite3.connect(path)) as made:
            made.execute("PRAGMA user_version = 99" if kind == "newer" else "PRAGMA user_version = 0")
            if kind != "empty of tables":
                made.execute("CREATE TABLE t (x)")
            if kind == "newer":
                made.execute(f"PRAGMA application_id = {schema.APPLICATION}")
    held: list[Exception] = []  # with its frames, so that what they opened is not closed by being forgotten
    before = descriptors()
    try:
        opened = opening(path)
    except (sqlite3.Error, OSError, HistoryError) as error:
        held.append(error)
    else:
        if opened is not None:
            opened.close()
    assert descriptors() == before
