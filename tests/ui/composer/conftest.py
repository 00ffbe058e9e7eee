"""Fixtures of the tests of the composer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.composer.attaching import PNG

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with some files."""
    here = tmp_path / "here"
    (here / "src").mkdir(parents=True)
    (here / "notes.md").write_text("# Notes\n")
    (here / "src" / "main program.py").write_text("print()\n")
    (here / "bracket.png").write_bytes(PNG)
    monkeypatch.chdir(here)
    return here
