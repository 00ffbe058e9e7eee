"""The README's table of settings is that of the program."""

from __future__ import annotations

import re
from pathlib import Path

from tui_chat.settings.config import EndpointSettings, Settings

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_table_has_every_setting_with_its_default_and_its_sentence() -> None:
    table = README.partition("<!-- settings -->")[2].partition("<!-- end of settings -->")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", table, re.MULTILINE)
    assert {name: (default, sentence) for name, default, sentence in rows} == {
        name: (_shown(field.default), field.description) for name, field in Settings.model_fields.items()
    }


def test_the_settings_of_an_endpoint_are_named() -> None:
    text = README.partition("<!-- end of settings -->")[2].partition("## ")[0]
    assert set(re.findall(r"`(\w+)`", text)) == set(EndpointSettings.model_fields)


def _shown(default: object) -> str:
    secret = getattr(default, "get_secret_value", None)
    value = secret() if secret is not None else default
    if value in ("", None, {}, (), []):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
