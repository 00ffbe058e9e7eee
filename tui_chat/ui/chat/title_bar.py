"""The top line: what the conversation is about, and what else runs. Who answers next stands in the prompt's frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui_chat.ui.column import GUTTER, WIDEST, column_of
from tui_chat.ui.composer.prompt_frame import has_frame

if TYPE_CHECKING:
    from textual.geometry import Size

ROWS_FOR_A_BLANK = 24
"""Rows of a screen from which there is an empty one below the title."""


class TitleBar(Widget):
    """One row over the column; the left gives way where both do not fit."""

    DEFAULT_CSS = """
    TitleBar {
        height: 1; color: $role-muted; text-style: $role-dim-style;
        &.-roomy { height: 2; }
    }
    """
    left: reactive[str] = reactive("")
    """Clean text of one line."""
    right: reactive[str] = reactive("")
    """Clean text of one line."""
    widest: reactive[int] = reactive(WIDEST)
    """The most cells of the column; 0 for the whole width."""

    def fit(self, screen: Size) -> None:
        """Be there where the screen has room, with an empty row below where it has more."""
        self.display = has_frame(screen)
        self.set_class(screen.height >= ROWS_FOR_A_BLANK, "-roomy")

    def render(self) -> Content:
        """Left and right, with the gap between."""
        begin, cells = column_of(self.size.width, self.widest)
        width = max(0, cells - 2 * GUTTER)
        right = Content(self.right).truncate(width, ellipsis=True)
        left = Content(self.left).truncate(max(0, width - right.cell_length - GUTTER), ellipsis=True)
        blanks = " " * max(0, width - left.cell_length - right.cell_length)
        return Content(" " * (begin + GUTTER)) + left + blanks + right
