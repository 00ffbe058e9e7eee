"""Find a text in all messages of the shown path, mounted or not, without blocking."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.events import Added, Removed, Restored, Selected
from tui_chat.ui.transcript.text.text_matcher import MatchCounter, SearchPattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.transcript import Transcript

SLICE = 100_000
"""Characters searched per turn of the event loop, which takes a millisecond or two."""

MESSAGE_COST = 500
"""The cost of searching a message besides its text, expressed in characters."""


class FindProgress(NamedTuple):
    """The state of a search."""

    at: int | None
    """The number of the current match, from 1; `None` while messages are left to search."""
    of: int
    searching: bool


class Finder:
    """Counts matches message by message, in slices on the transcript's clock, and steps through them.

    The first match shown is the one at or below the reading position, or else the nearest above. In a running reply
    only the new text is searched, once per frame. Without a search text it does nothing.
    """

    def __init__(self, pane: Transcript, on_progress: Callable[[FindProgress], None]) -> None:
        """`on_progress`: called whenever the state of the search changes."""
        self._pane = pane
        self._on_progress = on_progress
        self._pattern: SearchPattern | None = None
        self._counts: list[int] = []
        """The number of matches by entry of the path."""
        self._at: tuple[int, int] | None = None
        """The entry of the current match, and the match's index in it."""
        self._start = 0
        """The entry where the search starts."""
        self._live: MatchCounter | None = None
        """The counter of the last entry, while that may grow."""
        self._run: object | None = None
        """Identifies the running search; a new search replaces it."""

    # --- actions of the user

    def begin(self, entry: Message | None = None) -> None:
        """Set where to start: at an entry, or else at the reading position."""
        first = entry or self._pane.first_in_sight
        self._start = (self._pane.path.index_of(first) if first is not None else None) or 0

    def search(self, typed: str) -> None:
        """Search for another text."""
        self._pattern = SearchPattern.of(typed)
        self._at = self._live = None
        self._counts = [0] * len(self._pane.path.entries)
        self._run = run = object() if self._pattern is not None else None
        self._pane.find(self._pattern)
        if run is not None:
            self._pane.clock.settle(self._search(run, self._pattern))
        self._report()

    def end(self) -> None:
        """Stop searching, without scrolling."""
        self.search("")
        self._pane.clock.forget(self)

    def step(self, by: int) -> None:
        """Go to the next match (1) or the previous one (-1), wrapping around at the ends."""
        if self._at is None:
            return
        index, ordinal = self._at
        if 0 <= ordinal + by < self._counts[index]:
            self._go(index, ordinal + by)
            return
        count = len(self._counts)
        for other in ((index + by * away) % count for away in range(1, count + 1)):
            if self._counts[other]:
                self._go(other, 0 if by > 0 else self._counts[other] - 1)
                return

    # Searching

    def _search(self, run: object, pattern: SearchPattern | None) -> Iterator[None]:
        start, work = min(self._start, len(self._counts)), 0
        for index in (*range(start, len(self._counts)), *range(start - 1, -1, -1)):
            if self._run is not run or pattern is None:
                return
            work += self._count(index) + MESSAGE_COST
            if self._at is None and (count := self._counts[index]):
                self._go(index, 0 if index >= start else count - 1)
            if work >= SLICE:
                work = 0
                self._report()
                yield
        if self._run is run:
            self._run = None
            self._report()

    def _count(self, index: int) -> int:
        """Count the matches in an entry; returns how many characters were searched."""
        if self._pattern is None:
            return 0
        path = self._pane.path
        counter = MatchCounter(path.entry(path.entries[index]), self._pattern)
        looked_at = counter.update()
        self._counts[index] = counter.count
        if index == len(path.entries) - 1:
            self._live = counter
        return looked_at

    def _go(self, index: int, ordinal: int) -> None:
        self._at, self._start = (index, ordinal), index if self._run is None else self._start
        self._pane.find(self._pattern, self._pane.path.entries[index], (ordinal, self._counts[index]))
        self._report()

    def _report(self) -> None:
        searching = self._run is not None
        at = None if self._at is None or searching else sum(self._counts[: self._at[0]]) + self._at[1] + 1
        self._on_progress(FindProgress(at, sum(self._counts), searching))

    # --- changes of the conversation

    def changed(self, conversation: Conversation, message: Message | None, change: Change) -> None:
        """Update the search after a change of the conversation; call it after the transcript's own `changed`."""
        if self._pattern is None:
            return
        entries = self._pane.path.entries
        match change:
            case Selected() | Removed() | Restored():
                self._start = min(self._start, max(0, len(entries) - 1))
                self._counts, self._at, self._live, self._run = [0] * len(entries), None, None, object()
                self._pane.find(self._pattern)
                self._pane.clock.settle(self._search(self._run, self._pattern))
            case Added():
                self._counts += [0] * (len(entries) - len(self._counts))
                self._pane.clock.mark(self)
            case _ if entries and message is not None and self._pane.path.entry_of(message) is entries[-1]:
                self._pane.clock.mark(self)
            case _:
                pass

    def recount(self, entry: Message) -> None:
        """Count again after something in an entry was folded or unfolded."""
        index = self._pane.path.index_of(entry)
        if self._pattern is None or index is None:
            return
        self._count(index)
        if self._at is not None and self._at[0] == index:
            count = self._counts[index]
            self._at = (index, min(self._at[1], count - 1)) if count else None
        self._report()

    # --- called by the clock

    def catch_up(self) -> None:
        """Search the new text of the last message."""
        if self._pattern is None or not self._counts:
            return
        last = len(self._counts) - 1
        if self._live is None or not self._live.counts_in(self._pane.path.messages_of(self._pane.path.entries[last])):
            self._count(last)
        else:
            self._live.update()
            self._counts[last] = self._live.count
        self._report()

    def tick(self) -> bool:
        """Required by `FrameListener`; a search shows no seconds, so it returns false."""
        return False
