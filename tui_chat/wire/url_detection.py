"""Detect the dialect of a URL and the root of its API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPERATIONS: Final[Mapping[str, re.Pattern[str]]] = {
    "openai-chat": re.compile(r"/chat/completions$|(?<=/v\d)/(completions|models|embeddings|responses|messages)$"),
    "openai-responses": re.compile(r"/responses$|(?<=/v\d)/(chat/completions|models)$"),
    "anthropic-messages": re.compile(r"/messages$"),
    "gemini": re.compile(r"/models(/[^/]*)?$"),
    "ollama-chat": re.compile(r"/(chat|generate|tags)$"),
}
"""Operation paths that people paste along with the base URL."""

_ROOTS: Final[Mapping[str, Mapping[str, str]]] = {
    "openai-chat": {
        "api.deepseek.com": "",
        "api.perplexity.ai": "",
        "openrouter.ai": "/api/v1",
        "api.groq.com": "/openai/v1",
        "generativelanguage.googleapis.com": "/v1beta/openai",
        "api.z.ai": "/api/paas/v4",
        "api.fireworks.ai": "/inference/v1",
        "api.deepinfra.com": "/v1/openai",
    },
    "openai-responses": {"openrouter.ai": "/api/v1", "api.groq.com": "/openai/v1"},
    "anthropic-messages": {
        "openrouter.ai": "/api/v1",
        "api.deepseek.com": "/anthropic/v1",
        "api.moonshot.ai": "/anthropic/v1",
        "api.z.ai": "/api/anthropic/v1",
    },
}
"""The API's root on hosts that do not use the default; applies only to a bare host."""

_HOSTS: Final = {
    "api.anthropic.com": "anthropic-messages",
    "generativelanguage.googleapis.com": "gemini",
    "aiplatform.googleapis.com": "gemini",
    "ollama.com": "ollama-chat",
}
"""Hosts with an API other than chat completions."""

_PATHS: Final = (
    (re.compile(r"/(chat/completions|openai)(/|$)|/(deployments|inference|compatible-mode)/"), "openai-chat"),
    (re.compile(r"/responses$"), "openai-responses"),
    (re.compile(r"/messages$|/anthropic(/v1)?$"), "anthropic-messages"),
    (re.compile(r"/v1(beta|alpha)\b|:(stream)?[gG]enerateContent$|/publishers/google(/|$)"), "gemini"),
    (re.compile(r"/api/(chat|generate|tags)$"), "ollama-chat"),
)
"""Patterns of paths and their dialects; the first match counts."""

_CERTAIN_HOSTS: Final = frozenset(
    {"api.openai.com", "api.mistral.ai", "api.x.ai", "api.cohere.ai", *_ROOTS["openai-chat"], *_HOSTS}
)
_OLLAMA_PORT: Final = 11434

ALTERNATIVES: Final = ("openai-chat", "ollama-chat", "anthropic-messages", "openai-responses", "gemini")
"""Dialects to try, the most common first."""


def dialect_of(host: str, port: int | None, path: str) -> tuple[str, bool]:
    """The dialect of a URL and whether it is certain; `path` has no trailing slash.

    A path that belongs to one API, or a host with its own API, is certain. All other URLs are treated as chat
    completions, which nearly all servers support, except a server on Ollama's port without a path of another API.
    """
    for pattern, dialect in _PATHS:
        if pattern.search(path):
            return dialect, True
    if host in _HOSTS:
        return _HOSTS[host], True
    if path == "/api" or (port == _OLLAMA_PORT and not path):
        return "ollama-chat", False
    return "openai-chat", host in _CERTAIN_HOSTS


def keeps_slash(dialect: str, host: str, path: str) -> bool:
    """Whether requests keep the trailing slash of `path`: if it is the full path of an operation on an unknown host."""
    if dialect == "gemini" or dialect not in _OPERATIONS or host in _CERTAIN_HOSTS:
        return False
    return bool(_OPERATIONS[dialect].search(path))


def root_of(dialect: str, host: str, path: str) -> str:
    """The root path of a dialect for a path that a person wrote: `/v1` for OpenAI's and Anthropic's APIs
    (`/chat/completions` and the like follow), `/v1beta` for Gemini, `/api` for Ollama."""
    bare = not path
    if dialect in _OPERATIONS:
        path = _OPERATIONS[dialect].sub("", path)
    match dialect:
        case "anthropic-messages":
            if bare:
                return _ROOTS[dialect].get(host, "/v1")
            return path if re.search(r"/v\d+$", path) else f"{path}/v1"
        case "gemini":
            return path if re.search(r"/v\d+((beta|alpha)\d*)?(/|$)", path) else f"{path}/v1beta"
        case "ollama-chat":
            path = path.removesuffix("/v1")
            return path if path.endswith("/api") else f"{path}/api"
        case _:
            return _ROOTS.get(dialect, {}).get(host, "/v1") if bare else path
