"""Up and Down through earlier prompts, from one start to the next."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from tui_chat.prompt_history import KEPT, PromptHistory

if TYPE_CHECKING:
    from pathlib import Path


def test_up_goes_back_and_down_returns_to_what_was_being_typed() -> None:
    history = PromptHistory()
    history.add("one")
    history.add("two")
    assert history.earlier("half a th") == "two"
    assert history.earlier("two") == "one"
    assert history.earlier("one") is None
    assert history.later() == "two"
    assert history.later() == "half a th"
    assert history.later() is None


def test_the_same_prompt_twice_in_a_row_is_kept_once() -> None:
    history = PromptHistory()
    for prompt in ("one", "one", "two", "one", "  "):
        history.add(prompt)
    assert [history.earlier(""), history.earlier(""), history.earlier(""), history.earlier("")] == [
        "one",
        "two",
        "one",
        None,
    ]


def test_prompts_of_several_lines_are_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "state" / "prompts.jsonl"
    PromptHistory(path).add("line one\nline two\u2028中")
    assert PromptHistory(path).earlier("") == "line one\nline two\u2028中"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_line_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text('"good"\n{"half\n42\n"also good"\n', encoding="utf-8")
    history = PromptHistory(path)
    assert [history.earlier(""), history.earlier(""), history.earlier("")] == ["also good", "good", None]


def test_a_folder_that_cannot_be_written_loses_nothing_of_this_run(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    history = PromptHistory(blocked / "prompts.jsonl")
    history.add("kept")
    assert history.earlier("") == "kept"


def test_a_file_grown_too_long_is_cut_to_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text("".join(f'"{number}"\n' for number in range(2 * KEPT + 1)), encoding="utf-8")
    assert PromptHistory(path).earlier("") == str(2 * KEPT)
    assert len(path.read_text(encoding="utf-8").splitlines()) == KEPT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
