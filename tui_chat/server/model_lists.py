"""Lists of models in the format of each API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.server.formats.writing import Json


def openai_models(names: Sequence[str]) -> Json:
    """The body of OpenAI's `GET /v1/models`."""
    models = [{"id": name, "object": "model", "created": 0, "owned_by": "tui-chat"} for name in names]
    return {"object": "list", "data": models}


def anthropic_models(names: Sequence[str]) -> Json:
    """The body of Anthropic's `GET /v1/models`."""
    models = [
        {"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"} for name in names
    ]
    first, last = (names[0], names[-1]) if names else (None, None)
    return {"data": models, "has_more": False, "first_id": first, "last_id": last}


def gemini_models(names: Sequence[str]) -> Json:
    """The body of Gemini's `GET /v1beta/models`."""
    return {"models": [{"name": f"models/{name}", "supportedGenerationMethods": ["generateContent"]} for name in names]}


def ollama_models(names: Sequence[str]) -> Json:
    """The body of Ollama's `GET /api/tags`."""
    return {"models": [{"name": name, "model": name, "size": 0} for name in names]}
