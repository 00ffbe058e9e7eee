"""Find paths by a few of their letters."""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable


def best_files(typed: str, paths: Iterable[str], most: int) -> list[str]:
    """At most `most` paths that have the letters of `typed` in their order, best first: those whose name begins with
    it, then contains it, then whose path does, then those with the letters apart, shorter ones first."""
    wanted = _plain(typed)
    scored = ((score, len(path), path) for path in paths if (score := _score(wanted, _plain(path))) is not None)
    return [path for *_, path in nsmallest(most, scored)]


def _plain(text: str) -> str:
    """A text in small letters, with accents as a keyboard types them: macOS keeps them apart in the names of files."""
    return text.lower() if text.isascii() else normalize("NFC", text).lower()


def _score(wanted: str, path: str) -> int | None:
    name = path.rpartition("/")[2]
    if name.startswith(wanted):
        return 0
    if wanted in name:
        return 1
    if wanted in path:
        return 2
    if _has_letters(wanted, name):
        return 3
    return 4 if _has_letters(wanted, path) else None


def _has_letters(wanted: str, text: str) -> bool:
    at = 0
    for letter in wanted:
        at = text.find(letter, at) + 1
        if not at:
            return False
    return True
