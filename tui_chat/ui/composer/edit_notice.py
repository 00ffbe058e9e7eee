"""Says above the box that an earlier question is being edited in it."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from tui_chat.ui.roles import MUTED

WORDS = "editing your question"
KEYS = "Enter asks it beside the old one · Esc cancels"


class EditingLine(Widget):
    """One row; not shown unless something is edited."""

    DEFAULT_CSS = """
    EditingLine { height: 1; display: none; padding: 0 2; color: $role-muted; }
    """

    def __init__(self) -> None:
        super().__init__(id="editing")

    def render(self) -> Content:
        """The notice of the edit and the keys that end it; in a narrow terminal only the shortest of that."""
        words = Content.styled(WORDS, "bold $role-accent")
        if self.size.width < len(WORDS) + len(KEYS) + 7:
            return words + Content.styled(" · Esc cancels", MUTED)
        return words + Content.styled(f"   {KEYS}", MUTED)
