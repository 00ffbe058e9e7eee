"""What was sent while a reply runs, waiting its turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

WIDE = 70
"""Columns from which the label of a waiting queue says how to send it."""
ROWS = 5


class QueueBar(Widget):
    """A row a text; each can be taken back into the box or dropped."""

    DEFAULT_CSS = """
    QueueBar {
        height: auto;
        display: none;
        padding: 0 1;
        color: $role-muted;
        link-style: none;
        link-color: $text;
    }
    """

    @dataclass
    class Back(Message):
        """The text at `index` is wanted back in the box."""

        index: int

    @dataclass
    class Dropped(Message):
        """The text at `index` is not wanted any more."""

        index: int

    def __init__(self) -> None:
        super().__init__(id="queue")
        self._texts: tuple[str, ...] = ()
        self._held = False

    def show(self, texts: Sequence[str], *, held: bool) -> None:
        """Show the queue; `held`: no reply is under way, so nothing goes by itself."""
        self._texts, self._held = tuple(texts), held
        self.display = bool(texts)
        self.refresh(layout=True)

    def render(self) -> Content:
        """A row a text; where there is no room for all, those that go first."""
        rows = []
        shown = self._rows_of(self.screen.size.height)
        held = "queued; Enter sends  " if self.size.width >= WIDE else "queued  "
        label = held if self._held else "next  "
        left_out = len(self._texts) - shown
        for index, text in enumerate(self._texts[: shown - bool(left_out)]):
            line = Content(clean_line(text))
            room = max(8, self.size.width - 18 - len(label))
            if line.cell_length > room:
                line = line.truncate(room - 1) + "…"
            edit = Content("edit").stylize(f"@click=edit({index})")
            drop = Content("drop").stylize(f"@click=drop({index})")
            rows.append(Content.assemble((label, "bold"), line, "   ", edit, " · ", drop))
        if left_out:
            more = f"{left_out + 1} more" if rows else f"{len(self._texts)} wait"
            rows.append(Content.assemble((label, "bold"), more))
        return Content("\n").join(rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A row a text, within bounds."""
        return self._rows_of(viewport.height)

    def _rows_of(self, height: int) -> int:
        """The rows that the bar takes of a screen of this height."""
        return min(len(self._texts), ROWS, max(1, height // 6))

    def action_edit(self, index: int) -> None:
        """Ask for a text back in the box."""
        self.post_message(self.Back(index))

    def action_drop(self, index: int) -> None:
        """Ask for a text to be dropped."""
        self.post_message(self.Dropped(index))
