"""Imports Textual's app without parts that it names at its top and this program never or seldom uses.

Textual's own palette brings lists, inputs and trees with it, and is never opened here. While `textual.app` is being
imported, stand-ins are found in place of such modules; afterwards an import gives the modules themselves. A stand-in
that lacks a name (of another version of Textual) takes it from its module.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from tui_chat.terminal.capabilities import RENDERER


class StandIn(ModuleType):
    """A module that is imported when something else is asked of it than it was given."""

    def __init__(self, name: str, **given: object) -> None:
        """`name`: of the module; `given`: what it has in place of the module's own."""
        super().__init__(name)
        vars(self).update(given)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


class PaletteProvider:
    """Stands for the base of commands of Textual's palette; a class of Textual is derived from it."""


class Late:
    """Stands for a function or class, which is imported when it is called or asked for an attribute."""

    def __init__(self, module: str, name: str) -> None:
        self._where = module, name

    def _real(self) -> Any:
        module, name = self._where
        return getattr(import_module(module), name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._real()(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)


def _stand_ins() -> list[StandIn]:
    palette = "textual.command"
    names = ("CommandPalette", "SimpleProvider", "DiscoveryHit", "Hit")
    late = {name: Late(palette, name) for name in names}
    return [
        StandIn(palette, Provider=PaletteProvider, CommandListItem=Any, Hits=Any, **late),
        StandIn("platformdirs", user_downloads_path=Late("platformdirs", "user_downloads_path")),
        StandIn("rich.table", Table=Late("rich.table", "Table")),
    ]


def import_app() -> None:
    """Import `textual.app` without the modules that are needed later."""
    if os.environ.get(RENDERER, "").lower() == "textual":
        return
    put = [each for each in _stand_ins() if sys.modules.setdefault(each.__name__, each) is each]
    try:
        import_module("textual.app")
    finally:
        for each in put:
            if sys.modules.get(each.__name__) is each:
                del sys.modules[each.__name__]
