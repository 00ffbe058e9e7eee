"""A list of any length that only draws its visible rows."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from time import time
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.dialogs.chat_list_rows import ChatListRow, NoteRow, height_of, lines_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

WHEEL = 3
"""Rows scrolled by one step of the mouse wheel."""


class ChatsList(Widget):
    """Rows of one or two lines, one of which is selected. The input above it has the focus and moves the selection."""

    DEFAULT_CSS = """
    ChatsList { height: 1fr; color: $text-muted; }
    """

    @dataclass
    class Chosen(Message):
        """Posted when the user clicks the row that is already selected."""

    @dataclass
    class EndInSight(Message):
        """Posted when the last row is visible, so that more rows can be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[ChatListRow] = ()
        self._tops: list[int] = [0]
        """The first line of each row, and at the end the total height."""
        self._pick = -1
        self._first = 0
        """The line at the widget's top edge."""

    def show(self, rows: Sequence[ChatListRow], pick: int = 0) -> None:
        """Show these rows; the first selectable row from `pick` on is selected."""
        self._rows = rows
        self._tops = [0, *accumulate(height_of(row) for row in rows)]
        self._pick = self._nearest(pick, 1)
        self._to_pick()

    @property
    def picked(self) -> ChatListRow | None:
        """The selected row, if there is one."""
        return self._rows[self._pick] if self._pick >= 0 else None

    @property
    def pick(self) -> int:
        """The index of the selected row; -1 if no row can be selected."""
        return self._pick

    def move(self, by: int) -> None:
        """Move the selection by `by` rows, to the nearest selectable row."""
        found = self._nearest(min(max(self._pick + by, 0), len(self._rows) - 1), 1 if by > 0 else -1)
        if found >= 0:
            self._pick = found
            self._to_pick()

    def page(self, pages: int) -> None:
        """Move the selection by the visible height."""
        self.move(pages * max(1, self.size.height - 2))

    def _nearest(self, wanted: int, step: int) -> int:
        """The row at `wanted` or the nearest selectable one, searching first in the direction of `step`."""
        length = len(self._rows)
        for candidates in (
            range(max(0, wanted), length) if step > 0 else range(wanted, -1, -1),
            range(min(wanted, length) - 1, -1, -1) if step > 0 else range(max(0, wanted), length),
        ):
            for index in candidates:
                if not isinstance(self._rows[index], NoteRow):
                    return index
        return -1

    def _to_pick(self) -> None:
        if self._pick >= 0:
            top, bottom = self._tops[self._pick], self._tops[self._pick + 1]
            above = self._pick - 1
            while above >= 0 and isinstance(self._rows[above], NoteRow):  # a heading belongs to what is below it
                top, above = self._tops[above], above - 1
            self._first = max(min(self._first, top), bottom - self.size.height)
        self._scroll(0)

    def _scroll(self, by: int) -> None:
        last = max(0, self._tops[-1] - self.size.height)
        self._first = min(max(0, self._first + by), last)
        self.refresh()
        if self._rows and self._first >= last:
            self.post_message(self.EndInSight())

    def render(self) -> Content:
        """Render the visible lines."""
        width, height = self.size
        now = time()
        index = bisect_right(self._tops, self._first) - 1
        skip = self._first - self._tops[index]
        lines: list[Content] = []
        while len(lines) < height + skip and index < len(self._rows):
            picked = index == self._pick
            for line in lines_of(self._rows[index], width, picked=picked, now=now):
                full = line + " " * max(0, width - line.cell_length)
                lines.append(full.stylize_before("on $panel") if picked else full)
            index += 1
        return Content("\n").join(lines[skip : skip + height])

    def on_resize(self) -> None:
        """Keep the selected row visible."""
        self._to_pick()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll without changing the selection."""
        event.stop()
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll without changing the selection."""
        event.stop()
        self._scroll(-WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Select a row; clicking the selected row chooses it."""
        event.stop()
        line = self._first + event.y
        if line >= self._tops[-1]:
            return
        index = bisect_right(self._tops, line) - 1
        if isinstance(self._rows[index], NoteRow):
            return
        if index == self._pick:
            self.post_message(self.Chosen())
        else:
            self._pick = index
            self.refresh()
