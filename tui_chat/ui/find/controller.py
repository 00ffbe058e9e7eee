"""Find text in the shown chat: open and close the find bar, and run the finder while it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.ui.find.find_bar import FindBar
from tui_chat.ui.find.finder import Finder
from tui_chat.ui.transcript.text.text_matcher import MatchCounter, SearchPattern

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.screen import Screen
    from textual.widget import Widget

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.transcript import Transcript


class FindController:
    """Searches the transcript for the text in the find bar."""

    def __init__(
        self, pane: Transcript, mount_bar: Callable[[], Awaitable[None]], in_place_of: Widget, left: Callable[[], None]
    ) -> None:
        """`mount_bar`: mounts the bar if necessary, since the first frame does not wait for it. `in_place_of`: what is
        hidden while the bar is open. `left`: is called when a click has closed the bar."""
        self._pane = pane
        self._mount_bar = mount_bar
        self._in_place_of = in_place_of
        self._left = left
        self._mounted: Awaitable[None] | None = None
        self.bar = FindBar(self.search, self._step, self._leave)
        self.finder = Finder(pane, self.bar.show)
        self._unsubscribe: Callable[[], None] = lambda: None

    async def mount(self, screen: Screen[None]) -> None:
        """Mount the bar, once."""
        if self._mounted is None:
            self._mounted = screen.mount(self.bar, before=self._in_place_of)
        await self._mounted

    async def open(self, text: str = "") -> None:
        """Open the bar, and search for `text`, or else for the last search text."""
        await self._mount_bar()
        if not self.bar.display:
            self.finder.begin()
            self._unsubscribe = self._pane.conversation.subscribe(self.finder.changed)
            self._in_place_of.display = False
        self.bar.open(text)
        self.search()

    async def find_from(self, entry: Message, text: str) -> None:
        """Search from an entry of the path on; what is folded there is unfolded. If the entry does not contain the text
        as shown, only scroll to it."""
        pattern = SearchPattern.of(text)
        self._pane.reveal(entry)
        if pattern is None:
            return
        if not self._count(entry, pattern):
            self._pane.unfold(entry)
        if self._count(entry, pattern):
            await self.open(text)
            self.finder.begin(entry)
            self.finder.search(text)

    def _count(self, entry: Message, pattern: SearchPattern) -> int:
        counter = MatchCounter(self._pane.path.entry(entry), pattern)
        counter.update()
        return counter.count

    def search(self) -> None:
        """Search for the text in the bar, if it is open."""
        if self.bar.display:
            self.finder.search(self.bar.box.text)

    def _step(self, by: int) -> None:
        self.finder.step(by)

    def close(self) -> bool:
        """Close the bar without scrolling. Returns false if it was not open."""
        if not self.bar.display:
            return False
        self._unsubscribe()
        self.finder.end()
        self.bar.display = False
        self._in_place_of.display = True
        return True

    def _leave(self) -> None:
        if self.close():
            self._left()
