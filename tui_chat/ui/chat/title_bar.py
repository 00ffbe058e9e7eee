"""The top line: what the conversation is about, and who answers."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class TitleBar(Widget):
    """One row; the left gives way where both do not fit."""

    DEFAULT_CSS = """
    TitleBar { height: 1; padding: 0 1; color: $text-muted; }
    """
    left: reactive[str] = reactive("")
    """Clean text of one line."""
    right: reactive[str] = reactive("")
    """Clean text of one line."""

    def render(self) -> Content:
        """Left and right, with the gap between."""
        width = self.size.width
        right = Content(self.right).truncate(width, ellipsis=True)
        left = Content(self.left).truncate(max(0, width - right.cell_length - 2), ellipsis=True)
        return left + " " * max(0, width - left.cell_length - right.cell_length) + right
