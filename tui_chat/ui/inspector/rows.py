"""The fixed rows of the inspector: title, tabs, keys, and the input of the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from tui_chat.ui.dialogs.filter_input import OneLine
from tui_chat.ui.key_hints import KeyLinks
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

TABS: Final = ("Stream", "Request", "Response", "Timing")


class ContentRow(KeyLinks, Widget):
    """One row of content that its owner changes. What can be clicked runs actions of the inspector."""

    DEFAULT_CSS = """
    ContentRow {
        height: 1; color: $role-muted; link-style-hover: underline;
        link-color-hover: $role-text; link-background-hover: transparent;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._content = Content("")

    @staticmethod
    def muted(text: str) -> Content:
        """A text that is read second."""
        return Content.styled(text, MUTED)

    def show(self, content: Content) -> None:
        """Replace the content of the row."""
        if not content.is_same(self._content):  # `==` compares the text alone, and a tab differs only in its style
            self._content = content
            self.refresh()

    def render(self) -> Content:
        """Render the row, cut by `…` where it is too long."""
        return self._content.truncate(max(1, self.size.width), ellipsis=True)


class FilterBox(OneLine):
    """The input of the filter; Enter goes back to the list."""

    class Done(Message):
        """Posted when Enter was pressed."""

    def own_key(self, key: str) -> bool:
        """Go back to the list with Enter, and with the keys that move in it."""
        if key in {"enter", "down", "up"}:
            self.post_message(self.Done())
            return True
        return super().own_key(key)


class FilterRow(Horizontal):
    """The input of the filter behind its sign."""

    DEFAULT_CSS = """
    FilterRow { height: 1; }
    FilterRow ContentRow { width: 2; }
    FilterRow FilterBox, FilterRow FilterBox:focus { color: $role-text; }
    """

    def __init__(self, box: FilterBox) -> None:
        super().__init__()
        self._sign, self._box = ContentRow(), box
        self._sign.show(Content.styled("/", "bold $role-accent"))

    def compose(self) -> ComposeResult:
        """Create the sign and place the input."""
        yield from (self._sign, self._box)


def title_row(title: str, note: str, close: tuple[str, str], width: int) -> Content:
    """The title with a note behind it, and at the right the key that closes the inspector, with its word."""
    right = pair(*close, "close")
    left = Content.styled(title, "bold $role-text")
    room = max(1, width - right.cell_length - 2)
    if note and left.cell_length + len(note) + 2 <= room:
        left += Content.styled(f"  {note}", MUTED)
    left = left.truncate(room, ellipsis=True)
    return left + " " * max(1, width - left.cell_length - right.cell_length) + right


def tab_row(current: int, note: str, width: int) -> Content:
    """The tabs, and at the right what is filtered."""
    gap = "   " if width >= 40 else " "
    tabs = [
        Content.styled(name, "bold underline $role-accent")
        if index == current
        else Content.styled(name, MUTED).stylize(Style.from_meta({"@click": f"show_tab({index})"}))
        for index, name in enumerate(TABS)
    ]
    row = Content(gap).join(tabs)
    if note and row.cell_length + len(note) + 1 > width:
        row = tabs[current]  # the others are known; what is left out is not
    words = Content.styled(note, "$role-warning")
    blank = width - row.cell_length - words.cell_length
    return row + " " * blank + words if note and blank > 0 else row


def key_row(hints: Sequence[tuple[str, str, str]], width: int) -> Content:
    """As many keys with their words as fit, and the last one always, at the right; each is the key, the word and the
    action."""
    row, last = Content(""), pair(*hints[-1])
    for key, word, action in hints[:-1]:
        hint = pair(key, word, action)
        gap = 2 if row else 0
        if row.cell_length + gap + hint.cell_length + 2 + last.cell_length > width:
            break
        row += Content(" " * gap) + hint
    return row + " " * max(0, width - row.cell_length - last.cell_length) + last


def pair(key: str, word: str, action: str) -> Content:
    """A key and what it does, to be clicked."""
    content = Content.assemble((key, "bold $role-text"), (f" {word}", MUTED))
    return content.stylize(Style.from_meta({"@click": action}))
