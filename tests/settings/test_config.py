from __future__ import annotations

from tui_chat.settings.config import APIS, Settings
from tui_chat.wire.dialects import DIALECTS


def test_every_setting_has_its_sentence() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_settings_know_every_api_of_the_wire() -> None:
    assert set(APIS) == {"auto", *DIALECTS}
