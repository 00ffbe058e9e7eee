"""The theme that the screen showed last, so that the next one begins in it: the settings are read after the first
frame."""

from __future__ import annotations

import os

from tui_chat.start_cache import cache_file

LARGEST = 100
"""Bytes of the longest name."""


def default_path() -> str:
    """Return the file in the cache folder; an empty text if there is none for this person."""
    folder = cache_file.folder()
    return folder and f"{folder}/last-theme"


class LastTheme:
    """A small file with the name of a theme."""

    def __init__(self, path: str, *, keep: bool = True) -> None:
        """`keep` says whether something may be written."""
        self._path, self._keep = path, keep
        self.name = self._read()
        """Its name as it was stored last, whether or not there is such a theme; empty if it is not known."""

    def _read(self) -> str:
        opened = cache_file.open_own(self._path, LARGEST) if self._path else None
        if opened is None:
            return ""
        file, size = opened
        try:
            return os.read(file, size).decode("utf-8", "replace").strip()
        finally:
            os.close(file)

    def store(self, name: str) -> None:
        """Store the name; errors are only logged."""
        self.name = name
        if self._keep and self._path:
            cache_file.write(self._path, [name.encode()])
