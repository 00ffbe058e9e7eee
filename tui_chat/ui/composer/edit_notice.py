"""Says above the prompt that an earlier question is being edited."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from tui_chat.ui.key_hints import key_hint
from tui_chat.ui.roles import MUTED

WORDS = "Editing your question"
KEYS = (("send", "ask beside the old one"), ("stop", "cancel"))
"""The commands whose keys end the edit, each with what it does then."""
GAP = "   "


class EditingLine(Widget):
    """One row; not shown unless something is edited."""

    DEFAULT_CSS = """
    EditingLine { height: 1; display: none; padding: 0 2; color: $role-muted; }
    """

    def __init__(self) -> None:
        super().__init__(id="editing")

    def render(self) -> Content:
        """The notice of the edit and the keys that end it; in a narrow terminal only how to cancel it."""
        row = Content.styled(WORDS, "bold $role-accent")
        keys = [
            Content.assemble((key_hint(self.app, command), "bold $role-text"), (f" {word}", MUTED))
            for command, word in KEYS
        ]
        if row.cell_length + sum(key.cell_length + len(GAP) for key in keys) > self.size.width:
            del keys[0]
        return Content(GAP).join([row, *keys])
