"""How the doors write: the name by which the program asks to be called again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tui_chat.cli.output import called

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("on_path", "started", "name"),
    [
        ("here", "here/tui-chat", "tui-chat"),
        ("nowhere", "here/tui-chat", "here/tui-chat"),
        ("elsewhere", "here/tui-chat", "here/tui-chat"),
        ("nowhere", "my programs/tui-chat", "'my programs/tui-chat'"),
        ("nowhere", "tui_chat/__main__.py", "tui-chat"),
    ],
)
def test_the_program_is_called_by_what_the_shell_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_path: str, started: str, name: str
) -> None:
    for folder in ("here", "elsewhere", "my programs"):
        program = tmp_path / folder / "tui-chat"
        program.parent.mkdir()
        program.touch(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / on_path))
    monkeypatch.setattr(sys, "argv", [started])
    assert called() == name
