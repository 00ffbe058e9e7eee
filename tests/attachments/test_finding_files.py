"""Files are found in repositories and in plain folders, and by pasted paths."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.attachments import file_list
from tui_chat.attachments.dropped_paths import dropped_paths, existing_files
from tui_chat.attachments.file_list import files_in
from tui_chat.attachments.file_match import best_files

if TYPE_CHECKING:
    from pathlib import Path

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def made(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


@needs_git
def test_in_a_repository_git_says_what_there_is(tmp_path: Path) -> None:
    made(tmp_path, "b.py", "a ä.md", "ignored/x.py", "deep/in/it.txt", ".hidden")
    (tmp_path / ".gitignore").write_text("ignored/\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert files_in(tmp_path) == [".gitignore", ".hidden", "a ä.md", "b.py", "deep/in/it.txt"]
    assert files_in(tmp_path / "deep") == ["in/it.txt"]


def test_elsewhere_the_folder_is_walked_without_hidden_and_generated_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_list, "_git_files", lambda _: None)
    made(tmp_path, "b.py", "deep/in/it.txt", ".git/config", "node_modules/x/y.js", ".hidden")
    (tmp_path / "round").symlink_to(tmp_path)
    assert files_in(tmp_path) == ["b.py", "deep/in/it.txt"]


def test_a_walk_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_list, "_git_files", lambda _: None)
    made(tmp_path, *(f"data/{number}" for number in range(60)), *(f"{number}/a" for number in range(30)), "b")
    monkeypatch.setattr(file_list, "MOST_IN_A_FOLDER", 50)
    assert "data/1" not in files_in(tmp_path)
    assert "b" in files_in(tmp_path)
    monkeypatch.setattr(file_list, "MOST_FILES", 5)
    assert len(files_in(tmp_path)) == 5
    monkeypatch.setattr(file_list, "MOST_FILES", 50)
    monkeypatch.setattr(file_list, "MOST_FOLDERS", 3)
    assert len(files_in(tmp_path)) <= 3
    monkeypatch.setattr(file_list, "MOST_SECONDS", -1.0)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("main", "main.py"),
        ("ut", "src/utils.py"),
        ("srcmain", "src/domain/x.py"),
        ("", "main.py"),
        ("RDM", "README.md"),
    ],
)
def test_the_best_match_comes_first(typed: str, first: str) -> None:
    assert best_files(typed, ["src/domain/x.py", "README.md", "main.py", "src/utils.py"], 3)[0] == first


def test_what_lacks_a_letter_is_not_found() -> None:
    assert best_files("zq", ["main.py"], 3) == []


@given(st.text(max_size=200))
def test_no_pasted_text_is_an_error(text: str) -> None:
    for path in dropped_paths(text):
        assert path.is_absolute()


@pytest.mark.parametrize("text", ["/a\0b", "file:///a%00b", "file://[bad/x", "'", "", "   ", "/x\n" * 30])
def test_texts_that_are_no_paths(text: str) -> None:
    assert dropped_paths(text) == []
    assert existing_files(text) == []


def test_what_a_terminal_pastes_for_any_file_name_is_found_again(tmp_path: Path) -> None:
    from shlex import quote
    from urllib.parse import quote as url_quoted

    for name in ("plain", "two words", "quo'te", 'dou"ble', "back\\slash", "umläut 中", "(1)", "%41", "#x", "a;b&c"):
        path = tmp_path / name
        path.write_text("x")
        plain = [each.isalnum() or each in "/._-" or ord(each) > 127 for each in str(path)]
        escaped = "".join(each if kept else f"\\{each}" for each, kept in zip(str(path), plain, strict=True))
        for written in (quote(str(path)), escaped, f"file://{url_quoted(str(path))}", f" {quote(str(path))} \n"):
            assert existing_files(written) == [path], written
