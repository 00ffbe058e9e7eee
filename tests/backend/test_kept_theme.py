"""The theme that was chosen is there at the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.theme import BUILTIN_THEMES

from tui_chat.backend.kept_theme import StoredTheme
from tui_chat.settings.config import THEMES
from tui_chat.ui.themes import AUTO
from tui_chat.ui.themes import THEMES as OWN

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = ("dark", "light", "nord")


def test_a_choice_holds_until_the_settings_say_something_new(tmp_path: Path) -> None:
    kept = StoredTheme(tmp_path / "state" / "theme.json")
    assert kept.instead_of("dark", KNOWN) == "dark"
    kept.keep("nord", configured="dark")
    assert kept.instead_of("dark", KNOWN) == "nord"
    assert kept.instead_of("light", KNOWN) == "light"


def test_a_theme_that_is_gone_and_a_file_that_is_broken_are_no_choice(tmp_path: Path) -> None:
    path = tmp_path / "theme.json"
    kept = StoredTheme(path)
    kept.keep("purple", configured="dark")
    assert kept.instead_of("dark", KNOWN) == "dark"
    for text in ("", "[]", '{"chosen": ["nord"], "configured": "dark"}', "{"):
        path.write_text(text)
        assert kept.instead_of("dark", KNOWN) == "dark"


def test_the_settings_know_the_themes_that_there_are() -> None:
    assert set(THEMES) == {AUTO, *(theme.name for theme in OWN)} | BUILTIN_THEMES.keys()
