"""The dialogs that show all of a frame, as JSON or as its bytes, or all of a long text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui_chat.chat.wording.sizes import readable_size
from tui_chat.ui import clipboard
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.inspector.json_rows import document_in, hex_rows, wrapped_rows
from tui_chat.ui.inspector.text_view import TextView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import Resize

    from tui_chat.chat.inspection.wire_ports import WireFrame
    from tui_chat.ui.inspector.json_rows import TextRow
    from tui_chat.ui.inspector.owner import Neighbour


class RowsDialog(Dialog[None]):
    """Shows rows that are laid out for the width of the dialog."""

    DEFAULT_CSS = """
    RowsDialog TextView { margin: 0; }
    """
    WIDE: ClassVar[bool] = True
    KEYS: ClassVar[Mapping[str, str]] = {"q": "close"}
    HINTS: ClassVar[Sequence[Hint]] = (
        Hint("down", "move", "scroll('down')", keys="↑ ↓"),
        Hint("escape", "close", "close"),
    )

    def __init__(self, title: str, rows: Callable[[int], Sequence[TextRow]]) -> None:
        super().__init__()
        self.title = title
        self._rows_for = rows
        self.view = TextView()

    def compose_content(self) -> ComposeResult:
        """Create the view of the text."""
        yield self.view

    def on_mount(self) -> None:
        """Show the text and focus it."""
        self.show()
        self.set_focus(self.view)

    def on_resize(self, event: Resize) -> None:
        """Leave room for the title and the keys."""
        super().on_resize(event)
        self._fit()

    def show(self) -> None:
        """Put the text into the view."""
        self.view.set_rows(self._rows_for)
        self._fit()

    def action_scroll(self, where: str) -> None:
        """Pick the next row."""
        self.view.move(where)

    def on_text_view_laid_out(self) -> None:
        """Be as high as the text is at another width."""
        self._fit()

    def _fit(self) -> None:
        """Be as high as the text, where there is room."""
        self.view.styles.height = max(2, min(self.view.count, self.rows_for_content(self.size.height)))


class TextDialog(RowsDialog):
    """Shows a long text."""

    HINTS: ClassVar[Sequence[Hint]] = (Hint("y", "copy", "copy"),)
    COPIED: ClassVar[str] = "the text"

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title, lambda width: wrapped_rows(self._text, width))
        self._text = text

    def action_copy(self) -> None:
        """Copy all of the text."""
        self.notify(clipboard.copy(self.app, self._text, self.COPIED), markup=False)


class FrameDialog(TextDialog):
    """Shows the JSON of a frame, folded where it is long, or its bytes."""

    TURN: ClassVar[Hint] = Hint("x", "JSON, text or bytes", "turn")
    FOLD: ClassVar[Hint] = Hint("enter", "fold", "fold")
    MOVE: ClassVar[Hint] = Hint("right", "frames", "move(1)", keys="← →")
    HINTS: ClassVar[Sequence[Hint]] = (MOVE, TURN, FOLD, *TextDialog.HINTS)
    KEYS: ClassVar[Mapping[str, str]] = {**TextDialog.KEYS, "left": "move(-1)"}
    COPIED: ClassVar[str] = "the frame's text"

    def __init__(self, frame: WireFrame, raw: bytes, neighbour: Neighbour) -> None:
        super().__init__("", "")
        self._neighbour = neighbour
        self._wanted = ""
        """The way to look at a frame that was chosen; empty: the first that there is."""
        self._take(frame, raw)

    def _take(self, frame: WireFrame, raw: bytes) -> None:
        name = f" {frame.event}" if frame.event else ""
        self.title = f"{frame.kind}{name} at {frame.at * 1000:.0f} ms"
        about = f"{readable_size(frame.size)}, {frame.gap * 1000:.0f} ms after the one before"
        self.sub_title = f"{about}; {frame.problem}" if frame.problem else about
        self._raw, self._text = raw, raw.decode("utf-8", "replace")
        self._ways = ["text", "bytes"]
        if document_in(self._text) is not None:
            self._ways.insert(0, "JSON")
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            self._ways = ["bytes", "text"]
        if self._wanted in self._ways:
            while self._ways[0] != self._wanted:
                self._ways.append(self._ways.pop(0))

    def action_move(self, by: int) -> None:
        """Show the next frame, or the one before."""
        found = self._neighbour(by)
        if found is not None:
            self._take(*found)
            self.show()

    def action_turn(self) -> None:
        """Show it in the next way."""
        self._ways.append(self._ways.pop(0))
        self._wanted = self._ways[0]
        self.show()

    def action_fold(self) -> None:
        """Fold or unfold the picked row."""
        self.view.activate()

    def show(self) -> None:
        """Put the frame's text into the view."""
        way = self._ways[0]
        self.set_note(way if self._raw else "no longer kept")
        self.set_hints([hint for hint in self.HINTS if hint is not self.FOLD or way == "JSON"])
        if way == "JSON":
            self.view.set_content((), self._text)
        elif way == "text":
            self.view.set_rows(lambda width: wrapped_rows(self._text, width))
        else:
            self.view.set_rows(lambda width: hex_rows(self._raw, width))
        self._fit()

    def on_text_view_opened(self, event: TextView.Opened) -> None:
        """Show a long text whole."""
        event.stop()
        self.app.push_screen(TextDialog("Text", event.text))
