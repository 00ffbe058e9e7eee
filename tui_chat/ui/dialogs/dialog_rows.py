"""The first and the last row of a dialog: its title, and its keys with what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.commands import written
from tui_chat.ui.key_hints import KeyLinks
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN = 2
"""Cells at the left and right of a dialog's rows; the left ones belong to the sign of the picked row."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A key of a dialog with what it does."""

    key: str
    """The key in Textual's spelling, such as `ctrl+a`."""
    word: str
    """One or two words: `add endpoint`."""
    action: str
    """The name of the dialog's action, with arguments if it takes any: `rename`, `move(1)`."""
    keys: str = ""
    """The text in place of the key, where it stands for several: `↑ ↓`."""
    scrolls: bool = False
    """Whether it is shown only while there is more text than fits."""


class TitleRow(KeyLinks, Widget):
    """The dialog's title, a note beside it, and the key that closes it."""

    DEFAULT_CSS = """
    TitleRow {
        height: 1; link-style-hover: underline;
        link-color-hover: $role-text; link-background-hover: transparent;
    }
    """

    def on_mount(self) -> None:
        """Follow the dialog's title."""
        for name in ("title", "sub_title"):
            self.watch(self.screen, name, self._show_anew, init=False)

    def _show_anew(self) -> None:
        self.refresh()

    def render(self) -> Content:
        """Render the title at the left and `Esc` at the right."""
        right = Content.styled("Esc", MUTED).stylize("@click=screen.close()") + " " * MARGIN
        left = Content.styled(clean_line(self.screen.title or ""), "bold")
        room = max(1, self.size.width - MARGIN - right.cell_length - 1)
        beside = Content.styled(f"  {clean_line(self.screen.sub_title or '')}", MUTED)
        if left.cell_length + beside.cell_length <= room:
            left += beside
        left = " " * MARGIN + left.truncate(room, ellipsis=True)
        return left + " " * max(1, self.size.width - left.cell_length - right.cell_length) + right


class HintRow(KeyLinks, Widget):
    """As many keys with their words as fit, the first ones first; each can be clicked. In the row above them stands a
    notice, if there is one; in a low window it takes their place."""

    DEFAULT_CSS = """
    HintRow {
        height: 2; color: $role-muted; link-style-hover: underline;
        link-color-hover: $role-text; link-background-hover: transparent;
    }
    """

    def __init__(self, hints: Sequence[Hint] = ()) -> None:
        super().__init__()
        self._hints = hints
        self._scrollable = False
        self._note = ""
        self._notice, self._is_bad = "", False

    def show(self, hints: Sequence[Hint]) -> None:
        """Show hints for these keys."""
        self._hints = hints
        self.refresh()

    def show_scrollable(self, scrollable: bool) -> None:
        """Show the hints for scrolling, or leave them out."""
        self._scrollable = scrollable
        self.refresh()

    def show_note(self, note: str) -> None:
        """Show a few words at the right."""
        if note != self._note:
            self._note = note
            self.refresh()

    def show_notice(self, sentence: str, *, bad: bool) -> None:
        """Show a sentence above the keys; an empty one removes it. `bad`: it is an error."""
        self._notice, self._is_bad = clean_line(sentence), bad
        self.refresh()

    def render(self) -> Content:
        """Render the notice and the keys."""
        style = "$role-warning" if self._is_bad else "$role-text"
        room = max(1, self.size.width - 2 * MARGIN)
        notice = " " * MARGIN + Content.styled(self._notice, style).truncate(room, ellipsis=True)
        if self.size.height > 1:
            return notice + "\n" + self._keys()
        return notice if self._notice else self._keys()

    def _keys(self) -> Content:
        """The keys, and the note where there is room."""
        width = self.size.width - 2 * MARGIN
        pairs = [_pair(hint) for hint in self._hints if self._scrollable or not hint.scrolls]
        lengths = [pair.cell_length for pair in pairs]
        gap = 3 if sum(lengths) + 3 * len(pairs) <= width - len(self._note) else 2
        line = Content("")
        for pair in pairs:
            if line.cell_length:
                pair = " " * gap + pair
            if line.cell_length + pair.cell_length > width:
                break
            line += pair
        blank = width - line.cell_length - len(self._note)
        if self._note and blank >= gap:
            line += " " * blank + Content.styled(self._note, MUTED)
        return " " * MARGIN + line


def _pair(hint: Hint) -> Content:
    pair = Content.assemble((hint.keys or written(hint.key), "bold $role-text"), (f" {hint.word}", MUTED))
    # Not as a string: there, arguments cannot be negative.
    return pair.stylize(Style.from_meta({"@click": f"screen.{hint.action}"}))
