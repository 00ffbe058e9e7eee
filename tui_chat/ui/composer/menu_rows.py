"""The common part of the menus above the prompt: the pick, the mouse, and the visible rows of a long list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

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


class Menu(Widget):
    """A menu above the prompt, of which one row is picked: by keys, which the prompt takes, or by the mouse."""

    ALLOW_SELECT = False

    pick: reactive[int] = reactive(0)
    """The index of the picked entry."""

    @property
    def entry_count(self) -> int:
        """The number of entries, visible or not."""
        raise NotImplementedError

    def take_click(self) -> None:
        """Have the picked entry chosen, which was clicked."""
        raise NotImplementedError

    @property
    def visible_entries(self) -> range:
        """The indexes of the visible entries."""
        return visible(self.pick, self.entry_count, self.size.height)

    def move(self, step: int) -> None:
        """Move the pick; beyond the last entry it goes to the first."""
        if self.entry_count:
            self.pick = (self.pick + step) % self.entry_count

    def on_click(self, event: events.Click) -> None:
        """Pick the entry under the pointer, and have it chosen."""
        event.stop()
        if event.y < len(self.visible_entries):
            self.pick = self.visible_entries[event.y]
            self.take_click()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Pick the next entry."""
        self._scroll(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Pick the entry before."""
        self._scroll(event, -1)

    def _scroll(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        if self.entry_count:
            self.pick = min(max(0, self.pick + by), self.entry_count - 1)
