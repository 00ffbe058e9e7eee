"""Ask a server for the size of a model's context window, where it does not stand in its list of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from tui_chat.wire.foreign import count, items, word
from tui_chat.wire.model_lists import read_models

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui_chat.wire.endpoint import Endpoint

Fetch: TypeAlias = "Callable[[str, Mapping[str, Any] | None], Awaitable[object]]"
"""Returns the JSON document at a URL, posted to with a body if one is given; `None` if there is none."""

ServerKind: TypeAlias = Literal["llama.cpp", "LM Studio", "Ollama", "other"]
"""The software of a server. `other` gives the size in its list of models, or nowhere."""

_OWNERS: Final[Mapping[str, ServerKind]] = {
    "llamacpp": "llama.cpp", "library": "Ollama", "organization_owner": "LM Studio",
}  # fmt: skip
"""The names that servers write as the owner of a model."""
_PORTS: Final[Mapping[int, ServerKind]] = {11434: "Ollama", 1234: "LM Studio"}
LARGEST_WINDOW: Final = 10**9
"""Larger sizes are mistakes."""
_MOST_MODELS: Final = 1_000
_LONGEST_PARAMETERS: Final = 20_000
_PARAMETER: Final = "num_ctx"


class ContextWindows:
    """Asks one server for the context windows of its models, and remembers what kind of server it is."""

    def __init__(self, endpoint: Endpoint, fetch: Fetch) -> None:
        self._endpoint = endpoint
        self._fetch = fetch
        self._kind: ServerKind | None = None
        self._root = endpoint.base_url
        for ending in ("/v1", "/api", "/v1beta"):
            self._root = self._root.removesuffix(ending)

    async def size(self, model: str, options: Mapping[str, object]) -> int | None:
        """Return the size of a model's context window in tokens; `None` if the server gives it only in its list of
        models, or not at all. Servers on the internet have only that list, so they are not asked."""
        endpoint = self._endpoint
        if _PARAMETER in options or _PARAMETER in endpoint.extra_body:
            return _size({**options, **endpoint.extra_body}, _PARAMETER)
        if endpoint.in_url:
            return None
        if endpoint.dialect == "ollama-chat":
            return await _ollama(self._root, model, self._fetch)
        if endpoint.reach == "public":
            return None
        listed, unknown = None, self._kind is None
        if self._kind is None or self._kind == "other":
            listed = await self._fetch(f"{endpoint.base_url}/models", None)
            self._kind = server_kind(listed, endpoint.base_url)
        match self._kind:
            case "llama.cpp":
                return _llama_cpp(await self._fetch(f"{self._root}/props", None))
            case "LM Studio":
                return await _lm_studio(self._root, model, self._fetch)
            case "Ollama":
                return await _ollama(self._root, model, self._fetch)
            case "other":
                if not unknown or _listed_size(listed, model) is not None:
                    return None  # whoever reads the list finds it there
                return _llama_cpp(await self._fetch(f"{self._root}/props", None))  # it may hide behind a proxy


def server_kind(models: object, url: str) -> ServerKind:
    """Return the software of the server with this list of models, judged by the owners of the models, else by their
    names or the port."""
    entries = items(models.get("data")) if isinstance(models, dict) else ()
    listed = [entry for entry in entries[:_MOST_MODELS] if isinstance(entry, dict)]
    for entry in listed:
        if (kind := _OWNERS.get(word(entry.get("owned_by")).replace("-", "_"))) is not None:
            return kind
    if listed and all(":" in word(entry.get("id")) for entry in listed):
        return "Ollama"  # its models have a tag each, such as `:latest`; their owner may be a person
    return next((kind for port, kind in _PORTS.items() if not listed and f":{port}/" in f"{url}/"), "other")


def _listed_size(models: object, model: str) -> int | None:
    """The size in the list of models, as vLLM has it."""
    try:
        return next((each.context for each in read_models(models) if each.name == model), None)
    except ValueError:
        return None


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
