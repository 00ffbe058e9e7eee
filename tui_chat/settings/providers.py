"""The providers whose key variables are recognised."""

from __future__ import annotations

from typing import Final

from tui_chat.chat.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider, its key variable and its URLs."""

    name: str
    variable: str
    base_url: str
    """The base URL of its OpenAI-compatible API."""
    native: str = "openai-chat"
    """Its own API, if it has one."""
    native_url: str = ""
    """The URL of its own API, if that differs."""

    @property
    def endpoint(self) -> str:
        """Its name as an endpoint."""
        return self.name.lower()

    def owns(self, host: str) -> bool:
        """Whether a host belongs to the provider (regional hosts are subdomains of the usual one)."""
        own = self.base_url.split("/")[2]
        return host == own or host.endswith(f".{own}")

    def speaking(self, api: str) -> tuple[str, str]:
        """Return the URL and the API for a wanted `api`; `auto` means the provider's own."""
        if api in {"auto", self.native}:
            return self.native_url or self.base_url, self.native
        return self.base_url, api


OPENAI: Final = Provider("OpenAI", "OPENAI_API_KEY", "https://api.openai.com/v1")
PROVIDERS: Final = (
    OPENAI,
    Provider("Anthropic", "ANTHROPIC_API_KEY", "https://api.anthropic.com/v1", "anthropic-messages"),
    Provider(
        "Gemini",
        "GEMINI_API_KEY",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta",
    ),
    Provider("OpenRouter", "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"),
    Provider("DeepSeek", "DEEPSEEK_API_KEY", "https://api.deepseek.com"),
    Provider("SiliconFlow", "SILICONFLOW_API_KEY", "https://api.siliconflow.com/v1"),
    Provider("Groq", "GROQ_API_KEY", "https://api.groq.com/openai/v1"),
    Provider("Mistral", "MISTRAL_API_KEY", "https://api.mistral.ai/v1"),
)
