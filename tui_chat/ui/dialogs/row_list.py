"""The list of a dialog. It may have any length: only the visible rows are drawn."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, TypeAlias

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_chat.chat.clean import clean, clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.dialogs.dialog_rows import MARGIN
from tui_chat.ui.roles import MUTED, PICKED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.geometry import Size

BLANKS = re.compile(r"\s+")
WHEEL = 3
"""Rows scrolled by one step of the mouse wheel."""
GAP = 2
"""Cells between two columns."""
SIGN = 2
"""Cells of a row's own sign and the blank behind it."""
NAME_ROOM = 30
"""Cells that names are given, if one is that long, before notes are."""
FOUND = "bold underline not dim"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of notes at the right of the names."""

    align: Literal["left", "right"] = "left"
    leaves: int = 0
    """The order in which columns are left out of a narrow window: the highest number first."""
    widest: int = 24
    """Cells; a longer note ends in `…`."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row that can be picked. All texts may be foreign: they are cleaned and never read as markup."""

    name: str
    notes: Sequence[str] = ()
    """One text for each of the list's columns, empty where there is nothing to say."""
    value: object = None
    """The value of the row. Rows with equal values are the same row to a list that is shown again."""
    sign: str = ""
    """One cell before the name: `●` for the one in use, `○` unread, `★` pinned."""
    letters: Sequence[int] = ()
    """Indexes of the letters of the name that were searched for."""
    below: Sequence[tuple[str, bool]] = ()
    """The pieces of a second line, each with whether it was searched for."""
    also: Sequence[str] = ()
    """Further words by which a filter finds the row."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a group; a blank row stands above it."""

    title: str
    note: str = ""
    """A few words behind it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in the list, such as that nothing was found; it is wrapped and cannot be picked."""

    text: str
    warning: bool = False


ListItem: TypeAlias = ListRow | Heading | Sentence


