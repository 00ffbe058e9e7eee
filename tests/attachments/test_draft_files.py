"""Copies of what is attached outlive the program, and are removed when nothing refers to them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from tui_chat.attachments.draft_files import KEPT_SECONDS, DraftFiles
from tui_chat.chat.message import Attachment
from tui_chat.chat.quick_dataclass import replace

if TYPE_CHECKING:
    from pathlib import Path

NOTES = Attachment("notes.md", "text/plain", b"notes")


def test_a_copy_is_read_by_the_next_program(tmp_path: Path) -> None:
    kept = DraftFiles(tmp_path / "files").keep(NOTES)
    assert kept.kept
    assert stat.S_IMODE((tmp_path / "files" / kept.kept).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    [again] = DraftFiles(tmp_path / "files").load([replace(kept, data=b"")])
    assert (again.name, again.data, again.kept) == ("notes.md", b"notes", kept.kept)


def test_what_is_gone_or_no_key_is_left_out(tmp_path: Path) -> None:
    files = DraftFiles(tmp_path)
    (tmp_path / "secret").write_text("x")
    lost = [replace(NOTES, data=b"", kept=key) for key in ("0" * 32, "../secret", "secret")]
    assert files.load(lost) == ()
    assert files.load([NOTES]) == (NOTES,)


def test_only_own_copies_without_a_draft_and_old_ones_are_removed(tmp_path: Path) -> None:
    mine, other = DraftFiles(tmp_path), DraftFiles(tmp_path)
    used, sent, foreign, old = mine.keep(NOTES), mine.keep(NOTES), other.keep(NOTES), other.keep(NOTES)
    os.utime(tmp_path / old.kept, (0, 0))
    assert KEPT_SECONDS > 0
    mine.clean({used.kept})
    assert {path.name for path in tmp_path.iterdir()} == {used.kept, foreign.kept}
    assert sent.kept not in {path.name for path in tmp_path.iterdir()}


def test_where_nothing_can_be_kept_the_attachment_is_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for files in (DraftFiles(None), DraftFiles(tmp_path / "file")):
        assert files.keep(NOTES) == NOTES
        files.clean(())
