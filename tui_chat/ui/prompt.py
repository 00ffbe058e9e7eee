"""Where you write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from tui_chat.chat.clean import clean

if TYPE_CHECKING:
    from textual import events

    from tui_chat.ui.slash_menu import SlashMenu

HINT = "Enter sends · Ctrl+J new line · / commands"


class Prompt(TextArea):
    """A box that grows with its text to a third of the screen. Enter sends; a paste never does."""

    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        height: auto;
        max-height: 33vh;
        min-height: 1;
        border: none;
        padding: 0 1 0 0;
        background: transparent;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", id="send", show=False, priority=True),
        Binding("ctrl+j,shift+enter,alt+enter", "newline", "New line", id="newline", show=False, priority=True),
        Binding("tab", "complete", "Complete", show=False, priority=True),
        Binding("ctrl+g", "editor", "Editor", id="editor", show=False),
        Binding("alt+q", "app.nothing", "", show=False),
    ]

    @dataclass
    class Submitted(Message):
        """The person wants `text` sent; the box still holds it until the receiver takes it."""

        text: str

    @dataclass
    class Earlier(Message):
        """Up at the top edge: the prompt before is wanted."""

    @dataclass
    class Later(Message):
        """Down at the bottom edge: the prompt after is wanted."""

    @dataclass
    class EditorWanted(Message):
        """The person wants to go on in an editor."""

    def __init__(self, menu: SlashMenu) -> None:
        super().__init__(
            id="prompt", compact=True, highlight_cursor_line=False, show_line_numbers=False, placeholder=HINT
        )
        self.cursor_blink = False  # a blinking cursor is a timer that never sleeps
        self._menu = menu

    def put(self, text: str) -> None:
        """Set the whole text, cursor at its end; one undo brings the old text back."""
        self.replace(clean(text), self.document.start, self.document.end)
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: events.Paste) -> None:
        # Terminals send CR for the line ends of a paste, and whatever controls the clipboard held.
        event.text = clean(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        await super()._on_paste(event)
        event.prevent_default()

    def action_submit(self) -> None:
        """Send, or complete the command that is picked in the menu."""
        if self._menu.open and (picked := self._menu.picked) is not None:
            typed = self.text.removeprefix("/")
            if typed != picked.slash:
                self._complete()
                if picked.argument:
                    return
        self.post_message(self.Submitted(self.text))

    def action_newline(self) -> None:
        """A new line at the cursor."""
        self.insert("\n")
        self.scroll_cursor_visible()

    def action_complete(self) -> None:
        """Complete a slash word; elsewhere Tab moves the focus."""
        if self._menu.open:
            self._complete()
        else:
            self.screen.focus_next()

    def _complete(self) -> None:
        if (picked := self._menu.picked) is not None:
            self.put(f"/{picked.slash} " if picked.argument else f"/{picked.slash}")

    def action_editor(self) -> None:
        """Ask for an editor."""
        self.post_message(self.EditorWanted())

    def action_cursor_up(self, select: bool = False) -> None:
        """Up: in the menu, then in the text, then through earlier prompts."""
        if self._menu.open:
            self._menu.move(-1)
        elif not select and self.wrapped_document.location_to_offset(self.cursor_location).y == 0:
            self.post_message(self.Earlier())
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Down: likewise, through later prompts."""
        if self._menu.open:
            self._menu.move(1)
        elif (
            not select
            and self.wrapped_document.location_to_offset(self.cursor_location).y == self.wrapped_document.height - 1
        ):
            self.post_message(self.Later())
        else:
            super().action_cursor_down(select)
