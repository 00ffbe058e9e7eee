"""The theme that a person chose on the screen, stored for the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.backend.model_cache import read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path


class StoredTheme:
    """A small file with the chosen theme. It holds until the settings name a different theme than at the time of the
    choice."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def instead_of(self, configured: str, known: Container[str]) -> str:
        """Return the theme to start with: the stored one, or `configured` from the settings. Only `known` themes
        count."""
        held = read_table(self._path)
        chosen = held.get("chosen")
        return (
            chosen
            if isinstance(chosen, str) and chosen in known and held.get("configured") == configured
            else configured
        )

    def keep(self, name: str, *, configured: str) -> None:
        """Store that a person chose `name` while the settings said `configured`."""
        write_table(self._path, {"chosen": name, "configured": configured})
