"""A box for text of one or more lines, in which Enter is done and a paste is only a paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.binding import Binding
from textual.geometry import Offset
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from tui_chat.chat.clean import clean
from tui_chat.ui.composer.clusters import end_of, start_of
from tui_chat.ui.key_hints import keymap_of

if TYPE_CHECKING:
    from textual import events
    from textual.events import MouseEvent
    from textual.geometry import Size
    from textual.widgets.text_area import EditResult, Location

    from tui_chat.commands import Command


EDITING_ACTIONS: Final = {
    key: binding.action
    for binding in TextArea.BINDINGS
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}
"""The actions of Textual's text area by their keys."""


def starts_a_line(key: str) -> bool:
    """Whether a key starts a new line: Ctrl+J, and Enter with any modifier that the terminal reports."""
    return key.endswith(("ctrl+j", "+enter"))


class WritingBox(TextArea):
    """A `TextArea` without gutter and blinking cursor.

    Its own keys are handled where its text is typed, not as priority bindings: those overtake the letters that still
    wait in the box's queue, and a fast typist's last words would come after their Enter.
    """

    DEFAULT_CSS = """
    WritingBox {
        scrollbar-background: $role-bg; scrollbar-background-hover: $role-bg; scrollbar-background-active: $role-bg;
        scrollbar-color: $role-line; scrollbar-color-hover: $role-muted; scrollbar-color-active: $role-accent;
    }
    WritingBox .text-area--placeholder { color: $role-faint; text-style: $role-dim-style; }
    WritingBox:light .text-area--cursor { color: $input-cursor-foreground; background: $input-cursor-background; }
    WritingBox:ansi .text-area--selection { color: ansi_default; background: ansi_default; text-style: reverse; }
    """

    def __init__(self, text: str = "", *, id: str | None = None, placeholder: str = "") -> None:  # noqa: A002 - Textual's name
        super().__init__(
            clean(text),
            id=id,
            placeholder=placeholder,
            compact=True,
            highlight_cursor_line=False,
            show_line_numbers=False,
        )
        self.disable_messages(TextArea.SelectionChanged)  # nobody listens, and each would bubble up for every key
        self.cursor_blink = False  # a blinking cursor is a timer that never sleeps
        self.move_cursor(self.document.end)

    def rows_at_most(self, screen: Size) -> int:
        """The greatest height of the box on a screen of this size; a longer text scrolls."""
        return screen.height

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The text's height, within bounds. (The container of a box does not learn of a `max-height` in its style.)"""
        return min(super().get_content_height(container, viewport, width), max(1, self.rows_at_most(viewport)))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.scroll_cursor_visible()

    def render_line(self, y: int) -> Strip:
        """Textual's; but in a window without room it would fail over the placeholder."""
        return super().render_line(y) if self.content_size.width > 0 else Strip.blank(self.size.width)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Textual's; but in the midst of an undo the cursor may still stand in a line that has gone, and it would
        fail (8.2.8)."""
        if self.cursor_location[0] >= self.document.line_count:
            return Offset()
        return super().scroll_cursor_visible(center, animate)

    def put(self, text: str) -> None:
        """Set the whole text, cursor at its end; one undo brings the old text back."""
        self.replace(clean(text), self.document.start, self.document.end)
        self.move_cursor(self.document.end)

    def take(self, text: str) -> None:
        """Begin with a text of another matter: what stood here before cannot be brought back by undoing."""
        self.load_text(clean(text))
        self.move_cursor(self.document.end)

    # The cursor stands between what a person takes for characters, never within one.

    def validate_selection(self, selection: Selection) -> Selection:
        """The selection with both ends between characters; one that moved forward goes on to the character's end."""
        before = self.selection.end
        start, end = (self._between(each, forward=each[0] == before[0] and each > before) for each in selection)
        return Selection(start, end)

    def _between(self, location: Location, *, forward: bool) -> Location:
        row, column = location
        if not 0 <= row < self.document.line_count:
            return location
        line = self.document[row]
        start = start_of(line, column)
        return (row, end_of(line, column) if forward and start != column else start)

    def delete(self, start: Location, end: Location, *, maintain_selection_offset: bool = True) -> EditResult:
        """Delete from `start` to `end`, and what is left of a character at either."""
        first, last = sorted((start, end))
        first, last = self._between(first, forward=False), self._between(last, forward=True)
        return super().delete(first, last, maintain_selection_offset=maintain_selection_offset)

    def get_cursor_left_location(self) -> Location:
        """Textual's, but a whole character."""
        return self._between(super().get_cursor_left_location(), forward=False)

    def get_cursor_right_location(self) -> Location:
        """Textual's, but a whole character."""
        return self._between(super().get_cursor_right_location(), forward=True)

    def get_cursor_word_left_location(self) -> Location:
        """Textual's, but to a whole character."""
        return self._between(super().get_cursor_word_left_location(), forward=False)

    def get_cursor_word_right_location(self) -> Location:
        """Textual's, but to a whole character."""
        return self._between(super().get_cursor_word_right_location(), forward=True)

    def get_target_document_location(self, event: MouseEvent) -> Location:
        """Textual's, but the beginning of the character under the pointer."""
        return self._between(super().get_target_document_location(event), forward=False)

    def own_key(self, key: str) -> bool:
        """Do what a key means in this box. False: it means nothing special."""
        command = keymap_of(self.app).command(key, "prompt")
        if command is not None:
            return self.run_command(command)
        if key.endswith("+enter"):  # Enter with any modifier that the terminal tells
            self.start_line()
            return True
        return key == "ctrl+y"  # the text area's own key for what the settings have moved to another

    def run_command(self, command: Command) -> bool:
        """Run a command of the prompt in this box. False: it has no meaning here."""
        match command.id:
            case "send":
                self.done()
            case "newline":
                self.start_line()
            case "undo":
                self.action_undo()
            case "redo":
                self.action_redo()
            case _:
                return False
        return True

    def start_line(self) -> None:
        """Start a new line at the cursor, in place of what is selected."""
        self.replace("\n", *self.selection, maintain_selection_offset=False)
        self.scroll_cursor_visible()

    def done(self) -> None:
        """React to Enter; a subclass says how."""

    # Textual runs the base class's handlers after these, unless told not to.

    async def on_key(self, event: events.Key) -> None:
        """Handle the keys that edit and those that have a meaning of their own in this box."""
        if not self.own_key(event.key):
            if (action := EDITING_ACTIONS.get(event.key)) is None:
                return
            # At once: as a binding it would come after the letters and the Enter that wait behind it.
            await self.run_action(action)
        event.stop()
        event.prevent_default()

    async def on_paste(self, event: events.Paste) -> None:
        """Remove control characters from pasted text."""
        # Terminals send CR for the line ends of a paste, and whatever controls the clipboard held.
        event.text = clean(event.text.replace("\r\n", "\n").replace("\r", "\n"))
