from __future__ import annotations

import errno
import os
import stat
import subprocess
from pathlib import Path

import pytest

from tui_chat.regular_files import open_regular, read_bytes, read_text


def irregular(tmp_path: Path) -> dict[str, Path]:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
    (tmp_path / "link to pipe").symlink_to(tmp_path / "pipe")
    return {name: tmp_path / name for name in ("pipe", "folder", "socket", "link to pipe")} | {
        "zero": Path("/dev/zero"),
        "null": Path("/dev/null"),
    }


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_CREAT, os.O_WRONLY | os.O_APPEND])
@pytest.mark.parametrize("links", [True, False])
def test_nothing_but_a_regular_file_is_opened_and_nothing_waits(tmp_path: Path, flags: int, links: bool) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for name, path in irregular(tmp_path).items():
        with pytest.raises(OSError, match=r"regular files|a directory|symbolic link") as raised:
            open_regular(path, flags, links=links)
        assert raised.value.strerror, name
        assert raised.value.filename == str(path), name
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_sentence_says_what_it_is_instead(tmp_path: Path) -> None:
    found = irregular(tmp_path)
    for name, said in {"pipe": "a named pipe", "socket": "a socket", "zero": "a device"}.items():
        with pytest.raises(OSError, match=f"it is {said}, and only regular files are taken"):
            read_bytes(found[name], 10)
    with pytest.raises(IsADirectoryError):
        read_bytes(found["folder"], 10)


def test_a_link_is_followed_only_where_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("words")
    (tmp_path / "link").symlink_to("file")
    assert read_text(tmp_path / "link", 5) == "words"
    with pytest.raises(OSError, match="it is a symbolic link"):
        open_regular(tmp_path / "link", os.O_WRONLY, links=False)
    (tmp_path / "nowhere").symlink_to("not there")
    with pytest.raises(OSError, match="it is a symbolic link"):
        open_regular(tmp_path / "nowhere", os.O_WRONLY | os.O_CREAT, links=False)
    assert not (tmp_path / "not there").exists()


def test_a_file_that_is_larger_than_its_limit_is_refused_without_being_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(OSError, match="larger than 1,000 bytes") as raised:
        read_bytes(tmp_path / "large", 1000)
    assert raised.value.errno == errno.EFBIG


def test_what_a_shell_hands_over_by_a_pipe_of_its_own_is_read() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 0.05; printf said"], stdout=subprocess.PIPE) as said:
        assert said.stdout is not None
        assert read_bytes(Path(f"/dev/fd/{said.stdout.fileno()}"), 100) == b"said"
