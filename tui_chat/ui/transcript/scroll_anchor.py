"""Where the reader is in a stack of message views: at its end and following it, or at a spot that must not move."""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.ui.transcript.view_window import GAP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.message_view import MessageView
    from tui_chat.ui.transcript.text_matcher import SearchPattern


class HeldRow(NamedTuple):
    """This row of this view stands `offset` rows below the pane's top edge."""

    view: MessageView
    row: Callable[[], int]
    """Asked after each layout: what is read moves to another row when what is above it in the view changes."""
    offset: int


class ScrollTarget(NamedTuple):
    """A message to bring into sight."""

    entry: Message
    focus: bool
    """It takes the focus, once it is mounted."""
    offset: int | None
    """Rows from the pane's top edge to where its first row is wanted; `None`: where the way there is shortest."""


class Found(NamedTuple):
    """An occurrence of what is looked for, to bring into sight."""

    pattern: SearchPattern
    entry: Message
    sought: tuple[int, int]
    """Which occurrence in that entry, from 0, of how many."""


class ScrollAnchor:
    """Tells after each layout where to scroll, so that what is read stays where it is.

    It knows rows of the scrolled content, counted from its top; `y` is the first one that is in sight.
    """

    def __init__(self) -> None:
        self.following = True
        """Whether the end is kept in sight."""
        self.bottom = 0
        """How many rows there are."""
        self._views: list[MessageView] = []
        self._tops: list[int] = []
        self._held: HeldRow | None = None

    def laid_out(self, tops: Mapping[MessageView, int], bottom: int) -> None:
        """A layout has put the views at these rows; they come in order."""
        self._views, self._tops, self.bottom = list(tops), list(tops.values()), bottom

    def scroll_to(self, y: float, height: int) -> float:
        """Where to scroll in a pane of `height` rows that was scrolled to `y` before the layout."""
        last = max(0, self.bottom - height)
        if self.following and self._views:  # a welcome, which is no view, is read from its top
            return last
        if self._held is not None and self._held.view in self._views:
            view, row, offset = self._held
            y = self._tops[self._views.index(view)] + row() - offset
        return min(max(0, y), last)

    def hold(self, y: float) -> None:
        """The reader has scrolled to `y` and reads there."""
        self._held = None
        if self._views:
            row = round(y)
            index = max(0, bisect_right(self._tops, row) - 1)
            view, top = self._views[index], self._tops[index]
            anchor = view.anchor_at(max(0, row - top))
            self._held = HeldRow(view, partial(view.row_of, anchor), top + view.row_of(anchor) - row)

    def aim(self, view: MessageView, aim: ScrollTarget | Found, before: int | None, height: int) -> None:
        """Hold what is aimed at in a view, from the next layout on.

        `before`: rows from the pane's top edge to the view's first, where it is laid out already; `height`: the pane's.
        """
        if isinstance(aim, Found):
            row, offset = view.row_of_hit, height // 3
            if before is not None and view.hit_is_known and 0 <= before + row() < height - 1:
                offset = before + row()  # it is in sight
        else:
            row, offset = _first_row, height // 3
            if aim.offset is not None:
                offset = aim.offset
            elif before is not None:
                offset = min(max(0, before), max(0, height - GAP - view.size.height))
        self._held = HeldRow(view, row, offset)

    def top_of(self, view: MessageView) -> int | None:
        """The first row of a view; `None` before it is laid out."""
        return self._tops[self._views.index(view)] if view in self._views else None

    def let_go(self) -> None:
        """No spot is held."""
        self._held = None

    def in_sight(self, y: float, height: int) -> list[MessageView]:
        """The views of which a pane that is scrolled to `y` shows something."""
        first = max(0, bisect_right(self._tops, y) - 1)
        return self._views[first : bisect_right(self._tops, y + height)]


def _first_row() -> int:
    return 0
