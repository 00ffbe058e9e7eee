"""The find bar: one line above the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static, TextArea

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.composer.text_box import WritingBox, starts_a_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from tui_chat.ui.find.finder import FindProgress

HINT = "Enter ↓ next · Shift+Enter ↑ before · Esc"


class FindBox(WritingBox):
    """The one-line input of the bar; Enter goes to the next match."""

    @dataclass
    class Step(Message):
        """Posted to go to the next match (1) or the previous one (-1)."""

        by: int

    def __init__(self) -> None:
        super().__init__(id="find-text")
        self.soft_wrap = False

    def own_key(self, key: str) -> bool:
        """Handle the keys for stepping, and ignore those for a new line."""
        if key in ("enter", "down"):
            self.post_message(self.Step(1))
        elif key in ("shift+enter", "up"):
            self.post_message(self.Step(-1))
        else:
            return starts_a_line(key)
        return True

    async def on_paste(self, event: events.Paste) -> None:
        """Turn pasted text into one line."""
        # the base class's handler runs afterwards and cleans
        event.text = clean_line(event.text)


class FindBar(Horizontal):
    """The input and the number of matches; hidden until it is opened."""

    DEFAULT_CSS = """
    FindBar { height: 1; display: none; padding: 0 1; background: $surface; }
    FindBar > Static { width: auto; color: $text-muted; }
    FindBar > .count { min-width: 12; padding: 0 2; color: $text; }
    FindBox, FindBox:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: transparent; scrollbar-size: 0 0;
    }
    """

    def __init__(self, search: Callable[[], None], step: Callable[[int], None]) -> None:
        """`search` is called when the text changes, `step` to go to another match."""
        super().__init__(id="find")
        self._search, self._step = search, step
        self.box = FindBox()
        self._count = Static(markup=False, classes="count")

    def compose(self) -> ComposeResult:
        """Compose the line."""
        yield Static("Find  ", markup=False)
        yield self.box
        yield self._count
        yield Static(HINT, markup=False, classes="hint")

    def open(self, text: str = "") -> None:
        """Show and focus the bar; the last search text is selected, so that typing replaces it."""
        self.display = True
        if text:
            self.box.put(clean_line(text))
        self.box.select_all()
        self.screen.set_focus(self.box)  # at once: focus() takes effect later, and the first letters would go elsewhere

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._search()

    @on(FindBox.Step)
    def _stepped(self, event: FindBox.Step) -> None:
        event.stop()
        self._step(event.by)

    def show(self, progress: FindProgress) -> None:
        """Show the number of the current match and of all matches."""
        if not self.box.text.strip():
            words = ""
        elif progress.searching:
            words = f"{progress.of:,}…" if progress.of else "…"
        elif progress.at is None:
            words = f"{progress.of:,}" if progress.of else "not found"
        else:
            words = f"{progress.at:,} of {progress.of:,}"
        self._count.update(words)

    def on_resize(self) -> None:
        """Hide the hint in a narrow terminal."""
        self.query_one(".hint").display = self.size.width >= 80
