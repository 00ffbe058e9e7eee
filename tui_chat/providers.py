"""Whom the settings mean: which URL is asked, and which key may go there.

A key goes to the host it was configured for and to no other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tui_chat.chat.ports import SetupError
from tui_chat.config import FOREIGN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.config import Loaded

HostOf: TypeAlias = "Callable[[str], str]"
"""The host that a request to a URL really goes to: asked of whoever sends it, because two readers of one URL may
disagree, and then a key goes astray. Raises `SetupError` for a URL that cannot be used."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A service whose key people have in their environment."""

    name: str
    variable: str
    base_url: str
    """Its OpenAI-compatible URL."""

    def owns(self, host: str) -> bool:
        """Whether a host is the provider's own (regional hosts are below the usual one)."""
        own = self.base_url.split("/")[2]
        return host == own or host.endswith(f".{own}")


OPENAI = Provider("OpenAI", "OPENAI_API_KEY", "https://api.openai.com/v1")
PROVIDERS = (
    OPENAI,
    Provider("Anthropic", "ANTHROPIC_API_KEY", "https://api.anthropic.com/v1"),
    Provider("Gemini", "GEMINI_API_KEY", "https://generativelanguage.googleapis.com/v1beta/openai"),
    Provider("OpenRouter", "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"),
    Provider("DeepSeek", "DEEPSEEK_API_KEY", "https://api.deepseek.com"),
    Provider("Groq", "GROQ_API_KEY", "https://api.groq.com/openai/v1"),
    Provider("Mistral", "MISTRAL_API_KEY", "https://api.mistral.ai/v1"),
)


@dataclass(frozen=True, slots=True)
class Key:
    """A secret, and where it came from, for a person."""

    value: str = field(repr=False)
    origin: str


@dataclass(frozen=True, slots=True)
class Target:
    """The endpoint to ask."""

    base_url: str
    url_origin: str
    """Where the URL came from, for a person."""
    key: Key | None = None
    notices: tuple[str, ...] = ()


def choose(loaded: Loaded, host_of: HostOf) -> Target | None:
    """Whom to ask; `None`: nothing is configured, which is the demo's case. Raises `SetupError`."""
    secret = loaded.settings.api_key.get_secret_value()
    own_key = _key(secret, loaded.origin("api_key")) if secret else None
    if loaded.settings.base_url:
        return _with_key(loaded, own_key, host_of)
    if own_key:
        raise SetupError(f"{own_key.origin}: no base URL says whose key this is; set TUI_CHAT_BASE_URL or --base-url")
    held = [provider for provider in PROVIDERS if provider.variable in loaded.variables]
    if not held:
        return None
    if len(held) > 1:
        names = ", ".join(loaded.variables[provider.variable].place for provider in held)
        raise SetupError(
            f"{names}: several keys, and no base URL says whom to ask; set TUI_CHAT_BASE_URL or --base-url, "
            f"for example {held[0].base_url}"
        )
    key = _foreign_key(loaded, held[0])
    return Target(held[0].base_url, f"the provider of {key.origin}", key)


def _with_key(loaded: Loaded, own_key: Key | None, host_of: HostOf) -> Target:
    url, url_origin = loaded.settings.base_url, loaded.origin("base_url")
    host = _host(url, url_origin, host_of)
    notices: tuple[str, ...] = ()
    if own_key:
        # A key and a URL side by side, in the file say, belong together: another URL from elsewhere does not get it.
        layer = loaded.layer("api_key")
        beside = layer.values.get("base_url") if layer else None
        meant_for = _host(beside, layer.names["base_url"], host_of) if layer and beside else host
        if meant_for == host:
            return Target(url, url_origin, own_key)
        notices = (f"The key of {own_key.origin} is for {meant_for}; it is not sent to {host}.",)
    # Whoever sets OPENAI_BASE_URL means OPENAI_API_KEY to go there.
    openai_url = any(url_origin.startswith(name) for name in FOREIGN["base_url"])
    for provider in PROVIDERS:
        if provider.variable in loaded.variables and (provider.owns(host) or (provider is OPENAI and openai_url)):
            return Target(url, url_origin, _foreign_key(loaded, provider), notices)
    return Target(url, url_origin, notices=notices)


def _host(url: str, origin: str, host_of: HostOf) -> str:
    try:
        return host_of(url)
    except SetupError as error:
        raise SetupError(f"{origin}: {error}") from error


def _foreign_key(loaded: Loaded, provider: Provider) -> Key:
    variable = loaded.variables[provider.variable]
    return _key(variable.value, variable.place)


def _key(value: str, origin: str) -> Key:
    """A pasted key often brings a line end along; anything else that cannot stand in a header is a mistake."""
    value = value.strip()
    if not value.isascii() or not value.isprintable() or " " in value:
        raise SetupError(f"{origin}: holds characters that cannot be part of a key")
    return Key(value, origin)
