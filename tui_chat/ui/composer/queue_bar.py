"""The bar of prompts that were sent while a reply runs and wait for its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.key_hints import KeyLinks, key_hint
from tui_chat.ui.roles import MUTED, PICKED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.geometry import Size

    from tui_chat.chat.session import Queued

ROWS: Final = 4
"""The number of prompts that are shown at most; the bar gives the number of the others."""
TITLES: Final = (
    ("Queue · sent one by one as replies end", "Queue"),
    ("Queue paused · Enter sends the first", "Queue paused · Enter sends"),
)
"""The long and the short title while replies come, and while nothing is sent by itself."""
ROWS_FOR_TITLE: Final = 16
"""Rows of the screen from which there is a title."""
_SHORTEST: Final = 8


KEYS_TITLE: Final = (("↑ ↓", "pick"), ("Shift+↑ ↓", "move"), ("Enter", "edit"), ("Del", "remove"), ("Esc", "back"))
"""The title while the queue has the focus."""


class QueueBar(KeyLinks, Widget, can_focus=True):
    """A row a prompt; each can be taken back into the box, moved, or removed: by a click, or by keys while the queue
    has the focus."""

    DEFAULT_CSS = """
    QueueBar {
        height: auto; display: none; padding: 0 2; color: $role-muted;
        link-background-hover: transparent; link-color-hover: $role-accent;
    }
    """

    @dataclass
    class Back(Message):
        """The prompt at `index` is wanted back in the box."""

        index: int

    @dataclass
    class Dropped(Message):
        """The prompt at `index` is not wanted any more."""

        index: int

    @dataclass
    class Moved(Message):
        """The prompt at `index` is to be sent `by` places later, or earlier if that is negative."""

        index: int
        by: int

    def __init__(self) -> None:
        super().__init__(id="queue")
        self._prompts: tuple[Queued, ...] = ()
        self._held = False
        self._pick = 0
        """The prompt that keys act on while the queue has the focus."""

    def show(self, prompts: Sequence[Queued], *, held: bool) -> None:
        """Show the queue; `held`: no reply is under way, so nothing goes by itself."""
        self._prompts, self._held = tuple(prompts), held
        self._pick = max(0, min(self._pick, len(prompts) - 1))
        if not prompts and self.has_focus:
            self._focus_prompt()
        self.display = bool(prompts)
        self.refresh(layout=True)

    def order(self) -> None:
        """Take the focus, with the last prompt picked."""
        if self._prompts:
            self._pick = len(self._prompts) - 1
            self.screen.set_focus(self)
        else:
            self.notify("Nothing is queued.", markup=False)

    def _focus_prompt(self) -> None:
        self.screen.set_focus(self.screen.query_one("#prompt"))

    def watch_has_focus(self, focused: bool) -> None:
        """Show or hide the pick and its keys."""
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Pick, move, edit or remove a prompt."""
        match event.key:
            case "up" | "k" | "down" | "j":
                step = -1 if event.key in ("up", "k") else 1
                self._pick = max(0, min(self._pick + step, len(self._prompts) - 1))
                self.refresh()
            case "shift+up" | "K" | "shift+down" | "J":
                by = -1 if event.key in ("shift+up", "K") else 1
                if 0 <= self._pick + by < len(self._prompts):
                    self.post_message(self.Moved(self._pick, by))
                    self._pick += by
            case "enter":
                self.action_edit(self._pick)
            case "delete" | "backspace" | "d":
                self.action_drop(self._pick)
            case _:
                return
        event.stop()

    def render(self) -> Content:
        """A title, and a row a prompt; where there is no room for all, those that go first, or those around the
        pick."""
        rows = [self._title()] if self._has_title(self.screen.size.height) else []
        shown = self._prompts_shown(self.screen.size.height)
        left_out = len(self._prompts) - shown
        if not rows and left_out:
            shown, left_out = shown - 1, left_out + 1
        first = max(0, self._pick - shown + 1) if self.has_focus else 0
        rows += [self._row(index) for index in range(first, first + shown)]
        if left_out:
            rows.append(Content.styled(f"{'and ' if shown else ''}{left_out} more{'' if shown else ' queued'}", MUTED))
        return Content("\n").join(rows)

    def _title(self) -> Content:
        if self.has_focus:
            hints = [Content.assemble((key, "bold $role-text"), (f" {word}", MUTED)) for key, word in KEYS_TITLE]
            return Content("  ").join(hints).truncate(max(1, self.size.width), ellipsis=True)
        words, short = TITLES[self._held]
        key = Content.assemble((key_hint(self.app, "queue"), "bold $role-text"), (" edit the last", MUTED))
        key = key.stylize(f"@click=edit({len(self._prompts) - 1})")
        width = self.size.width
        for title in (words, short):
            blanks = width - len(title) - key.cell_length
            if blanks >= 2:
                return Content.styled(title, MUTED) + " " * blanks + key
        return Content.styled(short, MUTED).truncate(max(1, width), ellipsis=True)

    def _row(self, index: int) -> Content:
        prompt = self._prompts[index]
        picked = self.has_focus and index == self._pick
        muted = "$role-text" if picked else MUTED
        words = [("up", f"up({index})")] if index else []
        words += [("edit", f"edit({index})"), ("remove", f"drop({index})")]
        keys = Content("   ").join(Content.styled(word, muted).stylize(f"@click={action}") for word, action in words)
        count = len(prompt.attachments)
        files = f" + {count} file{'s' if count > 1 else ''}" if count else ""
        style = "bold $role-pick" if picked else "bold $role-text"
        number = Content.styled(f"{'▸' if picked else index + 1} ", style)
        room = max(_SHORTEST, self.size.width - number.cell_length - len(files) - keys.cell_length - 3)
        text = Content.styled(clean_line(prompt.text[:1000]), "$role-text").truncate(room, ellipsis=True)
        left = number + text + Content.styled(files, muted)
        row = left + " " * max(1, self.size.width - left.cell_length - keys.cell_length) + keys
        return row.stylize_before(PICKED) if picked else row

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A row a prompt and one for the title, within bounds."""
        if not self._has_title(viewport.height):
            return self._prompts_shown(viewport.height)
        shown = self._prompts_shown(viewport.height)
        return 1 + shown + (shown < len(self._prompts))

    @staticmethod
    def _has_title(height: int) -> bool:
        return height >= ROWS_FOR_TITLE

    def _prompts_shown(self, height: int) -> int:
        """The number of prompts for which a screen of this height has rows."""
        return min(len(self._prompts), ROWS, max(1, height // 6))

    def action_edit(self, index: int) -> None:
        """Ask for a prompt back in the box."""
        self.post_message(self.Back(index))

    def action_drop(self, index: int) -> None:
        """Ask for a prompt to be removed."""
        self.post_message(self.Dropped(index))

    def action_up(self, index: int) -> None:
        """Ask for a prompt to be sent one place earlier."""
        self.post_message(self.Moved(index, -1))
