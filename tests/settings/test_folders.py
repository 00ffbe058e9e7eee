"""Where the program's files are."""

from __future__ import annotations

import sys
from dataclasses import astuple
from pathlib import Path

import platformdirs
import pytest

from tui_chat.settings.folders import APP, Folders

KINDS = ("config", "data", "state", "cache")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in KINDS:
        monkeypatch.delenv(f"XDG_{kind.upper()}_HOME", raising=False)


@pytest.mark.parametrize("platform", [sys.platform, "another"])
@pytest.mark.parametrize("home", ["/home/ann", "/home/ann/", "", "relative"])
def test_without_variables_they_are_those_of_platformdirs(
    platform: str, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(sys, "platform", platform)
    usual = [getattr(platformdirs, f"user_{kind}_path")(APP, appauthor=False) for kind in KINDS]
    assert list(astuple(Folders.of_this_person())) == usual


def test_a_variable_moves_its_folder_if_its_path_is_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Folders.of_this_person()
    monkeypatch.setenv("XDG_DATA_HOME", "/elsewhere")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    folders = Folders.of_this_person()
    assert folders.data == Path("/elsewhere") / APP
    assert folders.state == before.state
