"""Asks for one text: a model's name, a system prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from tui_chat.chat.clean import clean

if TYPE_CHECKING:
    from textual.app import ComposeResult


class LineScreen(ModalScreen[str | None]):
    """A box over the conversation. Gives the text, or `None` when it was closed with Esc."""

    DEFAULT_CSS = """
    LineScreen { align: center middle; }
    LineScreen > Vertical {
        width: 72; max-width: 90%; height: auto;
        background: $surface; padding: 1 2;
    }
    LineScreen TextArea, LineScreen TextArea:focus {
        height: auto; min-height: 1; max-height: 12; border: none; background: $background; padding: 0 1; margin: 1 0;
    }
    LineScreen .hint { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", show=False, priority=True),
        Binding("enter", "done", "Done", show=False, priority=True),
        Binding("ctrl+j,shift+enter,alt+enter", "newline", "New line", show=False, priority=True),
    ]

    def __init__(self, title: str, hint: str, value: str) -> None:
        super().__init__()
        self._title, self._hint, self._value = title, hint, value

    def compose(self) -> ComposeResult:
        """Title, box, hint."""
        with Vertical():
            yield Static(self._title, markup=False)
            box = TextArea(clean(self._value), compact=True, highlight_cursor_line=False, show_line_numbers=False)
            box.cursor_blink = False
            box.move_cursor(box.document.end)
            yield box
            yield Static(self._hint, markup=False, classes="hint")

    def action_done(self) -> None:
        """Give the text."""
        self.dismiss(self.query_one(TextArea).text)

    def action_newline(self) -> None:
        """A new line at the cursor."""
        self.query_one(TextArea).insert("\n")
