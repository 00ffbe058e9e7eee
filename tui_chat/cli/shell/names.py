"""The names that a shell offers for a flag's value: endpoints, personas, templates, models and chats.

A Tab waits for them, so only what they need is imported, and what cannot be read is left out without a word.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tui_chat.regular_files import read_bytes
from tui_chat.settings.folders import Folders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

LARGEST: Final = 16_000_000
"""The most bytes of a file that are read."""
MOST: Final = 2_000
"""The most names of a kind."""


def print_names(kind: str) -> int:
    """Print the names of a kind, a line each with a tab and what is known about it; return the exit status."""
    from tui_chat.chat.clean import clean_line
    from tui_chat.cli.paging import put

    lines: dict[str, str] = {}
    for name, about in NAMES[kind](Folders.of_this_person()):
        if name == clean_line(name).strip() and len(lines) < MOST:  # others can't be typed as they are
            lines.setdefault(name, f"{name}\t{clean_line(about)}\n")
    return put(lines.values())


def _endpoints(folders: Folders) -> Iterator[tuple[str, str]]:
    yield from _tables(folders, "endpoints")
    yield "demo", "the built-in demo"


def _personas(folders: Folders) -> Iterator[tuple[str, str]]:
    return _tables(folders, "personas")


def _templates(folders: Folders) -> Iterator[tuple[str, str]]:
    from tui_chat.settings.template_folder import TemplateFolder

    for name in TemplateFolder(folders.config / "templates").names:
        yield name, "template"


def _models(folders: Folders) -> Iterator[tuple[str, str]]:
    """The models used lately, then all that servers have listed."""
    for pair in _list(_json(folders.state / "recent-models.json").get("used")):
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str):
            yield pair[1], "used lately"
    for path in sorted((folders.cache / "models").glob("*.json")):
        for model in _list(_json(path).get("models")):
            if isinstance(model, dict) and isinstance(model.get("name"), str):
                yield model["name"], "model"


def _chats(folders: Folders) -> Iterable[tuple[str, str]]:
    from contextlib import closing

    from tui_chat.chat.history_ports import HistoryError
    from tui_chat.cli.history.chats import short_ids
    from tui_chat.history.store import Store

    try:
        with closing(Store(folders.data)) as history:
            chats = history.chats(limit=200)
    except HistoryError:
        return ()
    short = short_ids([chat.id for chat in chats])
    return [(short[chat.id], chat.title) for chat in chats]


NAMES: Final[Mapping[str, Callable[[Folders], Iterable[tuple[str, str]]]]] = {
    "endpoints": _endpoints,
    "personas": _personas,
    "templates": _templates,
    "models": _models,
    "chats": _chats,
}
"""By kind, what finds the names with what is known about each."""


def _tables(folders: Folders, table: str) -> Iterator[tuple[str, str]]:
    import tomllib

    try:
        text = read_bytes(folders.config_file, LARGEST).decode("utf-8-sig")
        named = tomllib.loads(text).get(table)
    except (OSError, ValueError, RecursionError):
        return
    for name in named if isinstance(named, dict) else ():
        yield name, table.removesuffix("s")


def _json(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(read_bytes(path, LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
