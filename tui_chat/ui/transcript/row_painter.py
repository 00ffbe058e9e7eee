"""The strips of a message's rows: placed in the pane, with highlights, the selection and the bar of the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from tui_chat.ui.markdown.rows import in_pane
from tui_chat.ui.transcript.message_body import LINES_PER_PART
from tui_chat.ui.transcript.message_rows import NO_LINE
from tui_chat.ui.transcript.text.selection import highlighted, with_positions

if TYPE_CHECKING:
    from textual.selection import Selection

    from tui_chat.ui.markdown.rows import Row
    from tui_chat.ui.transcript.message_body import MessageBody


class ColumnPlace(NamedTuple):
    """The position of the text's column in its pane."""

    left: int
    """Cells from the pane's edge to the column."""
    pane_width: int
    """The width of the pane in cells."""


class RowPainter:
    """Paints the rows of a message; a row without highlights is always the same strip, so that Textual's caches in it
    stay valid."""

    def __init__(self, body: MessageBody) -> None:
        self._body = body

    def paint(self, rows: range, place: ColumnPlace, selection: Selection | None, *, has_focus: bool) -> list[Strip]:
        """The strips of a range of rows, each as wide as the pane."""
        body, (left, width) = self._body, place
        fill = body.canvas.styles.marks.text
        found = [body.row(y) for y in rows]
        strips = [row.placed(left, width, fill) for _, row in found]
        if selection is not None or body.highlights:
            strips = [
                in_pane(lit, left, width, fill) if (lit := self._highlighted(key, row, selection)) else strip
                for (key, row), strip in zip(found, strips, strict=True)
            ]
        return [self._with_focus_bar(strip, left) for strip in strips] if has_focus else strips

    def with_positions(self, y: int, place: ColumnPlace) -> Strip:
        """The strip of a row with the logical position of every character, which tells Textual what is under the mouse
        pointer."""
        body = self._body
        key, row = body.row(y)
        strip = row.placed(place.left, place.pane_width, body.canvas.styles.marks.text)
        if row.line == NO_LINE:
            return strip
        return with_positions(row, strip, place.left, body.line(key, row.line), key * LINES_PER_PART + row.line)

    def _with_focus_bar(self, strip: Strip, left: int) -> Strip:
        """A row with the bar of the focus in the first cell of the column, whatever bar is there."""
        marks = self._body.canvas.styles.marks
        under = next(iter(strip.crop(left, left + 1)), None)
        style = (under.style if under is not None and under.style is not None else marks.text) + marks.focus
        bar = Strip([Segment(marks.signs.focus, style)], 1)
        return Strip.join([strip.crop(0, left), bar, strip.crop(left + 1)])

    def _highlighted(self, key: int, row: Row, selection: Selection | None) -> Strip | None:
        """A row with its highlights and, on top of them, the selection; `None` if it has none."""
        if row.line == NO_LINE:
            return None
        body = self._body
        marks = body.canvas.styles.marks
        spans = body.highlights.spans_in(key, row.line, marks)
        if selection is not None and (span := selection.get_span(key * LINES_PER_PART + row.line)) is not None:
            spans.append((span, marks.selected))
        return highlighted(row, body.line(key, row.line), spans) if spans else None
