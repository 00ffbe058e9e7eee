"""The reading position in a stack of message views: following the end, or fixed to a row."""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.ui.transcript.view_window import GAP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.message_view import MessageView
    from tui_chat.ui.transcript.text.text_matcher import SearchPattern


class HeldRow(NamedTuple):
    """A row of a view that must stay `offset` rows below the transcript's top edge."""

    view: MessageView
    row: Callable[[], int]
    """Called after each layout, since text above it in the view can change its row."""
    offset: int


class ScrollTarget(NamedTuple):
    """A message to scroll to."""

    entry: Message
    focus: bool
    """Whether it receives the focus once it is mounted."""
    offset: int | None
    """The wanted distance of its first row from the top edge, in rows; `None`: scroll as little as possible."""
    to_place: bool = False
    """Whether to scroll to the place that is marked in it, instead of to its first row."""


class MatchTarget(NamedTuple):
    """A search match to scroll to."""

    pattern: SearchPattern
    entry: Message
    occurrence: tuple[int, int]
    """The index of the match in that entry, and the number of its matches."""


class ScrollAnchor:
    """Computes the scroll position after each layout so that the text being read does not move.

    Rows are counted from the top of the scrolled content; `y` is the first visible one.
    """

    def __init__(self) -> None:
        self.following = True
        """Whether to keep the end visible."""
        self.bottom = 0
        """The total number of rows."""
        self.moved = False
        """Whether a target was set that no layout has scrolled to yet."""
        self._views: list[MessageView] = []
        self._tops: list[int] = []
        self._held: HeldRow | None = None

    def set_layout(self, tops: Mapping[MessageView, int], bottom: int) -> None:
        """Store the first rows of the views after a layout; the views are in order."""
        self._views, self._tops, self.bottom = list(tops), list(tops.values()), bottom
        self.moved = False

    def scroll_to(self, y: float, height: int) -> float:
        """The scroll position for a transcript of `height` rows that was scrolled to `y` before the layout."""
        last = max(0, self.bottom - height)
        if self.following and self._views:  # a welcome, which is not a view, is read from its top
            return last
        if self._held is not None and self._held.view in self._views:
            view, row, offset = self._held
            y = self._tops[self._views.index(view)] + row() - offset
        return min(max(0, y), last)

    def hold(self, y: float) -> None:
        """Keep the text at row `y` in place, after the user has scrolled there."""
        self._held = None
        if self._views:
            row = round(y)
            index = max(0, bisect_right(self._tops, row) - 1)
            view, top = self._views[index], self._tops[index]
            anchor = view.anchor_at(max(0, row - top))
            self._held = HeldRow(view, partial(view.row_of, anchor), top + view.row_of(anchor) - row)

    def anchor_to(self, view: MessageView, target: ScrollTarget | MatchTarget, before: int | None, height: int) -> None:
        """Scroll to a target in a view at the next layout, and keep it in place.

        `before`: rows from the top edge to the view's first row, if it is laid out already. `height`: rows of the
        transcript.
        """
        if isinstance(target, MatchTarget):
            row, offset = view.row_of_match, height // 3
            if before is not None and view.match_is_known and 0 <= before + row() < height - 1:
                offset = before + row()  # it is in sight
        else:
            row, offset = view.row_of_place if target.to_place else _first_row, height // 3
            if target.to_place:
                pass
            elif target.offset is not None:
                offset = target.offset
            elif before is not None:
                offset = min(max(0, before), max(0, height - GAP - view.size.height))
        self._held = HeldRow(view, row, offset)
        self.moved = True

    def top_of(self, view: MessageView) -> int | None:
        """The first row of a view; `None` if it is not laid out yet."""
        return self._tops[self._views.index(view)] if view in self._views else None

    def release(self) -> None:
        """Stop keeping a row in place."""
        self._held = None

    def in_sight(self, y: float, height: int) -> list[MessageView]:
        """The views of which some part is visible when scrolled to `y`."""
        first = max(0, bisect_right(self._tops, y) - 1)
        return self._views[first : bisect_right(self._tops, y + height)]


def _first_row() -> int:
    return 0
