"""Which entries of a path have views: a window wherever the reader is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.branch_path import BranchPath
    from tui_chat.ui.transcript.message_view import MessageView

MOST_MOUNTED = 60
"""How many messages have a view at once: each costs a share of every layout."""
KEPT_WHEN_FULL = 40
"""How many stay when the window has become too wide."""
MOST_ROWS = 2_000
"""How many rows may be laid out before those far from the reader are let go: another width lays each of them anew."""
FAR = 4
"""Screens from what is in sight; nearer entries stay, so that nobody scrolls into a gap."""
GAP = 1
"""Rows between two messages, and under the last."""


class Moves(NamedTuple):
    """What has to be done so that exactly the window's views are mounted."""

    fresh: Sequence[tuple[list[MessageView], MessageView | None]]
    """Views to mount, each run with the view it comes before; `None`: at the end."""
    gone: Sequence[MessageView]
    """Views to remove."""


class ViewWindow:
    """The entries from `low` to `high` (which is not in it) of a path, and the views that are mounted."""

    def __init__(self, path: BranchPath, make: Callable[[Message], MessageView]) -> None:
        """`make` gives a view of an entry."""
        self._path = path
        self._make = make
        self._fresh: dict[str, MessageView] = {}
        """Made and laid out, and not mounted yet."""
        self._by_id: dict[str, MessageView] = {}
        self._mounted_low = 0
        self.low = self.high = 0
        self.views: list[MessageView] = []
        """Those that are mounted, oldest first."""

    @property
    def above(self) -> int:
        """How many entries are above it."""
        return self.low

    @property
    def below(self) -> int:
        """How many entries are below it."""
        return len(self._path.entries) - self.high

    def view_of(self, message: Message) -> MessageView | None:
        """The mounted view that shows a message."""
        return self._by_id.get(self._path.entry_of(message).id)

    def _valid(self, entry: Message) -> MessageView | None:
        """The mounted view of an entry, if it shows the messages that now belong to it."""
        view = self._by_id.get(entry.id)
        return view if view is not None and view.messages == self._path.messages_of(entry) else None

    def open_at(self, index: int) -> None:
        """An empty window before the entry at `index`."""
        self.low = self.high = index

    def open_around(self, index: int, width: int, height: int) -> None:
        """A window with the entry at `index` in it, a screen above it and below it."""
        if not self.low <= index < self.high:
            self.open_at(index)
            self.extend(width, height, up=True)
            self.extend(width, 2 * height, up=False)

    def extend(self, width: int, rows: int, *, up: bool) -> None:
        """Widen it by at least so many rows, laying out what is new in it; by some twenty entries at most."""
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
        """Take entries far from what is in sight out of a window that has become too wide; from its top, if so wanted,
        else from the end that is farther away."""
        surplus = self.high - self.low - MOST_MOUNTED
        if surplus <= 0:
            return
        surplus += MOST_MOUNTED - KEPT_WHEN_FULL
        seen = [self._mounted_low + self.views.index(view) for view in in_sight if view in self.views]
        if from_top or (seen and seen[0] - self.low > self.high - seen[-1]):
            self.low = min(self.low + surplus, seen[0] if seen else self.high)
        else:
            self.high = max(self.high - surplus, seen[-1] + 1 if seen else self.low)

    def let_far_rows_go(self, in_sight: Sequence[MessageView], width: int, height: int) -> None:
        """Take entries out of both ends that lie more than some screens away from what is in sight, where a few long
        messages make more rows than a window needs."""
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
        """Take the window's views as the mounted ones, and tell what has to be done for that."""
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
