"""The dialogs that show all of a frame, as JSON or as its bytes, or all of a long text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui_chat.chat.wording.sizes import readable_size
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.inspector.json_rows import document_in, hex_rows, wrapped_rows
from tui_chat.ui.inspector.text_view import TextView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import Resize

    from tui_chat.chat.inspection.wire_ports import WireFrame


class TextDialog(Dialog[None]):
    """Shows a long text."""

    DEFAULT_CSS = """
    TextDialog TextView { margin: 0; }
    """
    WIDE: ClassVar[bool] = True
    KEYS: ClassVar[Mapping[str, str]] = {"q": "close"}

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.title = title
        self._text = text
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
        self.view.set_rows(lambda width: wrapped_rows(self._text, width))
        self._fit()

    def _fit(self) -> None:
        """Be as high as the text, where there is room."""
        self.view.styles.height = max(2, min(self.view.count, self.rows_for_content(self.size.height)))


class FrameDialog(TextDialog):
    """Shows the JSON of a frame, folded where it is long, or its bytes."""

    HINTS: ClassVar[Sequence[Hint]] = (
        Hint("x", "JSON, text or bytes", "turn"),
        Hint("enter", "fold", "fold"),
    )

    def __init__(self, frame: WireFrame, raw: bytes) -> None:
        name = f" {frame.event}" if frame.event else ""
        super().__init__(f"{frame.kind}{name} at {frame.at * 1000:.0f} ms", raw.decode("utf-8", "replace"))
        self.sub_title = f"{readable_size(frame.size)}, {frame.gap * 1000:.0f} ms after the one before"
        self._raw = raw
        self._ways = ["text", "bytes"]
        if document_in(self._text) is not None:
            self._ways.insert(0, "JSON")
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            self._ways = ["bytes", "text"]

    def action_turn(self) -> None:
        """Show it in the next way."""
        self._ways.append(self._ways.pop(0))
        self.show()

    def action_fold(self) -> None:
        """Fold or unfold the picked row."""
        self.view.activate()

    def show(self) -> None:
        """Put the frame's text into the view."""
        way = self._ways[0]
        self.set_note(way if self._raw else "no longer kept")
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
