"""The theme that a person chose in the screen, kept for the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.backend.model_cache import read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path


class KeptTheme:
    """A small file. The choice holds until the settings name another theme than they did when it was made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def instead_of(self, configured: str, known: Container[str]) -> str:
        """The theme to begin with, of those that are known, where the settings say `configured`."""
        held = read_table(self._path)
        chosen = held.get("chosen")
        return (
            chosen
            if isinstance(chosen, str) and chosen in known and held.get("configured") == configured
            else configured
        )

    def keep(self, name: str, *, configured: str) -> None:
        """Remember that a person chose `name` where the settings say `configured`."""
        write_table(self._path, {"chosen": name, "configured": configured})
