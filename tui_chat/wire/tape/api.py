"""Recognises the API of a recorded request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_APIS: Final[Mapping[str, str]] = {
    "/chat/completions": "openai-chat",
    "/responses": "openai-responses",
    "/messages": "anthropic-messages",
    "GenerateContent": "gemini",
    ":generateContent": "gemini",
    "/api/chat": "ollama-chat",
}
"""For each API, how the path of its requests ends."""


def api_of(url: str) -> str:
    """Return the API that a request's URL belongs to, by the name it has in the settings; empty: unknown."""
    path = urlsplit(url).path
    return next((api for ending, api in _APIS.items() if path.endswith(ending)), "")
