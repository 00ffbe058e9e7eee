"""The find bar: one row in the place of the status row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Static, TextArea

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.composer.text_box import WritingBox, starts_a_line
from tui_chat.ui.key_hints import KeyLinks
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from tui_chat.ui.find.finder import FindProgress

HINTS = (("Enter", "next", "step(1)"), ("Shift+Enter", "previous", "step(-1)"), ("Esc", "close", "close"))
"""Keys of the bar, what they do, and the actions of a click on them; the last ones stay longest."""


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


class FindHints(KeyLinks, Static):
    """The keys of the bar, which can be clicked."""

    DEFAULT_CSS = """
    FindHints {
        link-color-hover: $role-text; link-background-hover: transparent;
        link-style-hover: underline;
    }
    """

    def __init__(self, step: Callable[[int], None], close: Callable[[], None]) -> None:
        super().__init__(markup=False, classes="hint")
        self._step, self._close = step, close

    def show(self, room: int) -> None:
        """Show as many keys as `room` cells have room for."""
        pairs = [
            Content.assemble((key, "bold $role-text"), (f" {word}", MUTED)).stylize(Style.from_meta({"@click": action}))
            for key, word, action in HINTS
        ]
        while pairs and sum(pair.cell_length + 2 for pair in pairs) > room:
            del pairs[-2 if len(pairs) > 1 else 0]  # how to close it is left out last, how to go on before that
        self.update(Content("  ").join(pairs))

    def action_step(self, by: int) -> None:
        """Go to the next match (1) or the previous one (-1)."""
        self._step(by)

    def action_close(self) -> None:
        """Close the bar from its hint."""
        self._close()


class FindBar(Horizontal):
    """The input and the number of matches; hidden until it is opened."""

    DEFAULT_CSS = """
    FindBar { height: 1; display: none; align-horizontal: center; }
    FindBar > Horizontal { max-width: 100; padding: 0 2; }
    FindBar Static { width: auto; color: $role-muted; }
    FindBar .label { color: $role-text; text-style: bold; }
    FindBar .count { padding: 0 2; color: $role-text; }
    FindBox, FindBox:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: transparent; scrollbar-size: 0 0;
    }
    """

    def __init__(self, search: Callable[[], None], step: Callable[[int], None], close: Callable[[], None]) -> None:
        """`search` is called when the text changes, `step` to go to another match, `close` when a click closes the
        bar."""
        super().__init__(id="find")
        self._search, self._step = search, step
        self.box = FindBox()
        self._count = Static(markup=False, classes="count")
        self._hints = FindHints(step, close)

    def compose(self) -> ComposeResult:
        """Create the input, the counter and the hints."""
        with Horizontal():
            yield Static("Find  ", markup=False, classes="label")
            yield self.box
            yield self._count
            yield self._hints

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
        """Leave at least a third of the row to the input."""
        self._hints.show(min(self.size.width, 100) // 2)
