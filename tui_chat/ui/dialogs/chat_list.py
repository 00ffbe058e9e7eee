"""A list of any length, of which only what is in sight is drawn."""

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
"""Rows that a turn of the wheel scrolls."""


class ChatsList(Widget):
    """Rows of one or two lines, one of which is picked. The box above it has the focus and moves the pick."""

    DEFAULT_CSS = """
    ChatsList { height: 1fr; color: $text-muted; }
    """

    @dataclass
    class Taken(Message):
        """A click on what is picked already."""

    @dataclass
    class EndInSight(Message):
        """The last row is shown: there may be more to bring."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[ChatListRow] = ()
        self._tops: list[int] = [0]
        """Of each row, and at last the height of all."""
        self._pick = -1
        self._first = 0
        """The line of the rows at the widget's top edge."""

    def show(self, rows: Sequence[ChatListRow], pick: int = 0) -> None:
        """Show these rows; the pick goes to the first from `pick` on that can be picked."""
        self._rows = rows
        self._tops = [0, *accumulate(height_of(row) for row in rows)]
        self._pick = self._nearest(pick, 1)
        self._to_pick()

    @property
    def picked(self) -> ChatListRow | None:
        """What is picked."""
        return self._rows[self._pick] if self._pick >= 0 else None

    @property
    def pick(self) -> int:
        """The number of the picked row; -1: nothing can be picked."""
        return self._pick

    def move(self, by: int) -> None:
        """Move the pick by so many rows, to the nearest that can be picked."""
        found = self._nearest(min(max(self._pick + by, 0), len(self._rows) - 1), 1 if by > 0 else -1)
        if found >= 0:
            self._pick = found
            self._to_pick()

    def page(self, pages: int) -> None:
        """Move the pick by what is in sight."""
        self.move(pages * max(1, self.size.height - 2))

    def _nearest(self, wanted: int, step: int) -> int:
        """The row at `wanted`, or the nearest that can be picked, first in the direction of `step`."""
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
        """The lines in sight."""
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
        """Keep the pick in sight."""
        self._to_pick()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll; the pick stays."""
        event.stop()
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll; the pick stays."""
        event.stop()
        self._scroll(-WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Pick; what is picked is taken."""
        event.stop()
        line = self._first + event.y
        if line >= self._tops[-1]:
            return
        index = bisect_right(self._tops, line) - 1
        if isinstance(self._rows[index], NoteRow):
            return
        if index == self._pick:
            self.post_message(self.Taken())
        else:
            self._pick = index
            self.refresh()
