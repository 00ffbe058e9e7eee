"""The dialog that shows what all chats used, by day, model or endpoint."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, get_args

from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_chat.chat.clean import clean_line
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.usage.sums import Grouping, UsageSums, days_begin
from tui_chat.chat.usage.table import usage_table
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import Resize

    from tui_chat.chat.history_ports import History

DAYS = 30
"""The last days that are shown at first."""


def grouping(word: str) -> Grouping | None:
    """Return the grouping that a word means; an empty one means days, `None` is none."""
    word = word.strip().lower() or "day"
    return next((each for each in get_args(Grouping) if each == word), None)


class UsageScreen(Dialog[None]):
    """A table with bars that can be grouped in three ways."""

    DEFAULT_CSS = """
    UsageScreen VerticalScroll { height: auto; scrollbar-size-vertical: 1; }
    UsageScreen VerticalScroll > Static { padding: 0 2; }
    UsageScreen Static { width: auto; }
    """
    WIDE: ClassVar[bool] = True
    HINTS: ClassVar[Sequence[Hint]] = (
        Hint("down", "scroll", "scroll(1)", "↑ ↓", scrolls=True),
        Hint("tab", "by day, model, endpoint", "group"),
        Hint("a", "all time", "all"),
        Hint("escape", "close", "close"),
    )
    KEYS: ClassVar[Mapping[str, str]] = {
        "up": "scroll(-1)", "pageup": "scroll(-10)", "pagedown": "scroll(10)",
        "home": "scroll(-10000)", "end": "scroll(10000)",
    }  # fmt: skip

    def __init__(self, history: History, by: Grouping) -> None:
        super().__init__()
        self._history = history
        self._by: Grouping = by
        self._all = False
        self._sums: UsageSums | None = None
        self._table = Static("Adding up…")
        self._scroll = VerticalScroll()

    def compose_content(self) -> ComposeResult:
        """Create the view of the table."""
        with self._scroll:
            yield self._table

    def on_mount(self) -> None:
        """Load the usage of the shown days."""
        self.hint_at_scrolling_of(self._scroll)
        self.load()

    def on_resize(self, event: Resize) -> None:
        """Lay the table out for the new width."""
        super().on_resize(event)
        self._scroll.styles.max_height = max(2, self.rows_for_content(event.size.height))
        self._show()

    def action_scroll(self, rows: int) -> None:
        """Scroll by some rows."""
        self._scroll.scroll_relative(y=rows, animate=False, immediate=True)

    def action_group(self) -> None:
        """Group in the next way."""
        ways = get_args(Grouping)
        self._by = ways[(ways.index(self._by) + 1) % len(ways)]
        self.load()

    def action_all(self) -> None:
        """Show all time, or the last days again."""
        self._all = not self._all
        self.load()

    @work(exclusive=True)
    async def load(self) -> None:
        """Add up in a thread, since the history may be large."""
        since = 0.0 if self._all else days_begin(DAYS)
        try:
            self._sums = await asyncio.to_thread(self._history.usage, self._by, since)
        except HistoryError as error:
            self._table.update(Content.styled(clean_line(str(error)), "$role-error"))
            return
        span = "all time" if self._all else f"the last {DAYS} days"
        self.title, self.sub_title = f"Usage by {self._by}", span
        scroll, by, _, close = self.HINTS
        self.set_hints((scroll, by, Hint("a", f"last {DAYS} days" if self._all else "all time", "all"), close))
        self._show()
        self._scroll.scroll_end(animate=False)  # where the newest day and the total are

    def _show(self) -> None:
        if self._sums is None:
            return
        if not self._sums.rows:
            self._table.update(Content.styled("Nothing was used in this time.", MUTED))
            return
        # The panel is at most 92 cells wide; its padding, the margins and the scrollbar take six.
        width = min(92, self.size.width * 9 // 10) - 6
        table = usage_table(self._sums, width)
        lines = [
            Content.styled(table.head, "bold"),
            *(Content(f"{text}  ") + Content.styled(bar, "$role-accent") for text, bar in table.rows),
            Content.styled(table.total, "bold"),
            *([Content("")] if table.notes else []),
            *(Content.styled(note, MUTED) for note in table.notes),
        ]
        self._table.update(Content("\n").join(lines))
