"""The column in which everything stands: as wide as is good to read, and centred in wider windows."""

from __future__ import annotations

from typing import NamedTuple

GUTTER = 2
"""Empty cells at the left of the column, kept for bars, and at its right, where the scrollbar may lie."""

WIDEST = 100
"""Cells of the column, with its gutter at the left and its margin at the right."""


class TextColumn(NamedTuple):
    """The position of the column in a window."""

    left: int
    """Cells of the window left of it."""
    width: int
    """Its cells; the scrollbar lies over the last one."""


def column_of(window: int, most: int = WIDEST) -> TextColumn:
    """The column in a window of so many cells; `most`: the setting `width`, 0 for the full window."""
    width = min(window, most) if most else window
    return TextColumn((window - width) // 2, width)
