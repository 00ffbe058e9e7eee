"""Says above the box that the next question takes the chat to another host than before."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tui_chat.ui.key_hints import key_hint


class HostLine(Static):
    """A sentence; not shown unless the chat is about to change its host."""

    DEFAULT_CSS = """
    HostLine { height: auto; display: none; padding: 0 2; color: $role-warning; }
    """

    def __init__(self) -> None:
        super().__init__(id="host")

    def show(self, sentence: str, *, tried: bool) -> None:
        """Show a sentence, or nothing where it is empty. `tried`: a question has been held back."""
        self.display = bool(sentence)
        if sentence:
            how = (
                Content.styled(f"{key_hint(self.app, 'send')} once more sends it.", "bold")
                if tried
                else Content(f"{key_hint(self.app, 'model')} chooses another.")
            )
            self.update(Content(f"{sentence} ") + how)
