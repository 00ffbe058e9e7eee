"""Imports Textual's app without parts that it names at its top and this program never or seldom uses: Textual's own
palette, which is never opened here, brings lists, inputs and trees with it."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from tui_chat.late_modules import StandIn, stand_ins
from tui_chat.terminal.capabilities import RENDERER


class PaletteProvider:
    """Stands for the base of commands of Textual's palette; a class of Textual is derived from it."""


def import_app() -> None:
    """Import `textual.app` without the modules that are needed later."""
    if os.environ.get(RENDERER, "").lower() == "textual":
        return
    palette = StandIn("textual.command", Provider=PaletteProvider, CommandListItem=Any, Hits=Any)
    with stand_ins([palette, StandIn("platformdirs"), StandIn("rich.table")]):
        import_module("textual.app")
