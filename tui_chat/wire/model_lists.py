"""Parse the model lists of servers."""

from __future__ import annotations

from math import isfinite
from typing import Any, Final

from tui_chat.chat.model_ports import ModelInfo
from tui_chat.wire.foreign import count

PATHS: Final = {"anthropic-messages": "/models?limit=1000", "gemini": "/models?pageSize=1000", "ollama-chat": "/tags"}
"""The path of the list below the API's root; `/models` for all others. Without the limits, Anthropic and Gemini
return only a first page."""

_CONTEXT: Final = (
    "loaded_context_length",  # LM Studio: the size it loaded the model with, which may be less than the maximum
    "context_length",  # OpenRouter, Together, Fireworks, SambaNova
    "max_model_len",  # vLLM, SGLang
    "context_window",  # Groq
    "max_context_length",  # Mistral, LM Studio
    "max_input_tokens",  # Anthropic, GitHub
    "inputTokenLimit",  # Gemini
    "n_ctx",  # llama.cpp, in `meta`: the size it was started with
    "n_ctx_train",  # llama.cpp before that
)
"""Fields with the size of the context window, the most precise first."""

_INSIDE: Final = ("meta", "metadata", "top_provider", "limits")
"""Nested objects that may hold the same facts: llama.cpp, DeepInfra, OpenRouter, GitHub."""

_PER_TOKEN: Final = (("prompt", "completion", "input_cache_read"),)
"""Fields with prices in dollars per token: OpenRouter (as strings), SambaNova."""

_PER_MILLION: Final = (("input", "output", "cached_input"), ("input_tokens", "output_tokens", "cache_read_tokens"))
"""Fields with prices in dollars per million tokens: Together, DeepInfra."""

_TEXTS_PER_TOKEN: Final = (("input", "output", "input_cache_read"),)
"""The same fields with prices per token where they are texts, which keep all digits: Vercel."""


def read_models(document: Any) -> tuple[ModelInfo, ...]:
    """Parse the list of OpenAI, Ollama or Gemini, or a bare list. Raises `ValueError` for anything else."""
    listed = document
    if isinstance(document, dict):
        listed = document.get("data") or document.get("models") or []
    if not isinstance(listed, list):
        raise ValueError("no list of models")  # noqa: TRY004 - it is about the answer, not about our types
    found: dict[str, ModelInfo] = {}
    for item in listed:
        info = _model(item)
        if info is not None:
            found.setdefault(info.name, info)
    return tuple(found.values())


def _model(item: object) -> ModelInfo | None:
    if isinstance(item, str):
        return ModelInfo(item) if item else None
    if not isinstance(item, dict):
        return None
    name = item.get("id") or item.get("name") or item.get("model")
    if not isinstance(name, str):
        return None
    methods = item.get("supportedGenerationMethods")
    if isinstance(methods, list):  # Gemini's own list: its requests need the name without the folder
        if "generateContent" not in methods:
            return None
        name = name.removeprefix("models/")
    places = [item, *(inner for key in _INSIDE if isinstance(inner := item.get(key), dict))]
    contexts = (count(place, key) for key in _CONTEXT for place in places)
    return ModelInfo(name, next((size for size in contexts if size), None), *_prices(places), images=takes_images(item))


def takes_images(item: dict[str, Any]) -> bool | None:
    """Whether a model takes pictures: OpenRouter and GitHub list what it takes, Mistral, llama.cpp and Ollama what it
    can do, LM Studio its type."""
    architecture = item.get("architecture")
    inside = architecture if isinstance(architecture, dict) else {}
    for listed in (inside.get("input_modalities"), item.get("supported_input_modalities")):
        if isinstance(listed, list) and listed:
            return "image" in listed
    match item.get("capabilities"):
        case {"vision": bool() as vision}:
            return vision
        case [*can] if "completion" in can:
            return "vision" in can or "multimodal" in can
    return {"vlm": True, "llm": False}.get(item.get("type")) if isinstance(item.get("type"), str) else None  # type: ignore[arg-type]


def _prices(places: list[dict[str, Any]]) -> tuple[float | None, float | None, float | None]:
    for pricing in (place.get("pricing") for place in places):
        if not isinstance(pricing, dict):
            continue
        texts = isinstance(pricing.get("input"), str)
        for scale, names in ((1e6, _PER_TOKEN), (1e6, _TEXTS_PER_TOKEN) if texts else (1.0, _PER_MILLION)):
            for into, out, cached in names:
                prices = _price(pricing.get(into), scale), _price(pricing.get(out), scale)
                if prices != (None, None):
                    return (*prices, _price(pricing.get(cached), scale) or None)  # 0: the provider caches nothing
    return None, None, None


def _price(value: object, scale: float) -> float | None:
    """Dollars per million tokens. OpenRouter uses -1 for a price that varies."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        price = float(value) * scale
    except ValueError:
        return None
    return round(price, 6) if isfinite(price) and price >= 0 else None
