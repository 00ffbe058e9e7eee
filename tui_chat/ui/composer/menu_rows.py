"""The visible part of a menu above the prompt that is longer than its height, and the row that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content

from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS: Final = 8
"""The greatest height, of which a longer list gives the last row to its count."""
ROWS_FOR_COUNT: Final = 3
GAP: Final = 2
"""Cells left empty at the right."""


def has_count(entries: int, height: int) -> bool:
    """Whether the last row of a menu of this height says how many entries there are."""
    return entries > height >= ROWS_FOR_COUNT


def visible(pick: int, entries: int, height: int) -> range:
    """The indexes of the entries that are visible, the picked one among them."""
    rows = (height or ROWS) - has_count(entries, height)
    first = max(0, min(pick - rows // 2, entries - rows))
    return range(first, min(first + rows, entries))


def count_row(pick: int, entries: int, width: int, keys: Sequence[tuple[str, str]]) -> Content:
    """The place of the pick among all entries, and as many keys with their words as fit."""
    line = Content.styled(f"  {pick + 1} of {entries}", MUTED)
    for key, word in keys:
        pair = Content.assemble((key, "bold $role-text"), (f" {word}", MUTED))
        if line.cell_length + 3 + pair.cell_length <= width - GAP:
            line += "   " + pair
    return line.truncate(max(1, width))
