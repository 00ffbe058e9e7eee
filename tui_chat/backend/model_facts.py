"""The context windows and prices of an endpoint's models, from the settings and from the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.model_ports import ModelInfo
from tui_chat.chat.quick_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_chat.chat.model_ports import KnownModels
    from tui_chat.settings.config import PriceSettings
    from tui_chat.settings.targets import Target


class ModelFacts:
    """The models of one endpoint. The settings win over the server: those of the model over those of the endpoint."""

    def __init__(self, known: Callable[[], KnownModels | None], target: Target | None = None) -> None:
        """`known` reads the cached list of models, on first use; `target` has the settings."""
        self._known = known
        self._target = target
        self._listed: dict[str, ModelInfo] | None = None
        self._details: dict[str, ModelInfo] = {}
        self._asked: set[str] = set()

    def about(self, model: str) -> ModelInfo:
        """Return what is known of the model of that name; an empty name means the endpoint's only model."""
        return self.completed(self._info(model))

    def completed(self, info: ModelInfo) -> ModelInfo:
        """Add to what a list says of a model what the server said of it by itself and what the settings say."""
        info = self._with_details(info)
        target = self._target
        if target is None:
            return info
        own = target.models.get(info.name)
        window = (own.context_window if own is not None else None) or target.context_window
        if window is not None:
            info = replace(info, context=window)
        return _priced(info, (own.prices if own is not None else None) or target.prices)

    def _with_details(self, info: ModelInfo) -> ModelInfo:
        details = self._details.get(info.name)
        if details is None:
            return info
        images = info.images if details.images is None else details.images
        return replace(info, context=details.context or info.context, images=images)

    def _info(self, model: str) -> ModelInfo:
        if self._listed is None:
            known = self._known()
            self._listed = {} if known is None else {each.name: each for each in known.models}
        if not model and len(self._listed) == 1:
            return next(iter(self._listed.values()))
        # Ollama lists `qwen3:latest` for what people call `qwen3`.
        return self._listed.get(model) or self._listed.get(f"{model}:latest") or ModelInfo(model)

    def lists(self, model: str) -> bool:
        """Whether the model is in the server's newest or in an earlier list, so that the server's facts about it are
        known."""
        info = self._info(model)
        return self._listed is not None and info.name in self._listed

    def wants(self, model: str) -> bool:
        """Whether the server is to be asked about a model: the settings leave something open, and it was not asked
        yet."""
        target = self._target
        own = target.models.get(model) if target is not None else None
        set_ = target is not None and (target.context_window or (own is not None and own.context_window))
        return model not in self._asked and not set_

    def asked(self, model: str) -> None:
        """Note that the server was asked about a model."""
        self._asked.add(model)

    def take_list(self, models: Iterable[ModelInfo]) -> None:
        """Remember the list that the server just gave."""
        self._listed = {each.name: each for each in models}

    def take_details(self, model: str, details: ModelInfo) -> None:
        """Remember what the server says about a model apart from its list."""
        self._details[self._info(model).name] = details


def _priced(info: ModelInfo, prices: PriceSettings | None) -> ModelInfo:
    if prices is None:
        return info
    return replace(
        info,
        input_price=prices.input,
        output_price=prices.output,
        cached_price=prices.cached,
        reasoning_price=prices.reasoning,
        prices_from="settings",
    )
