"""Secrets that tests plant, and a look for what is left of them."""

from __future__ import annotations

FRAGMENT = 6
"""Characters in a row that must not be seen: fewer stand in other words by chance."""


def leaks(canary: str, text: str) -> list[str]:
    """The fragments of `canary` in `text`, in small or capital letters."""
    canary, text = canary.lower(), text.lower()
    pieces = (canary[start : start + FRAGMENT] for start in range(len(canary) - FRAGMENT + 1))
    return [piece for piece in pieces if piece in text]
