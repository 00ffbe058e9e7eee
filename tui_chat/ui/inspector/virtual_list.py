"""A list of any number of rows, of which only those in sight are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_chat.chat.clean import clean_in_place
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

Ink: TypeAlias = Literal["text", "muted", "accent", "user", "assistant", "success", "warning", "error", "bold"]
"""The role of a piece of a row; `bold` is text that names something."""
Piece: TypeAlias = tuple[str, Ink]

WHEEL = 3
"""Rows scrolled by one step of the mouse wheel."""
LEAD = 2
"""Cells before each row, for the sign of the picked one."""
_BREAKS = str.maketrans("\n\r\t", "   ")


def one_line(text: str, cells: int) -> str:
    """Foreign text for one row: cleaned, without line breaks, and cut by `…` where it is longer than `cells`."""
    if cells <= 0:
        return ""
    # Some characters take no cell, so more of them than cells are looked at, but not all of a long text.
    line = clean_in_place(text[: 2 * cells + 8].translate(_BREAKS))
    if len(text) <= 2 * cells + 8 and cell_len(line) <= cells:
        return line
    return line[: end_within(line, cells - 1)].rstrip() + "…"


def end_within(text: str, cells: int, start: int = 0) -> int:
    """The end of the longest part of a text from `start` on that takes at most so many cells. Rich's functions for it
    fail at some texts that begin with joiners."""
    length = len(text)
    if text.isascii():
        return min(length, start + cells)
    low, high = start, min(length, start + 2 * cells + 8)
    while high < length and cell_len(text[start:high]) <= cells:
        low, high = high, min(length, start + 2 * (high - start))
    while low < high:
        middle = (low + high + 1) // 2
        if cell_len(text[start:middle]) <= cells:
            low = middle
        else:
            high = middle - 1
    return low


class VirtualList(ScrollView, can_focus=True, inherit_bindings=False):
    """Draws the rows that a subclass gives in `row`, and lets one be picked. It follows the end while the last row is
    picked."""

    DEFAULT_CSS = """
    VirtualList {
        height: 1fr; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden;
        background: transparent;
        scrollbar-background: $background; scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $foreground 20%; scrollbar-color-hover: $foreground 40%;
        scrollbar-color-active: $foreground 55%;
        & > .list--text { color: $role-text; }
        & > .list--bold { color: $role-text; text-style: bold; }
        & > .list--muted { color: $role-muted; text-style: $role-dim-style; }
        & > .list--accent { color: $role-accent; }
        & > .list--user { color: $role-user; }
        & > .list--assistant { color: $role-assistant; }
        & > .list--success { color: $role-success; }
        & > .list--warning { color: $role-warning; text-style: bold; }
        & > .list--error { color: $role-error; text-style: bold; }
        & > .list--picked { background: $role-selection; text-style: bold $role-selection-style; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"list--{name}"
        for name in ("text", "bold", "muted", "accent", "user", "assistant", "success", "warning", "error", "picked")
    }

    @dataclass
    class Picked(Message):
        """Posted when another row was picked, or the picked one was clicked again."""

        list: VirtualList
        again: bool = False

        @property
        def control(self) -> VirtualList:
            """The list that posted it."""
            return self.list

    own_keys: ClassVar[frozenset[str]] = frozenset({"pageup", "pagedown", "ctrl+home", "ctrl+end"})
    """Keys that this list takes, though they are commands of the whole screen elsewhere."""
    moves: ClassVar[dict[str, str]] = {
        "up": "up", "k": "up", "down": "down", "j": "down", "pageup": "page up", "pagedown": "page down",
        "home": "first", "g": "first", "ctrl+home": "first", "end": "last", "G": "last", "ctrl+end": "last",
    }  # fmt: skip

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.count = 0
        """The number of rows."""
        self.pick = -1
        """The picked row; -1 if there is none."""

    # ---- for a subclass

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """The pieces of a row for a width in cells; what is longer is cut."""
        raise NotImplementedError

    # ---- for its owner

    @property
    def following(self) -> bool:
        """Whether new rows at the end become the picked one."""
        return self.pick == self.count - 1

    def show(self, count: int, pick: int | None = None) -> None:
        """Show so many rows. `pick`: the row to pick; `None`: the same as before, or the last if that was picked."""
        followed, before = self.following, self.count
        self.count = count
        self.virtual_size = Size(0, count)
        if pick is None:
            pick = count - 1 if followed else min(self.pick, count - 1)
        moved = pick != self.pick
        self.pick = pick
        if moved or count != before:
            self._to_pick()
            self.refresh()

    def move(self, where: str) -> None:
        """Pick another row: `up`, `down`, `page up`, `page down`, `first` or `last`."""
        page = max(1, self.size.height - 1)
        steps = {"up": -1, "down": 1, "page up": -page, "page down": page}
        if where in steps:
            self.pick_row(self.pick + steps[where])
        else:
            self.pick_row(0 if where == "first" else self.count - 1)

    def pick_row(self, index: int) -> None:
        """Pick a row, the nearest one there is."""
        index = max(0, min(index, self.count - 1)) if self.count else -1
        if index != self.pick:
            before, self.pick = self.pick, index
            for line in (before, index):
                self.refresh_line(line - round(self.scroll_y))
            self._to_pick()
            self.post_message(self.Picked(self))

    def _to_pick(self) -> None:
        height = self.size.height
        if self.pick < 0 or not height:
            return
        top = round(self.scroll_y)
        if self.pick < top:
            top = self.pick
        elif self.pick >= top + height:
            top = self.pick - height + 1
        self.scroll_to(y=max(0, min(top, self.count - height)), animate=False, immediate=True, force=True)

    @property
    def row_width(self) -> int:
        """Cells of a row, without the scrollbar."""
        return self.scrollable_content_region.width

    # ---- Textual

    def on_resize(self) -> None:
        """Keep the picked row in sight."""
        self._to_pick()

    def on_key(self, event: events.Key) -> None:
        """Move the picked row by a key."""
        if move := self.moves.get(event.key):
            event.stop()
            event.prevent_default()
            self.move(move)

    def on_click(self, event: events.Click) -> None:
        """Pick the row under the pointer."""
        index = round(self.scroll_y) + event.y
        if index < self.count:
            again = index == self.pick
            self.pick_row(index)
            if again:
                self.post_message(self.Picked(self, again=True))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll without changing the pick."""
        event.stop()
        self.scroll_relative(y=WHEEL, animate=False, immediate=True)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll without changing the pick."""
        event.stop()
        self.scroll_relative(y=-WHEEL, animate=False, immediate=True)

    def watch_has_focus(self, focused: bool) -> None:
        """Draw the picked row again."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one row of those in sight."""
        width, index = self.row_width, round(self.scroll_y) + y
        base = self.rich_style
        if not 0 <= index < self.count:
            return Strip.blank(width, base)
        picked = index == self.pick
        if picked:
            base += self.get_component_rich_style("list--picked", partial=True)
        reversed_ = picked and self.app.native_ansi_color  # where a colour would be a block
        segments = [Segment("▸ " if picked else "  ", base + self._ink("text" if reversed_ else "accent"))]
        room = width - LEAD
        for text, ink in self.row(index, width - LEAD):
            if room <= 0:
                break
            shown = one_line(text, room)
            plain = reversed_ or (picked and ink == "muted")
            segments.append(Segment(shown, base + self._ink("text" if plain else ink)))
            room -= cell_len(shown)
        return Strip(segments).adjust_cell_length(width, base)

    def _ink(self, ink: Ink) -> Style:
        return self.get_component_rich_style(f"list--{ink}", partial=True)
