"""A dialog that asks for one text, such as a title or a system prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import Static

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.commands import by_id
from tui_chat.ui.composer.text_box import WritingBox, starts_a_line
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.key_hints import keymap_of

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Size


ROWS_AROUND = 10
"""Rows of the window that are not the input's: the rest of the dialog, and what is left around it."""


class LineBox(WritingBox):
    """The input of the dialog."""

    @dataclass
    class Done(Message):
        """Posted when the text is complete."""

        text: str

    def __init__(self, text: str, *, one_line: bool) -> None:
        """`one_line`: keys for a new line do nothing, and pasted text becomes one line."""
        super().__init__(text)
        self._one_line = one_line

    def own_key(self, key: str) -> bool:
        """Ignore the keys for a new line in a text that has only one."""
        return (self._one_line and starts_a_line(key)) or super().own_key(key)

    async def on_paste(self, event: events.Paste) -> None:
        """Turn pasted text into one line, if the text has only one."""
        if self._one_line:
            event.text = clean_line(event.text)

    def rows_at_most(self, screen: Size) -> int:
        """The rows that the dialog leaves for the input, at most twelve."""
        return min(12, screen.height - ROWS_AROUND)

    def done(self) -> None:
        """Post `Done` with the text."""
        self.post_message(self.Done(self.text))


class LineScreen(Dialog[str | None]):
    """An input above the conversation. Returns the text, or `None` if it was closed with Esc."""

    DEFAULT_CSS = """
    LineBox, LineBox:focus {
        height: auto; min-height: 1; border: none; background: $role-bg; padding: 0 1; margin: 0 2;
        scrollbar-size-vertical: 1;
    }
    LineScreen .about {
        height: auto; color: $role-muted; text-style: $role-dim-style; margin: 1 2 0 2;
    }
    LineScreen.-low .about { margin: 0 2; }
    """

    def __init__(self, title: str, about: str, value: str, *, verb: str = "save", one_line: bool = False) -> None:
        """`about`: a sentence about what the text is for. `value`: the text to begin with. `verb`: what Enter does with
        it. `one_line`: the text has only one."""
        super().__init__()
        self.title = title
        self._about = about
        self._box = LineBox(value, one_line=one_line)
        # Enter and Ctrl+J are keys of the input; the actions are for a click.
        self._verb, self._one_line = verb, one_line

    def compose_content(self) -> ComposeResult:
        """Create the input and the note below it."""
        yield self._box
        yield Static(self._about, markup=False, classes="about")

    def on_mount(self) -> None:
        """Give the focus to the input; a text of one line is selected, so that typing replaces it."""
        keymap = keymap_of(self.app)
        names = (("send", self._verb, "save"), *(() if self._one_line else (("newline", "new line", "start_line"),)))
        keys = [(key, word, act) for name, word, act in names for key in keymap.keys(by_id(name))[:1]]
        self.set_hints((*(Hint(*each) for each in keys), Hint("escape", "cancel", "close")))
        if self._one_line:
            self._box.select_all()
        self.set_focus(self._box)

    def on_line_box_done(self, event: LineBox.Done) -> None:
        """Close the dialog with the text."""
        event.stop()
        self.dismiss(event.text)

    def action_save(self) -> None:
        """Close the dialog with the text."""
        self.dismiss(self._box.text)

    def action_start_line(self) -> None:
        """Start a new line."""
        self._box.start_line()
