"""The fields of a form: a label, an input or a choice, and a sentence below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.dialogs.filter_input import DialogInput
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult


class SecretInput(DialogInput):
    """An input that shows a dot for each character, and gives its text to no clipboard."""

    def get_line(self, line_index: int) -> Text:
        """A line with a dot in place of each character."""
        return Text("•" * super().get_line(line_index).cell_len, end="", no_wrap=True)

    def action_copy(self) -> None:
        """Copy nothing, so that the secret is not in the clipboard."""

    def action_cut(self) -> None:
        """Cut nothing, so that the secret is not in the clipboard."""


class Choice(Widget, can_focus=True):
    """One of a few values; Left and Right change it, Enter or a click asks for a list or takes the next."""

    DEFAULT_CSS = """
    Choice { width: 1fr; height: 1; }
    """

    @dataclass
    class Opened(Message):
        """Posted when Enter was pressed, or it was clicked."""

        choice: Choice

    def __init__(self, values: Sequence[str], index: int = 0, on_change: Callable[[], None] | None = None) -> None:
        """`on_change` is called when another value is chosen: at once, before what is typed next."""
        super().__init__()
        self.values = values
        self.index = index
        self._on_change = on_change

    @property
    def value(self) -> str:
        """The value that is chosen."""
        return self.values[self.index]

    def set(self, index: int) -> None:
        """Choose a value, by its index."""
        if index != self.index:
            self.show(index)
            if self._on_change is not None:
                self._on_change()

    def show(self, index: int) -> None:
        """Show a value that follows from what is typed elsewhere: nothing else changes with it."""
        self.index = index
        self.refresh()

    def step(self, by: int) -> None:
        """Choose the next value, or the one before."""
        self.set((self.index + by) % len(self.values))

    def render(self) -> Content:
        """Render the value, and the sign that there are more at the right."""
        text = Content(clean_line(self.value)).truncate(max(1, self.size.width - 3), ellipsis=True)
        blank = max(1, self.size.width - text.cell_length - 2)
        return text + " " * blank + Content.styled("▾", MUTED)

    async def on_key(self, event: events.Key) -> None:
        """Choose another value by an arrow key; Enter and Space open the list of values."""
        match event.key:
            case "left" | "right":
                self.step(1 if event.key == "right" else -1)
            case "enter" | "space":
                self.open()
            case _:
                return
        event.stop()

    def on_click(self, event: events.Click) -> None:
        """Open the list of values."""
        event.stop()
        self.focus()
        self.open()

    def open(self) -> None:
        """Ask for the list of values, or for the next one."""
        self.post_message(self.Opened(self))


class Field(Vertical):
    """A row of a form with its label, and a note below it."""

    DEFAULT_CSS = """
    Field { height: auto; }
    Field > Horizontal { height: 1; padding: 0 1 0 0; }
    Field > Horizontal > .sign { width: 2; color: $role-accent; }
    Field > Horizontal > .label { width: 14; color: $role-muted; text-style: $role-dim-style; }
    Field > Horizontal > .more {
        width: 2; background: $role-code; color: $role-muted; text-style: $role-dim-style;
        link-style: none; link-color: $role-muted; link-background: transparent; link-background-hover: transparent;
        link-color-hover: $role-text;
    }
    Field DialogInput, Field DialogInput:focus { background: $role-code; }
    Field:focus-within DialogInput, Field:focus-within Choice, Field:focus-within .more { background: $role-selection; }
    Field:ansi:focus-within Choice { text-style: bold; }
    Field DialogInput:focus .text-area--selection { color: $role-bg; background: $role-accent; }
    Field:ansi DialogInput:focus .text-area--selection { color: ansi_default; background: ansi_default; }
    Field DialogInput:blur .text-area--selection { color: $role-text; background: $role-code; text-style: none; }
    Field > .note { height: auto; padding: 0 1 0 16; color: $role-muted; text-style: $role-dim-style; display: none; }
    Field > .note.-shown { display: block; }
    Field.-bad > Horizontal > .label { color: $role-error; text-style: bold; }
    Field.-warning > .note { color: $role-warning; text-style: none; }
    """

    def __init__(self, label: str, content: DialogInput | Choice, *, more: bool = False) -> None:
        """`more`: there is a list to choose from, which the sign at the right says and opens."""
        super().__init__()
        self.content = content
        self._sign = Static("", classes="sign")
        self._label = Static(label, classes="label", markup=False)
        self._note = Static("", classes="note", markup=False)
        self._more = more

    def compose(self) -> ComposeResult:
        """Compose sign, label, content and sentence."""
        with Horizontal():
            yield self._sign
            yield self._label
            yield self.content
            if self._more:
                yield Static(Content("▾").stylize("@click=screen.choose_model()"), classes="more")
        yield self._note

    def note(self, text: str, *, warning: bool = False) -> None:
        """Show a sentence below the field; an empty text removes it."""
        self._note.update(clean_line(text))
        self._note.set_class(bool(text), "-shown")
        self.set_class(warning, "-warning")

    def on_descendant_focus(self) -> None:
        """Show the mark of the field that takes the keys, and its cursor."""
        self._sign.update("▸ ")
        self.scroll_visible(animate=False)
        if isinstance(self.content, DialogInput):
            self.content.scroll_cursor_visible()

    def on_descendant_blur(self) -> None:
        """Remove the mark of the field that takes the keys, and show the beginning of its text."""
        self._sign.update("")
        self.show_beginning()

    def on_resize(self) -> None:
        """Show the beginning of a text that may not fit any more."""
        self.call_after_refresh(self.show_beginning)

    def show_beginning(self) -> None:
        """Show the beginning of the text, unless somebody writes in it: the end of a URL says nothing."""
        if isinstance(self.content, DialogInput) and not self.content.has_focus:
            self.content.scroll_to(x=0, animate=False, immediate=True)
