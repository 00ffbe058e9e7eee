"""What the form for a new endpoint offers."""

from __future__ import annotations

from tui_chat.settings.presets import PRESETS
from tui_chat.settings.providers import PROVIDERS
from tui_chat.wire.endpoint import Endpoint

APIS = {"Anthropic": "anthropic-messages", "Gemini": "gemini", "Ollama": "ollama-chat"}


def test_every_provider_has_its_form_and_the_last_is_for_any_other() -> None:
    assert {provider.name for provider in PROVIDERS} <= {preset.name for preset in PRESETS}
    assert PRESETS[-1].base_url == ""
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)


def test_the_url_of_each_alone_says_which_api_it_has() -> None:
    for preset in PRESETS[:-1]:
        endpoint = Endpoint(preset.base_url, dialect="auto")
        assert endpoint.dialect == APIS.get(preset.name, "openai-chat"), preset
        assert preset.local == (endpoint.reach == "loopback")
        assert bool(preset.variable) != preset.local
