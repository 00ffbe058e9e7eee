"""Ask a server for the size of a model's context window, where it does not stand in its list of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_chat.wire.foreign import count, items, word

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui_chat.wire.endpoint import Endpoint

Fetch: TypeAlias = "Callable[[str, Mapping[str, Any] | None], Awaitable[object]]"
"""Returns the JSON document at a URL, posted to with a body if one is given; `None` if there is none."""

LARGEST_WINDOW: Final = 10**9
"""Larger sizes are mistakes."""
_MOST_MODELS: Final = 1_000
_LONGEST_PARAMETERS: Final = 20_000
_PARAMETER: Final = "num_ctx"


async def context_window(endpoint: Endpoint, model: str, options: Mapping[str, object], fetch: Fetch) -> int | None:
    """Return the size of a model's context window in tokens; `None` if the server does not tell it. Servers on the
    internet have only their list of models, so they are not asked."""
    if _PARAMETER in options or _PARAMETER in endpoint.extra_body:
        given = {**options, **endpoint.extra_body}
        return _size(given, _PARAMETER)
    if endpoint.in_url:
        return None
    root = endpoint.base_url
    for ending in ("/v1", "/api", "/v1beta"):
        root = root.removesuffix(ending)
    if endpoint.dialect == "ollama-chat":
        return await _ollama(root, model, fetch)
    if endpoint.reach == "public":
        return None
    props = await fetch(f"{root}/props", None)
    if (size := _llama_cpp(props)) is not None:
        return size
    if (size := await _lm_studio(root, model, fetch)) is not None:
        return size
    return await _ollama(root, model, fetch)


def _llama_cpp(props: object) -> int | None:
    """The size for one request: a server with several slots divides what it was started with among them."""
    if not isinstance(props, dict):
        return None
    return _size(props.get("default_generation_settings"), "n_ctx") or _size(props, "n_ctx")


async def _lm_studio(root: str, model: str, fetch: Fetch) -> int | None:
    listed = await fetch(f"{root}/api/v0/models", None)
    entries = items(listed.get("data")) if isinstance(listed, dict) else ()
    for entry in entries[:_MOST_MODELS]:
        if isinstance(entry, dict) and word(entry.get("id")) == model:
            return _size(entry, "loaded_context_length") or _size(entry, "max_context_length")
    return None


async def _ollama(root: str, model: str, fetch: Fetch) -> int | None:
    """The size that the model was loaded with, else the one in its parameters. The size that it was trained with is
    not used: Ollama cuts requests off at a much smaller one, unless told otherwise."""
    running = await fetch(f"{root}/api/ps", None)
    if not isinstance(running, dict) or not isinstance(running.get("models"), list):
        return None  # some server that answers every path: it is not asked further
    for entry in items(running["models"])[:_MOST_MODELS]:
        meant = isinstance(entry, dict) and word(entry.get("name")) in {model, f"{model}:latest"}
        if meant and (size := _size(entry, "context_length")) is not None:
            return size
    shown = await fetch(f"{root}/api/show", {"model": model})
    parameters = shown.get("parameters") if isinstance(shown, dict) else None
    return _parameter(parameters) if isinstance(parameters, str) else None


def _parameter(parameters: str) -> int | None:
    """The size in the lines of a model file's parameters, each a name and a value."""
    for line in parameters[:_LONGEST_PARAMETERS].splitlines():
        name, _, value = line.strip().partition(" ")
        if name == _PARAMETER and (digits := value.strip()).isascii() and digits.isdigit() and len(digits) < 12:
            return _size({name: int(digits)}, name)
    return None


def _size(numbers: object, key: str) -> int | None:
    size = count(numbers, key)
    return size if size is not None and 0 < size <= LARGEST_WINDOW else None
