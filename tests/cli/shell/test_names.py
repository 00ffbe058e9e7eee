"""The names that a shell offers: read from the settings, the cache and the history."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tui_chat.cli.main import main
from tui_chat.cli.shell.completion import KINDS
from tui_chat.cli.shell.names import NAMES

if TYPE_CHECKING:
    from pathlib import Path


def names(kind: str, capfd: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The names of a kind with what is said about each."""
    assert main(["completion", "--names", kind]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    return dict(line.split("\t") for line in out.splitlines())


def test_every_kind_that_the_scripts_ask_for_is_found() -> None:
    assert NAMES.keys() == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_home_has_no_names_but_the_demo(kind: str, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = sorted(home.rglob("*"))  # what earlier starts have left in the cache folder
    assert list(names(kind, capfd)) == (["demo"] if kind == "endpoints" else [])
    assert sorted(home.rglob("*")) == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content", ["[endpoints", "\xff", "[]", '{"models": 1, "used": {}}', "endpoints = 3", "[" * 99_999]
)
def test_files_that_cannot_be_read_are_passed_over_in_silence(
    kind: str, content: str, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for place in ("config/config.toml", "cache/models/x.json", "state/recent-models.json"):
        file = (
            home / {"config": ".config", "cache": ".cache", "state": ".local/state"}[place.split("/")[0]] / "tui-chat"
        )
        file = file / place.partition("/")[2]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="latin-1")
    assert names(kind, capfd).keys() <= {"demo"}


def test_models_used_lately_come_first_and_no_name_twice(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    state, cache = home / ".local/state/tui-chat", home / ".cache/tui-chat/models"
    state.mkdir(parents=True)
    cache.mkdir(parents=True)
    (state / "recent-models.json").write_text(json.dumps({"used": [["http://a", "b"], "bad", ["http://a", 3]]}))
    (cache / "a.json").write_text(json.dumps({"models": [{"name": "a"}, {"name": "b"}, {"name": "x\ty"}, {"name": 1}]}))
    assert list(names("models", capfd).items()) == [("b", "used lately"), ("a", "model")]


def test_chats_are_offered_by_the_beginning_of_their_ids(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["ask", "-q", "echo hello\tyou"]) == 0
    capfd.readouterr()
    [(id_, title)] = names("chats", capfd).items()
    assert len(id_) == 8
    assert title == "echo hello you"
