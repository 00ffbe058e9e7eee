"""A marker that shows how much text is below, and scrolls there when clicked."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class JumpMarker(Static):
    """`▼ 12 lines below`, over the last row of the transcript, at its right edge."""

    DEFAULT_CSS = """
    JumpMarker {
        layer: marker; dock: bottom; width: auto; height: 1; padding: 0 1; display: none;
        background: $role-overlay; color: $role-text;
    }
    JumpMarker:hover { text-style: bold; }
    """
    ALLOW_SELECT = False

    class Jump(Message):
        """Posted when the user clicks the marker to see the newest text."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._words = ""

    def show(self, words: str, room: int) -> None:
        """Show a text at the right edge of `room` cells; an empty text hides the marker."""
        self.display = bool(words)
        if words != self._words:
            self.update(Content(words), layout=len(words) != len(self._words))
            self._words = words
        x = max(0, room - len(words) - 2)
        if words and self.styles.offset.x.value != x:
            self.styles.offset = (x, 0)

    def on_click(self) -> None:
        """Scroll to the newest text."""
        self.post_message(self.Jump())


def words_below(rows: int, messages: int) -> str:
    """The text for what is below the last visible row: the number of rendered rows, or else of messages that are not
    rendered."""
    if messages:
        return f"▼ {messages:,} more message{'s' if messages > 1 else ''} below"
    if rows:
        return f"▼ {rows:,} line{'s' if rows > 1 else ''} below"
    return ""
