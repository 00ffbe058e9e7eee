"""The real program on real disks that are full, or cannot be written. Needs the right to mount."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import answer, looking, store, texts, until
from tui_chat.chat.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


def mount(*arguments: str) -> None:
    """Mount, or skip the test where that is not allowed."""
    done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting needs more rights: {done.stderr.decode().strip()}")


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of its own, of that size."""
    mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody can write there, root neither."""
    mount("--bind", str(folder), str(folder))
    try:
        mount("-o", "remount,ro,bind", str(folder))
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write until there is no room."""
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))


def program(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`tui-chat` with its chats in `data`, against the demo."""
    return subprocess.run(
        [sys.executable, "-m", "tui_chat", *arguments],
        env=os.environ | {"XDG_DATA_HOME": str(data)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_on_a_full_disk_an_answer_comes_whole_and_what_was_kept_before_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path, 700) as data:
        assert program(data, "ask", "-e", "demo", "keys").returncode == 0
        with pytest.raises(OSError, match="No space"):
            fill(data / "fill")
        full = program(data, "ask", "-e", "demo", "markdown")
        assert full.returncode == 1
        assert full.stdout.startswith("## Markdown") or "Markdown" in full.stdout
        assert full.stderr.startswith("tui-chat: The chat “markdown” could not be saved completely: the disk is full.")
        assert full.stderr.count("\n") == 1
        (data / "fill").unlink()
        where = full.stderr.split("`")[1].split()
        assert where[:2] == ["tui-chat", "import"]
        assert program(data, *where[1:]).returncode == 0
        shutil.rmtree(Path(where[2]).parent)
        assert program(data, "ask", "-e", "demo", "-q", "count").returncode == 0
        with looking(data / "tui-chat") as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with store(data / "tui-chat") as history:
            assert [chat.title for chat in history.chats()] == ["count", "markdown", "keys"]


def test_a_disk_that_gets_full_in_the_middle_of_a_chat_is_told_and_all_is_kept_when_there_is_room(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path, 900) as data, store(data / "tui-chat") as history:
        told: list[str] = []
        history.watch(told.append)
        conversation = Conversation()
        history.record(conversation)
        filler = data / "fill"
        filler.write_bytes(bytes(300 * 1024))
        while not told:
            answer(conversation, "more?", "words " * 3000)
            history.chats()
        assert told == ["Not saved yet: the disk is full. It is saved as soon as that is fixed."]
        answer(conversation, "and?", "and")
        filler.unlink()
        until(lambda: told[-1] == "", "the end of the trouble")
        history.chats()
        with store(data / "tui-chat") as other:
            assert texts(other.open(conversation.id)) == texts(conversation)


def test_in_a_folder_that_is_read_only_chats_are_read_and_answers_come(tmp_path: Path) -> None:
    assert program(tmp_path, "ask", "-e", "demo", "keys").returncode == 0
    with read_only(tmp_path):
        listed = program(tmp_path, "chats")
        assert "keys" in listed.stdout
        answered = program(tmp_path, "ask", "-c", "-e", "demo", "count")
        assert answered.returncode == 1
        assert answered.stdout.startswith("1 2 3")
        assert answered.stderr.count("\n") == 1
        assert "could not be kept" in answered.stderr
        assert "Read-only file system" in answered.stderr


def test_a_folder_that_cannot_be_made_on_a_read_only_disk_is_one_sentence(tmp_path: Path) -> None:
    with read_only(tmp_path):
        answered = program(tmp_path, "ask", "-e", "demo", "count")
        assert answered.returncode == 1
        assert answered.stderr.count("\n") == 1
        assert "Read-only file system" in answered.stderr
