"""Caches the lists of models that servers gave, and which models were used lately.

One is created before the first frame, so what reading and writing need is imported on use.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from time import time
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.model_ports import KnownModels, ModelInfo
from tui_chat.regular_files import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

log = logging.getLogger(__name__)

RECENT: Final = 100
"""The number of recently used models that are remembered, of all endpoints together."""
LARGEST: Final = 16_000_000
"""The most bytes of a cache file that are read."""


class ModelCache:
    """Small cache files, by the endpoint's URL. Errors of reading and writing are only logged."""

    def __init__(self, cache: Path, state: Path) -> None:
        self._lists = cache / "models"
        self._recent = state / "recent-models.json"

    def known(self, url: str) -> KnownModels | None:
        """Return the last list of the server at `url`, recently used models first; `None` if there is none."""
        held = read_table(self._list(url))
        try:
            models = tuple(ModelInfo(**item) for item in held["models"])
            age = max(0.0, time() - held["told"])
        except (KeyError, TypeError):
            return None  # an empty file, or one of another version
        return KnownModels(self.recent_first(url, models), age)

    def store(self, url: str, models: Iterable[ModelInfo]) -> None:
        """Store the list that the server at `url` just gave."""
        write_table(self._list(url), {"url": url, "told": time(), "models": [asdict(model) for model in models]})

    def mark_used(self, url: str, model: str) -> None:
        """Store that the model was used just now."""
        used = self.recent()
        if used[:1] != [(url, model)]:
            used = [(url, model), *(each for each in used if each != (url, model))][:RECENT]
            write_table(self._recent, {"used": used})

    def recent(self) -> list[tuple[str, str]]:
        """Return the models used lately as pairs of their server's URL and their name, the last one first."""
        held = read_table(self._recent)
        used = held.get("used")
        if not isinstance(used, list):  # an earlier version kept one list for each server
            used = [(url, name) for url, names in held.items() if isinstance(names, list) for name in names]
        pairs = [tuple(pair) for pair in used if isinstance(pair, (list, tuple))]
        return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2 and all(isinstance(each, str) for each in pair)]

    def recent_first(self, url: str, models: Iterable[ModelInfo]) -> tuple[ModelInfo, ...]:
        """Return the models sorted so that recently used ones come first."""
        names = [name for used, name in self.recent() if used == url]
        rank = {name: place for place, name in enumerate(names)}
        return tuple(sorted(models, key=lambda model: rank.get(model.name, RECENT)))

    def _list(self, url: str) -> Path:
        from hashlib import sha256

        return self._lists / f"{sha256(url.encode()).hexdigest()[:32]}.json"


def read_table(path: Path) -> dict[str, Any]:
    """Read a JSON object from a small file; return an empty one, and log why, if that fails."""
    try:
        held = json.loads(read_bytes(path, LARGEST))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s cannot be read: %s", path, error)
        return {}
    return held if isinstance(held, dict) else {}


def write_table(path: Path, held: dict[str, Any]) -> None:
    """Write a JSON object to a file atomically, readable by its owner only; errors are logged."""
    from tempfile import NamedTemporaryFile

    try:
        for folder in reversed(path.parents):  # `parents=True` would make them readable for everybody
            folder.mkdir(mode=0o700, exist_ok=True)
        file = NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".", delete=False)  # noqa: SIM115
        try:
            with file:
                json.dump(held, file)
            os.replace(file.name, path)  # noqa: PTH105
        except OSError:
            os.unlink(file.name)  # noqa: PTH108
            raise
    except OSError as error:
        log.warning("%s cannot be written: %s", path, error)
