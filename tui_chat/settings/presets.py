"""The choices of the form for a new endpoint: the known providers, the usual local servers, and any other URL."""

from __future__ import annotations

from typing import Final

from tui_chat.chat.endpoint_ports import Preset
from tui_chat.settings.providers import PROVIDERS

_FIRST: Final = ("OpenAI", "Anthropic", "Gemini", "DeepSeek", "SiliconFlow", "OpenRouter", "Groq", "Mistral")
_BY_NAME: Final = {provider.name: provider for provider in PROVIDERS}

OTHER: Final = Preset("OpenAI-compatible")
"""Any other server; its API is found by its URL and its answers."""

PRESETS: Final = (
    *(
        Preset(each.name, each.speaking("auto")[0], each.variable, endpoint=each.endpoint)
        for each in (_BY_NAME[name] for name in _FIRST)
    ),
    Preset("Ollama", "http://localhost:11434", local=True, endpoint="ollama"),
    Preset("llama.cpp", "http://localhost:8080/v1", local=True, endpoint="llama.cpp"),
    Preset("vLLM", "http://localhost:8000/v1", local=True, endpoint="vllm"),
    Preset("LM Studio", "http://localhost:1234/v1", local=True, endpoint="lm-studio"),
    OTHER,
)
"""In the order in which the form lists them."""
