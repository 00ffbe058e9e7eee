"""The theme of the last start: stored in a file of its own, and never in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.start_cache.last_theme import LARGEST, LastTheme

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_stored_is_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "last-theme"
    first = LastTheme(str(path))
    assert first.name == ""
    first.store("tui-chat-light")
    assert (first.name, LastTheme(str(path)).name) == ("tui-chat-light", "tui-chat-light")
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_where_nothing_may_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "last-theme"
    LastTheme(str(path), keep=False).store("nord")
    LastTheme("").store("nord")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"x" * (LARGEST + 1), b"\xff\xfe", b"", b"no-such-theme\n"])
def test_no_content_of_the_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "last-theme"
    path.write_bytes(content)
    assert LastTheme(str(path)).name in ("", "\ufffd\ufffd", "no-such-theme")


def test_a_folder_or_a_link_in_its_place_is_no_theme(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("nord")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert [LastTheme(str(tmp_path / name)).name for name in ("folder", "link")] == ["", ""]
