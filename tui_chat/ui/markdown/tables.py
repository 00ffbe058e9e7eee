"""Tables with columns that fit the pane and wrapped cells.

Columns are separated by space and the head by a rule, without vertical lines. A wrapped row becomes several logical
lines, as it is seen, and then blank rows separate the rows. If columns would have to break words, or become narrower
than eight cells, each row becomes a record instead: one line per cell, preceded by its column's name.
"""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.markdown.styled_text import StyledText, TextBuilder, width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_chat.ui.markdown.row_buffer import RowBuffer

Align: TypeAlias = Literal["left", "center", "right"]

GAP = "  "
LEAST = 3
"""The minimum width of a column, in cells."""

NARROW = 8
"""The minimum width of a column whose cells are wider; narrower ones cannot be read."""

ALIGNED = 24
"""Cells for text from which the names of columns in records are aligned, if they need no more than half of them."""

LONG_WORD = 16
"""Words of at least this many cells may be broken: a path or a URL is no reason to give up columns."""

EMPTY = StyledText("")

RULED = "ruled"
"""The key in the `meta` of a table's first token for the number of columns whose dashes have come, if not all have."""


@dataclass(slots=True)
class Cell:
    """A cell's lines, and the widths of the cell and its longest word."""

    lines: list[StyledText]
    natural: int
    word: int

    @classmethod
    def of(cls, text: StyledText) -> Cell:
        """Create a cell from its text, and measure it."""
        lines = text.lines()
        natural = max(width_of(line.plain) for line in lines)
        word = natural if natural <= LEAST else max(map(width_of, text.plain.split()), default=0)
        return cls(lines, natural, word)


_EMPTY_CELL = Cell([EMPTY], 0, 0)


