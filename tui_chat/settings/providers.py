"""The services whose keys people have in their environment."""

from __future__ import annotations

from typing import Final

from tui_chat.chat.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """A service, its key's variable and its addresses."""

    name: str
    variable: str
    base_url: str
    """Its OpenAI-compatible URL."""
    native: str = "openai-chat"
    """The API of its own."""
    native_url: str = ""
    """Where that one is, if it is elsewhere."""

    @property
    def endpoint(self) -> str:
        """Its name as an endpoint's."""
        return self.name.lower()

    def owns(self, host: str) -> bool:
        """Whether a host is the provider's own (regional hosts are below the usual one)."""
        own = self.base_url.split("/")[2]
        return host == own or host.endswith(f".{own}")

    def speaking(self, api: str) -> tuple[str, str]:
        """URL and API for who wants `api`; `auto` is the provider's own."""
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
    Provider("Groq", "GROQ_API_KEY", "https://api.groq.com/openai/v1"),
    Provider("Mistral", "MISTRAL_API_KEY", "https://api.mistral.ai/v1"),
)
