"""A dialog that asks for one text, such as a model's name or a system prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.composer.text_box import WritingBox
from tui_chat.ui.dialogs.dialog import Dialog

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Size


ROWS_AROUND = 7
"""Rows of the dialog besides the input: title, hint and spacing."""


class LineBox(WritingBox):
    """The input of the dialog."""

    @dataclass
    class Done(Message):
        """Posted when the text is complete."""

        text: str

    def rows_at_most(self, screen: Size) -> int:
        """The rows that the dialog leaves for the input, at most twelve."""
        return min(12, screen.height - ROWS_AROUND)

    def done(self) -> None:
        """Post `Done`."""
        self.post_message(self.Done(self.text))


class LineScreen(Dialog[str | None]):
    """An input above the conversation. Returns the text, or `None` if it was closed with Esc."""

    DEFAULT_CSS = """
    LineScreen { align: center middle; }
    LineScreen > Vertical {
        width: 72; max-width: 90%; height: auto;
        background: $surface; padding: 1 2;
    }
    LineBox, LineBox:focus {
        height: auto; min-height: 1; border: none; background: $background; padding: 0 1; margin: 1 0;
    }
    LineScreen .hint { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", show=False, priority=True),
    ]

    def __init__(self, title: str, hint: str, value: str) -> None:
        super().__init__()
        self._title, self._hint, self._value = title, hint, value

    def compose(self) -> ComposeResult:
        """Compose title, input and hint."""
        with Vertical():
            yield Static(self._title, markup=False)
            yield LineBox(self._value)
            yield Static(self._hint, markup=False, classes="hint")

    def on_line_box_done(self, event: LineBox.Done) -> None:
        """Return the text."""
        event.stop()
        self.dismiss(event.text)