class Table:
    """A table that grows by rows; the first is its head. A new row may widen columns, and then all rows must be
    rendered again."""

    def __init__(self, aligns: Sequence[Align], room: int) -> None:
        self._aligns = list(aligns)
        self._room = room
        self._rows: list[list[Cell]] = []
        self._natural = [0] * len(self._aligns)
        self._word = [0] * len(self._aligns)
        self.widths: list[int] = [0] * len(self._aligns)
        """Widths of the columns in cells; empty if there is no room for columns."""
        self.ruled = len(self._aligns)
        """The number of columns with a rule below their heads; the dashes of others have not come."""
        self._wraps = False
        """Whether a cell needs several rows."""

    def __len__(self) -> int:
        return len(self._rows)

    def copied(self) -> Table:
        """An independent copy of the table."""
        table = Table(self._aligns, self._room)
        table._rows, table._natural, table._word = list(self._rows), list(self._natural), list(self._word)
        table.widths, table._wraps = list(self.widths), self._wraps
        return table

    def add(self, cells: Sequence[StyledText]) -> bool:
        """Add a row; returns whether the rows before it must be rendered again."""
        row = [Cell.of(cell) if cell.plain else _EMPTY_CELL for cell in cells[: len(self._natural)]]
        self._rows.append(row)
        changed = False
        for index, cell in enumerate(row):
            # wider than the pane makes no difference, so a table of long cells soon stops changing
            natural, word = min(cell.natural, self._room), min(cell.word, self._room)
            if natural > self._natural[index] or word > self._word[index]:
                self._natural[index] = max(natural, self._natural[index])
                self._word[index] = max(word, self._word[index])
                changed = True
        alone = len(self._rows) == 2 and not self.widths  # the head was rendered because there was nothing else
        if changed:
            widths = self._new_widths()
            changed = widths != self.widths
            self.widths = widths
        if self.widths and (changed or not self._wraps):
            wraps = any(map(self._is_tall, self._rows[1:] if changed else [row]))
            changed, self._wraps = changed or wraps != self._wraps, wraps
        return changed or alone

    def _new_widths(self) -> list[int]:
        room = self._room - len(GAP) * (len(self._natural) - 1)
        crowded = sum(min(word, LONG_WORD) for word in self._word) > max(room, LONG_WORD)
        widths = [] if crowded or room < LEAST else _fitted(self._natural, self._word, room)
        narrow = any(width < min(NARROW, natural) for width, natural in zip(widths, self._natural, strict=False))
        return [] if narrow or sum(widths) > room else widths

    def _is_tall(self, row: list[Cell]) -> bool:
        return any(len(cell.lines) > 1 or cell.natural > width for cell, width in zip(row, self.widths, strict=False))

    def render(self, buffer: RowBuffer, first: int = 0, indent: str = "", bars: tuple[int, ...] = ()) -> Iterator[None]:
        """Render the rows from number `first` on (the head is row 0), yielding between slices."""
        if not self.widths and self._natural:
            yield from self._render_records(buffer, first, indent, bars)
            return
        for number in range(first, len(self._rows)):
            if self._wraps and number > 1:
                buffer.mark_row("", style=buffer.styles.rule, indent=indent, bars=bars)
            self._render_row(buffer, self._rows[number], indent, bars, head=number == 0)
            if number == 0 and self.ruled:
                rules = GAP.join(buffer.styles.signs.rule * width for width in self.widths[: self.ruled])
                buffer.mark_row(rules[: self._room], style=buffer.styles.rule, indent=indent, bars=bars)
            if number % 40 == 39:
                yield

    def _render_records(self, buffer: RowBuffer, first: int, indent: str, bars: tuple[int, ...]) -> Iterator[None]:
        head, *rows = self._rows
        names = [StyledText(" ".join(line.plain for line in cell.lines)) for cell in head]
        if not rows:
            self._render_record(buffer, [StyledText("")] * len(names), head, indent, bars)
        for number, row in enumerate(rows[max(0, first - 1) :], max(1, first)):
            if number > 1:
                buffer.gap(bars)
            self._render_record(buffer, names, row, indent, bars)
            if number % 40 == 39:
                yield

    def _render_record(
        self, buffer: RowBuffer, names: list[StyledText], row: list[Cell], indent: str, bars: tuple[int, ...]
    ) -> None:
        widest = max((width_of(name.plain) for name in names), default=0)
        aligned = widest <= self._room // 2 and self._room >= ALIGNED
        for name, cell in zip(names, row, strict=False):
            if not cell.natural:
                continue
            built = TextBuilder()
            own = hang = ""
            if aligned and widest:
                own, hang = name.plain + " " * (widest - width_of(name.plain)) + GAP, " " * (widest + len(GAP))
            elif name.plain:
                built.add(name.plain, buffer.styles.table_head)
                built.add(GAP)
                hang = GAP
            for number, line in enumerate(cell.lines):
                built.add("\n" if number else "")
                built.extend(line)
            style = buffer.styles.table_head
            buffer.text(built.text(), indent=indent, own=own, own_style=style, hang=hang, bars=bars)

    def _render_row(
        self, buffer: RowBuffer, row: list[Cell], indent: str, bars: tuple[int, ...], *, head: bool
    ) -> None:
        columns: list[list[StyledText]] = []
        for cell, width in zip(chain(row, repeat(_EMPTY_CELL)), self.widths, strict=False):
            parts: list[StyledText] = []
            for line in cell.lines:
                if width_of(line.plain) <= width:
                    parts.append(line)
                else:
                    parts += [line.part(start, end) for start, end in wrap(line.plain, width)]
            columns.append(parts)
        base = buffer.styles.text + buffer.styles.table_head if head else buffer.styles.text
        for level in range(max(map(len, columns))):
            built = TextBuilder()
            for index, (parts, width, align) in enumerate(zip(columns, self.widths, self._aligns, strict=True)):
                part = parts[level] if level < len(parts) else StyledText("")
                empty = max(0, width - width_of(part.plain))
                left = {"left": 0, "center": empty // 2, "right": empty}[align]
                built.add((GAP if index else "") + " " * left)
                built.extend(part)
                built.add(" " * (empty - left))
            buffer.row(built.text().cut_to(self._room), base=base, indent=indent, bars=bars)


def _fitted(natural: Sequence[int], words: Sequence[int], room: int) -> list[int]:
    """The widths of columns that need `natural` cells each and get `room` in total.

    Columns that need less than their share get what they need; the others share the rest. A column's longest word is
    only broken if words leave no room.
    """
    if sum(natural) <= room:
        return list(natural)
    widths = [min(LEAST, want) for want in natural]
    for wishes in (words, natural):
        left = room - sum(widths)
        while left > 0:
            hungry = [index for index, wish in enumerate(wishes) if widths[index] < wish]
            if not hungry:
                break
            share = max(1, left // len(hungry))
            for index in hungry:
                more = min(share, wishes[index] - widths[index], left)
                widths[index] += more
                left -= more
    return widths
