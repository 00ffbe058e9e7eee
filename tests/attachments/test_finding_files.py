"""Files are found in repositories and in plain folders, and by pasted paths."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.attachments import file_list
from tui_chat.attachments.dropped_paths import dropped_paths, existing_files
from tui_chat.attachments.file_list import entries_of, files_in, only_files
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


def git(folder: Path, *words: str) -> None:
    command = [
        "git",
        "-c",
        "protocol.file.allow=always",
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@x",
        "-C",
        str(folder),
    ]
    subprocess.run([*command, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def committed(folder: Path, *names: str) -> None:
    made(folder, *names)
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "x")


@needs_git
def test_files_of_submodules_and_of_repositories_within_are_found(tmp_path: Path) -> None:
    committed(tmp_path / "deepest", "d")
    committed(tmp_path / "other", "s.txt", "deep/t.txt")
    git(tmp_path / "other", "submodule", "add", str(tmp_path / "deepest"), "third")
    git(tmp_path / "other", "commit", "-m", "x")
    here = tmp_path / "here"
    committed(here, "a")
    git(here, "submodule", "add", str(tmp_path / "other"), "sub")
    git(here, "submodule", "update", "--init", "--recursive")
    committed(here / "clone", "n.txt")
    git(here, "submodule", "add", str(tmp_path / "deepest"), "empty")
    git(here, "submodule", "deinit", "-f", "empty")
    assert files_in(here) == [
        ".gitmodules", "a", "clone/n.txt", "sub/.gitmodules", "sub/s.txt", "sub/deep/t.txt", "sub/third/d",
    ]  # fmt: skip


@needs_git
def test_names_that_git_would_quote_come_as_they_are(tmp_path: Path) -> None:
    names = ["-rf", "a\tb", "c\nd", "qu\"o'te", "ünï", "e\u0301", "中文.md", "👩‍🚀", "back\\slash", "100644 x"]
    committed(tmp_path, *names)
    (tmp_path / os.fsdecode(b"latin-\xe9")).write_text("x")
    assert sorted(files_in(tmp_path)) == sorted([*names, "latin-\udce9"])


@needs_git
def test_a_file_with_a_conflict_is_listed_once_and_one_that_was_deleted_is_no_file(tmp_path: Path) -> None:
    committed(tmp_path, "a", "gone", "kept")
    (tmp_path / "kept").unlink()
    (tmp_path / "kept").symlink_to(tmp_path)  # a link to a folder
    git(tmp_path, "switch", "-c", "side")
    (tmp_path / "a").write_text("side")
    git(tmp_path, "commit", "-m", "x", "a")
    git(tmp_path, "switch", "-")
    (tmp_path / "a").write_text("main")
    git(tmp_path, "commit", "-m", "x", "a")
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path, "merge", "side")
    (tmp_path / "gone").unlink()
    listed = files_in(tmp_path)
    assert listed == ["a", "gone", "kept"]
    assert only_files(listed, tmp_path, 8) == ["a"]
    assert only_files(["a"] * 9, tmp_path, 8) == ["a"] * 8


@needs_git
def test_looking_at_a_repository_runs_no_program_that_its_settings_name(tmp_path: Path) -> None:
    committed(tmp_path, "a")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o700)
    git(tmp_path, "config", "core.fsmonitor", str(trap))
    subprocess.run(["git", "-C", str(tmp_path), "status"], check=True, capture_output=True)
    assert (tmp_path / "sprung").exists(), "git itself runs it"
    (tmp_path / "sprung").unlink()
    assert files_in(tmp_path) == ["a", "trap"]
    assert not (tmp_path / "sprung").exists()


@needs_git
@pytest.mark.parametrize("kind", ["bare", "of another owner", "another one is meant", "git is missing", "git hangs"])
def test_where_git_does_not_answer_for_the_folder_its_files_are_found_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    committed(tmp_path / "here", "a")
    match kind:
        case "bare":
            subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
            assert "config" in files_in(tmp_path / "bare")
            return
        case "of another owner":
            monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
            monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        case "another one is meant":
            committed(tmp_path / "other", "o")
            monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
        case "git is missing":
            monkeypatch.setenv("PATH", str(tmp_path))
        case _:
            (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 600\n")
            (tmp_path / "git").chmod(0o700)
            monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
            monkeypatch.setattr(file_list, "GIT_SECONDS", 0.2)
    assert only_files(files_in(tmp_path / "here"), tmp_path / "here", 8) == ["a"]


def test_a_walk_passes_over_what_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_list, "_git_files", lambda _: None)
    made(tmp_path, "deep/a", "b")
    (tmp_path / "round").symlink_to("round")  # looking at it is an error
    (tmp_path / "deep" / "up").symlink_to("..")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "linked").symlink_to("b")
    os.mkfifo(tmp_path / "pipe")
    assert files_in(tmp_path) == ["b", "linked", "deep/a"]


def test_what_is_in_a_folder_is_found_by_its_beginning(tmp_path: Path) -> None:
    made(tmp_path, "Notes.md", "notes 2.md", "deep/a", ".hidden", "other")
    (tmp_path / "nested").symlink_to("deep")
    (tmp_path / "nowhere").symlink_to("nowhere")
    assert sorted(entries_of(tmp_path, "n")) == ["Notes.md", "nested/", "notes 2.md"]
    assert sorted(entries_of(tmp_path, "")) == ["Notes.md", "deep/", "nested/", "notes 2.md", "other"]
    assert entries_of(tmp_path, ".") == [".hidden"]
    assert entries_of(tmp_path / "gone", "") == []


def test_accents_are_found_however_a_disk_writes_them() -> None:
    assert best_files("é", ["caf\u0065\u0301", "x"], 3) == ["caf\u0065\u0301"]
    assert best_files("e\u0301", ["café"], 3) == ["café"]


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
