"""Something lies where the program keeps a file: a pipe, a device, a folder, a link. Nothing waits, nothing is lost."""

from __future__ import annotations

import logging
import os
import stat
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import answer, texts
from tui_chat import log as log_file
from tui_chat.backend.model_cache import ModelCache
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.model_ports import ModelInfo
from tui_chat.history.store import Store
from tui_chat.history.writing import writer
from tui_chat.log import Log
from tui_chat.prompt_history import PromptHistory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KINDS = ("pipe", "device", "folder", "socket", "link")


def lay(kind: str, path: Path) -> None:
    """Put something at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "socket":
            os.mknod(path, stat.S_IFSOCK | 0o600)
        case _:
            path.symlink_to("not there")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_where_the_log_should_be(tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    lay(kind, tmp_path / log_file.FILE_NAME)
    with suppress(OSError):  # then the program says that there is no log
        log = Log(tmp_path)
        logging.getLogger("tui_chat.test").warning("a line")
        log.close()
    assert capfd.readouterr().err == ""


def test_where_earlier_prompts_should_be(tmp_path: Path, kind: str) -> None:
    lay(kind, tmp_path / "prompts.jsonl")
    history = PromptHistory(tmp_path / "prompts.jsonl")
    history.add("kept")
    assert history.earlier("") == "kept"


def test_where_shortened_prompts_are_written(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text("".join(f'"{number}"\n' for number in range(3000)))
    lay(kind, tmp_path / "prompts.new")
    history = PromptHistory(path)
    assert history.earlier("") == "2999"
    assert not (tmp_path / "not there").exists()


@pytest.mark.parametrize("which", ["recent", "list"])
def test_where_models_are_remembered(tmp_path: Path, kind: str, which: str) -> None:
    cache = ModelCache(tmp_path / "cache", tmp_path / "state")
    url = "http://127.0.0.1/v1"
    lay(kind, tmp_path / "state" / "recent-models.json" if which == "recent" else cache._list(url))
    cache.mark_used(url, "one")
    cache.store(url, [ModelInfo("one")])
    known = cache.known(url)
    assert known is None or [model.name for model in known.models] == ["one"]
    assert not list(tmp_path.rglob(".*")), "a temporary file is left"


HISTORY_FILES = ("history.db", "history.db-wal", "history.db-shm", "history.db.lock", "history.unsaved-x.db", "running")


@pytest.mark.parametrize("name", HISTORY_FILES)
def test_where_the_history_should_be(tmp_path: Path, kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "AT_THE_END", 0.2)
    lay(kind, tmp_path / name)
    told: list[str] = []
    conversation = Conversation()
    with closing(Store(tmp_path)) as history:
        history.watch(told.append)
        history.record(conversation)
        answer(conversation, "one?", "one")
    if not told or not told[-1]:
        with closing(Store(tmp_path)) as history:
            assert texts(history.open(conversation.id)) == ["one?", "one"]
    else:
        assert "None" not in told[-1]
        assert "The rest is in" in told[-1]
        path = tmp_path / name
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        with closing(Store(tmp_path)) as history:
            assert texts(history.open(conversation.id)) == ["one?", "one"]


def test_a_log_that_the_disk_refuses_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = Log(tmp_path)
    full = os.open("/dev/full", os.O_WRONLY)
    stream = log._handler.stream
    assert stream is not None
    os.dup2(full, stream.fileno())
    os.close(full)
    logging.getLogger("tui_chat.test").warning("a line")
    log.close()
    assert capfd.readouterr().err == ""


def test_a_bug_in_a_log_line_is_still_loud(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = Log(tmp_path)
    log._handler.handle(logging.makeLogRecord({"msg": "%d", "args": ("no number",)}))
    log.close()
    assert "Logging error" in capfd.readouterr().err


def refusing(calls: int) -> Callable[..., int]:
    """`os.write` on a disk that is full after some calls; a short write comes before the error."""
    write = os.write
    left = [calls]

    def full(descriptor: int, data: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return write(descriptor, bytes(data)[:5])

    return full


def test_half_a_prompt_on_a_full_disk_does_not_take_the_next_one_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "prompts.jsonl"
    history = PromptHistory(path)
    with monkeypatch.context() as context:
        context.setattr(os, "write", refusing(1))
        history.add("this is too long for the disk")
    history.add("next")
    assert PromptHistory(path).earlier("") == "next"


def test_a_file_of_prompts_as_large_as_a_disk_is_read_from_its_end(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    with path.open("wb") as file:
        file.truncate(2**38)
        file.seek(0, os.SEEK_END)
        file.write(b'\n"newest"\n')
    assert PromptHistory(path).earlier("") == "newest"
