"""The window of entries that have views, around the reading position."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.branch_path import BranchPath
    from tui_chat.ui.transcript.message_view import MessageView

MOST_MOUNTED = 60
"""The most messages that have a view at once: each adds to the cost of every layout."""
KEPT_WHEN_FULL = 40
"""The number of views that stay when the window has become too large."""
MOST_ROWS = 2_000
"""The most rows before views far from the visible part are removed: a new width renders all of them again."""
FAR = 4
"""Distance from the visible part, in screens, below which views are kept, so that scrolling never meets a gap."""
GAP = 1
"""Rows between two messages, and below the last."""


class Moves(NamedTuple):
    """The changes that make the mounted views match the window."""

    fresh: Sequence[tuple[list[MessageView], MessageView | None]]
    """Views to mount, in runs, each with the view it precedes; `None`: at the end."""
    gone: Sequence[MessageView]
    """The views to remove."""


class ViewWindow:
    """The entries `low` to `high` (exclusive) of a path, and the mounted views."""

    def __init__(self, path: BranchPath, make: Callable[[Message], MessageView]) -> None:
        """`make` creates the view of an entry."""
        self._path = path
        self._make = make
        self._fresh: dict[str, MessageView] = {}
        """Views that are created and rendered but not mounted yet."""
        self._by_id: dict[str, MessageView] = {}
        self._mounted_low = 0
        self.low = self.high = 0
        self.views: list[MessageView] = []
        """The mounted views, oldest first."""

    @property
    def above(self) -> int:
        """The number of entries above the window."""
        return self.low

    @property
    def below(self) -> int:
        """The number of entries below the window."""
        return len(self._path.entries) - self.high

    def view_of(self, message: Message) -> MessageView | None:
        """The mounted view that shows a message."""
        return self._by_id.get(self._path.entry_of(message).id)

    def _valid(self, entry: Message) -> MessageView | None:
        """The mounted view of an entry, if it shows the messages that now belong to it."""
        view = self._by_id.get(entry.id)
        return view if view is not None and view.messages == self._path.messages_of(entry) else None

    def open_at(self, index: int) -> None:
        """Start an empty window before the entry at `index`."""
        self.low = self.high = index

    def open_around(self, index: int, width: int, height: int) -> None:
        """Start a window with the entry at `index` and one screen above and below it."""
        if not self.low <= index < self.high:
            self.open_at(index)
            self.extend(width, height, up=True)
            self.extend(width, 2 * height, up=False)

    def extend(self, width: int, rows: int, *, up: bool) -> None:
        """Extend the window by at least `rows` rows, rendering the new entries, but by some twenty entries at most."""
        most = MOST_MOUNTED - KEPT_WHEN_FULL
        while rows > 0 and most > 0 and (self.above if up else self.below):
            entry = self._path.entries[self.low - 1 if up else self.high]
            view = self._valid(entry) or self._fresh.setdefault(entry.id, self._make(entry))
            rows -= view.fit_width(width) + GAP
            most -= 1
            if up:
                self.low -= 1
            else:
                self.high += 1

    def trim(self, in_sight: Iterable[MessageView], *, from_top: bool) -> None:
        """Remove entries far from the visible part from a window that has become too large: from its top if `from_top`,
        else from the farther end."""
        surplus = self.high - self.low - MOST_MOUNTED
        if surplus <= 0:
            return
        surplus += MOST_MOUNTED - KEPT_WHEN_FULL
        seen = [self._mounted_low + self.views.index(view) for view in in_sight if view in self.views]
        if from_top or (seen and seen[0] - self.low > self.high - seen[-1]):
            self.low = min(self.low + surplus, seen[0] if seen else self.high)
        else:
            self.high = max(self.high - surplus, seen[-1] + 1 if seen else self.low)

    def remove_far_rows(self, in_sight: Sequence[MessageView], width: int, height: int) -> None:
        """Remove entries at both ends that are several screens away from the visible part, if a few long messages have
        more rows than a window needs."""
        rows = [view.fit_width(width) + GAP for view in self.views]
        seen = [self.views.index(view) for view in in_sight if view in self.views]
        if sum(rows) <= MOST_ROWS or not seen:
            return
        mounted = range(self._mounted_low, self._mounted_low + len(rows))
        first, last = seen[0], seen[-1]
        while self.low in mounted and sum(rows[self.low - mounted.start + 1 : first]) > FAR * height:
            self.low += 1
        while self.high - 1 in mounted and sum(rows[last + 1 : self.high - 1 - mounted.start]) > FAR * height:
            self.high -= 1

    def moves(self) -> Moves:
        """Treat the window's views as mounted, and return the changes for that."""
        kept: set[MessageView] = set()
        views: list[MessageView] = []
        runs: list[tuple[list[MessageView], MessageView | None]] = []
        run: list[MessageView] = []
        for entry in self._path.entries[self.low : self.high]:
            view = self._valid(entry)
            if view is None:
                view = self._fresh.get(entry.id) or self._make(entry)
                run.append(view)
            else:
                kept.add(view)
                if run:
                    runs.append((run, view))
                    run = []
            views.append(view)
        if run:
            runs.append((run, None))
        gone = [view for view in self.views if view not in kept]
        self._fresh.clear()
        self._by_id = {view.messages[0].id: view for view in views}
        self._mounted_low, self.views = self.low, views
        return Moves(runs, gone)
