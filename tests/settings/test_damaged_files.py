"""What random damage to the settings file was found to break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.settings.loading import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("extra_body = {a = " + "[" * 3000 + "]" * 3000 + "}", "nested too deeply"),
        ('"\\n" = 1', "'\\n' in"),
        ('"" = 1', "'' in"),
        ('api = "' + "x" * 100_000 + '"', "there is no API"),
        ('[endpoints.e]\n"a\\nb" = 1', "'a\\nb' is not a setting"),
    ],
)
def test_each_is_told_in_one_line(home: Path, text: str, told: str) -> None:
    path = home / ".config" / "tui-chat" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SetupError) as caught:
        load({})
    (line,) = str(caught.value).splitlines()
    assert told in line
    assert len(line) < 500


def test_variables_that_hold_tables_are_told_likewise(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_EXTRA_BODY", "[" * 100_000)  # Python 3.13 reads 3,000 levels
    with pytest.raises(SetupError, match="nested too deeply"):
        load({})
