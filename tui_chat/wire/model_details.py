"""Ask a server for what its list of models may not have: the size of a model's context window, and whether it takes
pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from tui_chat.chat.model_ports import ModelInfo
from tui_chat.chat.quick_dataclass import replace
from tui_chat.wire.foreign import count, items, word
from tui_chat.wire.model_lists import read_models, takes_images

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


class ModelDetails:
    """Asks one server about its models, and remembers what kind of server it is."""

    def __init__(self, endpoint: Endpoint, fetch: Fetch) -> None:
        self._endpoint = endpoint
        self._fetch = fetch
        self._kind: ServerKind | None = None
        self._root = endpoint.base_url
        for ending in ("/v1", "/api", "/v1beta"):
            self._root = self._root.removesuffix(ending)

    async def about(self, model: str, options: Mapping[str, object]) -> ModelInfo:
        """Return what the server tells about a model; nothing of what it gives only in its list of models, or not at
        all. Servers on the internet have only that list, so they are not asked. `options` are the sampling options of
        requests, which may set the size of the context window."""
        answer = await self._ask(model)
        if _PARAMETER in options or _PARAMETER in self._endpoint.extra_body:
            return replace(answer, context=_size({**options, **self._endpoint.extra_body}, _PARAMETER))
        return answer

    async def _ask(self, model: str) -> ModelInfo:
        endpoint, nothing = self._endpoint, ModelInfo(model)
        if endpoint.in_url:
            return nothing
        if endpoint.dialect == "ollama-chat":
            return await _ollama(self._root, model, self._fetch)
        if endpoint.reach == "public":
            return nothing
        listed, unknown = None, self._kind is None
        if self._kind is None or self._kind == "other":
            listed = await self._fetch(f"{endpoint.base_url}/models", None)
            self._kind = server_kind(listed, endpoint.base_url)
        match self._kind:
            case "llama.cpp":
                return _llama_cpp(model, await self._fetch(f"{self._root}/props", None))
            case "LM Studio":
                return await _lm_studio(self._root, model, self._fetch)
            case "Ollama":
                return await _ollama(self._root, model, self._fetch)
            case "other":
                if not unknown or _listed_size(listed, model) is not None:
                    return nothing  # whoever reads the list finds it there
                return _llama_cpp(model, await self._fetch(f"{self._root}/props", None))  # it may hide behind a proxy


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


def _llama_cpp(model: str, props: object) -> ModelInfo:
    """The size is that for one request: a server with several slots divides what it was started with among them."""
    if not isinstance(props, dict):
        return ModelInfo(model)
    size = _size(props.get("default_generation_settings"), "n_ctx") or _size(props, "n_ctx")
    modalities = props.get("modalities")
    vision = modalities.get("vision") if isinstance(modalities, dict) else None
    return ModelInfo(model, size, images=vision if isinstance(vision, bool) else None)


async def _lm_studio(root: str, model: str, fetch: Fetch) -> ModelInfo:
    listed = await fetch(f"{root}/api/v0/models", None)
    entries = items(listed.get("data")) if isinstance(listed, dict) else ()
    for entry in entries[:_MOST_MODELS]:
        if isinstance(entry, dict) and word(entry.get("id")) == model:
            size = _size(entry, "loaded_context_length") or _size(entry, "max_context_length")
            return ModelInfo(model, size, images=takes_images(entry))
    return ModelInfo(model)


async def _ollama(root: str, model: str, fetch: Fetch) -> ModelInfo:
    """The size is the one that the model was loaded with, else the one in its parameters. The size that it was trained
    with is not used: Ollama cuts requests off at a much smaller one, unless told otherwise."""
    running = await fetch(f"{root}/api/ps", None)
    if not isinstance(running, dict) or not isinstance(running.get("models"), list):
        return ModelInfo(model)  # some server that answers every path: it is not asked further
    size = None
    for entry in items(running["models"])[:_MOST_MODELS]:
        meant = isinstance(entry, dict) and word(entry.get("name")) in {model, f"{model}:latest"}
        size = size or (_size(entry, "context_length") if meant else None)
    shown = await fetch(f"{root}/api/show", {"model": model})
    if not isinstance(shown, dict):
        return ModelInfo(model, size)
    parameters = shown.get("parameters")
    if size is None and isinstance(parameters, str):
        size = _parameter(parameters)
    return ModelInfo(model, size, images=takes_images(shown))


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
