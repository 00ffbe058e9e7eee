from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tui_chat.attachments import reading
from tui_chat.attachments.reading import AttachmentError, read_attachment
from tui_chat.chat.message import Attachment

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def held(folder: Path, name: str, data: bytes) -> Attachment:
    path = folder / name
    path.write_bytes(data)
    return read_attachment(path)


def refused(path: Path) -> str:
    with pytest.raises(AttachmentError) as caught:
        read_attachment(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"GIF89a\1\0\1\0", "image/gif"),
        (b"RIFF\x1a\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_a_picture_is_known_by_its_first_bytes_whatever_its_name(data: bytes, mime: str, tmp_path: Path) -> None:
    assert held(tmp_path, "picture.txt", data) == Attachment("picture.txt", mime, data)


@pytest.mark.parametrize(
    ("name", "data", "mime", "text"),
    [
        ("notes.md", "# ü\n".encode(), "text/markdown", "# ü\n"),
        ("main.rs", b"fn main() {}", "text/plain", "fn main() {}"),
        ("Makefile", b"all:\n", "text/plain", "all:\n"),
        ("photo.png", b"this is not a picture", "text/plain", "this is not a picture"),
        ("bom.txt", b"\xef\xbb\xbfa", "text/plain", "a"),
        ("windows.txt", "ä\r\n".encode("utf-16"), "text/plain", "ä\r\n"),
        ("empty.txt", b"", "text/plain", ""),
    ],
)
def test_text_is_utf_8_in_the_end(name: str, data: bytes, mime: str, text: str, tmp_path: Path) -> None:
    got = held(tmp_path, name, data)
    assert (got.name, got.data.decode()) == (name, text)
    if name != "notes.md":  # what a system says of .md differs
        assert got.mime == mime


@pytest.mark.parametrize("data", [b"\0\1\2", b"\x7fELF\2\1\1\0", b"caf\xe9"])
def test_what_is_neither_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert "neither text nor a picture" in refused(path)


def test_a_file_that_is_missing_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "absent")
    assert "directory" in refused(tmp_path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 2_000_000)
    path = tmp_path / "long.txt"
    path.write_bytes(b"a" * 2_000_000)
    assert len(read_attachment(path).data) == 2_000_000
    path.write_bytes(b"a" * 2_000_001)
    assert "larger than 2 MB" in refused(path)


def test_a_named_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe").endswith("cannot be read: it is a named pipe, and only regular files are taken")