class RowList(Widget):
    """Rows in groups, one of which is picked. An input above it has the focus and moves the pick."""

    DEFAULT_CSS = """
    RowList { height: auto; color: $role-muted; }
    """

    @dataclass
    class Clicked(Message):
        """Posted when a row is clicked, which is then the picked one. `again`: it was that before."""

        again: bool

    @dataclass
    class Picked(Message):
        """Posted when another row is picked."""

    @dataclass
    class EndInSight(Message):
        """Posted when the last row is visible, so that more rows can be loaded."""

    def __init__(
        self, columns: Sequence[Column], rows_at_most: Callable[[Size], int], *, compact: bool = False
    ) -> None:
        """`rows_at_most` gives the greatest height of the list on a screen of a size. `compact`: rows have
        no signs, and notes stand close to the names instead of at the right."""
        super().__init__()
        self._compact = compact
        self._name_at = MARGIN + (0 if compact else SIGN)
        """The cell at which names begin: after the sign of the picked row, and the row's own."""
        self._columns = columns
        self._rows_at_most = rows_at_most
        self._items: Sequence[ListItem] = ()
        self._tops: list[int] = [0]
        """The first line of each item, and at the end the total height."""
        self._widths: Sequence[int] = ()
        """The cells that each column needs."""
        self._longest = 0
        """The cells of the longest name."""
        self._most = 0
        """The greatest height so far, which the list keeps, so that a dialog doesn't jump while one types."""
        self._pick = -1
        self._first = 0
        """The line at the widget's top edge."""
        self._shows_pick = True

    def show(self, items: Sequence[ListItem], pick: int = 0) -> None:
        """Show these items; the first row from `pick` on is picked."""
        self._items = items
        rows = [item for item in items if isinstance(item, ListRow)]
        self._longest = max((_cells(row.name) for row in rows), default=0)
        self._widths = [
            min(column.widest, max((_cells(row.notes[at]) for row in rows if at < len(row.notes)), default=0))
            for at, column in enumerate(self._columns)
        ]
        self._pick = self._nearest(pick, 1)
        self._measure()
        if self._tops[-1] > self._most:
            self._most = self._tops[-1]
            self.refresh(layout=True)
        self._to_pick()

    def _measure(self) -> None:
        self._tops = [0, *accumulate(self._height_of(item, index) for index, item in enumerate(self._items))]

    def grow_to(self, height: int) -> None:
        """Make the list this high, if there is room, even if its rows are fewer."""
        self._most = max(self._most, height)

    @property
    def items(self) -> Sequence[ListItem]:
        """The rows and headings that are shown."""
        return self._items

    @property
    def picked(self) -> ListRow | None:
        """The picked row, if there is one."""
        item = self._items[self._pick] if self._pick >= 0 else None
        return item if isinstance(item, ListRow) else None

    @property
    def pick(self) -> int:
        """The index of the picked row; -1 if there is none."""
        return self._pick

    @property
    def shows_pick(self) -> bool:
        """Whether the picked row looks picked."""
        return self._shows_pick

    def set_shows_pick(self, *, shown: bool) -> None:
        """Let the picked row look picked or like the others."""
        if shown != self._shows_pick:
            self._shows_pick = shown
            self.refresh()

    @property
    def pick_line(self) -> int:
        """The line of the picked row, counted from the beginning of the list."""
        return self._tops[max(0, self._pick)]

    def move(self, by: int) -> None:
        """Move the pick by `by` items, to the nearest row."""
        found = self._nearest(min(max(self._pick + by, 0), len(self._items) - 1), 1 if by > 0 else -1)
        if found >= 0 and found != self._pick:
            self._pick = found
            self.post_message(self.Picked())
        self._to_pick()

    def page(self, pages: int) -> None:
        """Move the pick by the visible height."""
        self.move(pages * max(1, self.size.height - 2))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The height of the longest list so far, within bounds."""
        return max(1, min(self._most, self._rows_at_most(viewport)))

    def _height_of(self, item: ListItem, index: int) -> int:
        match item:
            case ListRow(below=below):
                return 2 if below else 1
            case Heading():
                return 2 if index else 1
            case Sentence() as sentence:
                return len(_wrapped(sentence, self.size.width))

    def _nearest(self, wanted: int, step: int) -> int:
        """The row at `wanted` or the nearest one, searched first in the direction of `step`."""
        length = len(self._items)
        for candidates in (
            range(max(0, wanted), length) if step > 0 else range(wanted, -1, -1),
            range(min(wanted, length) - 1, -1, -1) if step > 0 else range(max(0, wanted), length),
        ):
            for index in candidates:
                if isinstance(self._items[index], ListRow):
                    return index
        return -1

    def _to_pick(self) -> None:
        if self._pick >= 0 and self.size.height:
            top, bottom = self._tops[self._pick], self._tops[self._pick + 1]
            above = self._pick - 1
            while above >= 0 and not isinstance(self._items[above], ListRow):  # a heading belongs to what is below it
                top, above = self._tops[above], above - 1
            self._first = max(min(self._first, top), bottom - self.size.height)
        self._scroll(0)

    def _scroll(self, by: int) -> None:
        last = max(0, self._tops[-1] - self.size.height)
        self._first = min(max(0, self._first + by), last)
        self.refresh()
        if self._items and self._first >= last:
            self.post_message(self.EndInSight())

    # Drawing

    def render(self) -> Content:
        """Render the visible lines."""
        width, height = self.size
        columns = self._shown_columns(width)
        index = bisect_right(self._tops, self._first) - 1
        skip = self._first - self._tops[index]
        lines: list[Content] = []
        # Below another dialog the pick would stick out at its edges, where the terminal's own colours dim nothing.
        shows_pick = self.shows_pick and self.screen.is_active
        while len(lines) < height + skip and index < len(self._items):
            picked = index == self._pick and shows_pick
            for line in self._lines_of(index, width, columns, picked=picked):
                full = line.truncate(max(1, width), ellipsis=True)
                full += " " * max(0, width - full.cell_length)
                lines.append(full.stylize_before(PICKED) if picked else full)
            index += 1
        return Content("\n").join(self._with_scrollbar(lines[skip : skip + height], width))

    def _with_scrollbar(self, lines: list[Content], width: int) -> list[Content]:
        """The lines, and in their last cells which part of a longer list they are."""
        height, total = len(lines), self._tops[-1]
        if total <= self.size.height or width <= self._name_at:
            return lines
        size = max(1, height * height // total)
        top = min(height - size, round((height - size) * self._first / max(1, total - height)))
        bar = Content.styled("█", "$role-line $role-dim-style")
        return [line[:-1] + (bar if top <= at < top + size else " ") for at, line in enumerate(lines)]

    def _shown_columns(self, width: int) -> list[int]:
        """The columns for which there is room beside the names."""
        shown = [at for at, cells in enumerate(self._widths) if cells]
        room = width - self._name_at - MARGIN - min(self._longest, NAME_ROOM)
        while shown and sum(self._widths[at] + GAP for at in shown) > room:
            shown.remove(max(shown, key=lambda at: (self._columns[at].leaves, at)))
        return shown

    def _lines_of(self, index: int, width: int, columns: Sequence[int], *, picked: bool) -> list[Content]:
        match self._items[index]:
            case ListRow() as row:
                lines = [self._row_line(row, width, columns, picked=picked)]
                if row.below:
                    accent = "$role-pick" if picked else "$role-accent"
                    excerpt = excerpt_line(row.below, width - self._name_at - MARGIN, f"{FOUND} {accent}")
                    lines.append(" " * self._name_at + excerpt.stylize_before("$role-text" if picked else MUTED))
                return lines
            case Heading() as heading:
                line = " " * MARGIN + Content.styled(clean_line(heading.title), "bold $role-accent")
                if heading.note:
                    line += Content.styled(f"  {clean_line(heading.note)}", MUTED)
                line = line.truncate(max(1, width - MARGIN), ellipsis=True)
                return [Content(""), line] if index else [line]
            case Sentence() as sentence:
                style = "$role-warning" if sentence.warning else MUTED
                return [" " * MARGIN + Content.styled(line, style) for line in _wrapped(sentence, width)]

    def _row_line(self, row: ListRow, width: int, columns: Sequence[int], *, picked: bool) -> Content:
        accent = "$role-pick" if picked else "$role-accent"
        lead = Content.styled("▸ ", accent) if picked else Content("  ")
        sign = Content("" if self._compact else f"{row.sign[:1]:1} ").stylize(accent)
        notes = Content("")
        for at in columns:
            cell = Content(clean_line(row.notes[at]) if at < len(row.notes) else "")
            cell = cell.truncate(self._widths[at], ellipsis=True)
            blank = " " * (self._widths[at] - cell.cell_length)
            notes += " " * GAP + (blank + cell if self._columns[at].align == "right" else cell + blank)
        name = Content(clean_line(row.name))
        if name.plain == row.name:
            for letter in row.letters:
                name = name.stylize(f"{FOUND} {accent}", letter, letter + 1)
        # A long name may take the room of notes that its row does not have.
        if (spare := len(notes.plain) - len(notes.plain.lstrip()) - GAP) > 0:
            notes = notes[spare:] if notes.plain.strip() else Content("")
        room = width - self._name_at - MARGIN - notes.cell_length
        room = max(1, min(room, max(self._longest, NAME_ROOM)) if self._compact else room)
        name = name.truncate(room, ellipsis=True).stylize_before("bold $role-text" if picked else "$role-text")
        notes = notes.stylize_before("$role-text" if picked else MUTED)
        return lead + sign + name + " " * (room - name.cell_length) + notes

    # The mouse

    def on_resize(self) -> None:
        """Keep the picked row visible."""
        self._measure()
        self._to_pick()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll without changing the pick."""
        event.stop()
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll without changing the pick."""
        event.stop()
        self._scroll(-WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Pick the row under the mouse."""
        event.stop()
        line = self._first + event.y
        if line >= self._tops[-1]:
            return
        index = bisect_right(self._tops, line) - 1
        if isinstance(self._items[index], ListRow):
            again, self._pick = index == self._pick, index
            self.refresh()
            self.post_message(self.Clicked(again))


def excerpt_line(pieces: Sequence[tuple[str, bool]], width: int, found: str) -> Content:
    """Pieces of a text in one line, with the first one that was searched for visible; `found` is the style of those."""
    line = Content("").join(Content.styled(_one_line(text), found if hit else "") for text, hit in pieces)
    before = 0
    for text, hit in pieces:
        if hit:
            break
        before += len(_one_line(text))
    if line.cell_length > width and before > width // 3:
        line = Content("…") + line[before - width // 3 :]
    return line.truncate(max(1, width), ellipsis=True)


def _wrapped(sentence: Sentence, width: int) -> list[str]:
    text = Content(clean_line(sentence.text))
    room = width - 2 * MARGIN
    return [line.plain.rstrip() for line in text.wrap(room)] if room > 0 else [text.plain]


def _one_line(text: str) -> str:
    return BLANKS.sub(" ", clean(text))


def _cells(text: str) -> int:
    return len(text) if text.isascii() else Content(text).cell_length
