from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.history.files import lines
from tests.kept import NOON, chat, command, did, folder, keep, ran
from tests.pty_terminal import Terminal
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.model_ports import SetupError
from tui_chat.cli.export import ExportOptions, export, import_files
from tui_chat.history.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE = chat("one", "Why \x1b[2J?", "Because.")
TWO = chat("two", "How?", "So.", at=NOON + 3600)


@pytest.fixture
def history() -> Iterator[Store]:
    with closing(keep(ONE, TWO)) as store:
        yield store


def test_one_chat_goes_to_standard_output_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    keep(ONE, TWO).close()
    status, out, err = did(capsys, "export", "tw")
    assert (status, err) == (0, "")
    assert out.startswith("# How?\n")


def test_all_chats_go_out_oldest_first_and_come_in_again(capsys: pytest.CaptureFixture[str]) -> None:
    keep(ONE, TWO).close()
    status, out, _ = did(capsys, "export", "--all", "--format", "json")
    assert (status, out.encode()) == (0, lines(ONE, TWO))
    (folder() / "history.db").unlink()
    status, silence, err = ran("import", "-", stdin=out.encode())
    assert (status, silence, err) == (0, "", "tui-chat: standard input: 2 chats imported, 4 messages\n")
    assert did(capsys, "export", "--all", "--format", "json") == (0, out, "")


def test_the_end_of_a_name_says_the_form(history: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, beginning in (("a.html", "<!doctype"), ("a.JSONL", '{"format"'), ("a.txt", "Why"), ("a", "# Why")):
        target = tmp_path / name
        assert export(history, ExportOptions(("one",), None, str(target))) == 0
        assert target.read_text().startswith(beginning)
        assert capsys.readouterr() == ("", f"tui-chat: exported to {target}\n")
    export(history, ExportOptions(("one",), "txt", str(tmp_path / "b.md")))
    assert (tmp_path / "b.md").read_text().startswith("Why")


def test_a_folder_that_is_named_as_one_is_made(
    history: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "new" / "chats"
    assert export(history, ExportOptions((), "md", f"{target}/")) == 0
    assert sorted(path.suffix for path in target.iterdir()) == [".md", ".md"]
    assert capsys.readouterr().err == f"tui-chat: exported to 2 files in {target}\n"


def test_nothing_is_overwritten_unasked(history: Store, tmp_path: Path) -> None:
    target = tmp_path / "mine.md"
    target.write_text("mine")
    with pytest.raises(HistoryError, match=r"mine\.md is there already; --force overwrites it"):
        export(history, ExportOptions(("one",), None, str(target)))
    assert target.read_text() == "mine"
    export(history, ExportOptions(("one",), None, str(target), force=True))
    assert target.read_text().startswith("# Why")


def test_where_there_is_no_history_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(Store(folder())) as store, pytest.raises(HistoryError, match="no chats yet"):
        export(store, ExportOptions((), "md", str(tmp_path / "all.md")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["export"], 2, "which chat?"),
        (["export", "one", "--all"], 2, "not both"),
        (["export", "zzz"], 1, "no chat has an id that begins with 'zzz'"),
        (["export", "one", "-o", "missing/a.md"], 1, "missing/a.md cannot be written: No such file"),
        (["import", "missing.jsonl"], 2, "there is no file missing.jsonl"),
        (["import", "."], 2, "there is no conversations.json in this folder"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    words: list[str],
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep(ONE, TWO).close()
    monkeypatch.chdir(tmp_path)
    told, out, err = did(capsys, *words)
    assert (told, out) == (status, "")
    assert said in err
    assert err.count("\n") == 1


def test_on_a_terminal_foreign_text_is_made_safe(history: Store) -> None:
    history.close()
    with Terminal(command(["export", "--all", "--format", "txt"]), os.environ) as terminal:
        terminal.until_text("So.")
        assert terminal.wait() == 0
        assert b"\x1b" not in terminal.raw


def test_a_reader_that_goes_ends_it_quietly() -> None:
    keep(chat("one", "question", "many words " * 100_000)).close()
    with subprocess.Popen(command(["export", "one"]), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_a_full_disk_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    keep(ONE).close()
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command(["export", "one"]), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert b"No space left" in done.stderr


def test_an_import_says_what_became_of_each_chat(
    history: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(lines(ONE, chat("two", "How?", "Otherwise."), chat("new", "What?")))
    assert import_files(history, [str(other)]) == 0
    assert capsys.readouterr().err.splitlines()[:2] == [
        f"tui-chat: {other}: 2 chats imported, 3 messages",
        f"tui-chat: {other}: 1 chat skipped, because all their messages exist already",
    ]
    assert sorted(info.title for info in history.chats()) == ["How?", "How?", "What?", "Why \ufffd[2J?"]


def test_an_import_of_what_is_here_says_no_more_than_that(
    history: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = tmp_path / "same.jsonl"
    same.write_bytes(lines(ONE, TWO))
    assert import_files(history, [str(same)]) == 0
    assert capsys.readouterr().err == (f"tui-chat: {same}: 2 chats skipped, because all their messages exist already\n")


def test_a_bad_file_is_one_sentence_and_the_others_come_in(
    history: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = tmp_path / "bad.jsonl", tmp_path / "good.jsonl"
    bad.write_bytes(b"".join(lines(chat("new", "What?"), chat("half", "a", "b")).splitlines(keepends=True)[:-1]))
    good.write_bytes(lines(chat("good", "Good?")))
    assert import_files(history, [str(bad), str(good)]) == 1
    assert f"{bad}: line 6 should be message 2 of the 2 of a chat" in capsys.readouterr().err
    assert {info.id for info in history.chats()} == {"one", "two", "new", "good"}


def test_no_file_is_read_when_one_is_missing(history: Store, tmp_path: Path) -> None:
    good = tmp_path / "good.jsonl"
    good.write_bytes(lines(chat("good", "Good?")))
    with pytest.raises(SetupError, match="there is no file"):
        import_files(history, [str(good), str(tmp_path / "missing")])
    assert {info.id for info in history.chats()} == {"one", "two"}
