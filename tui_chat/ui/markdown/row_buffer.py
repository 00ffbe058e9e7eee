"""The buffer into which Markdown is rendered: rows, and the logical lines that they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.style import Style

from tui_chat.ui.markdown.rows import GUTTER, MARGIN, Bars, WrappedRow, first_shorter
from tui_chat.ui.markdown.styled_text import StyledText, clipped, width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.ui.markdown.rows import Lead
    from tui_chat.ui.markdown.styled_text import Run
    from tui_chat.ui.markdown.styles import MarkdownStyles

SMALLEST = 8
"""Cells that remain for text at any indentation (if the pane is that wide)."""

LABELLED = 24
"""Cells for text from which a block of code has its number and `copy` beside its language, and its continued lines have
a mark."""


class Mark(NamedTuple):
    """A position in a buffer to cut back to."""

    rows: int
    lines: int
    last: str
    blocks: int
    """The number of blocks of code before it."""


class RowBuffer:
    """Rows and logical lines, growing at the end."""

    def __init__(self, width: int, styles: MarkdownStyles, *, blocks: int = 0, short: int = 0) -> None:
        """`blocks`: number of blocks of code before this text in its message. `short`: cells at the end of the first
        row that stay free."""
        self.width = width
        self.styles = styles
        self._blocks = blocks
        self._short = short
        self._top_marks = 0
        """The number of rows at the top that are not part of the text, such as the label of a block of code."""
        self.rows: list[WrappedRow] = []
        self.lines: list[str] = []
        self.kept = 0
        """Number of first rows that have not changed since this was set."""
        self.colours_at_once = True
        """Whether code waits for its lexer; else it stays without colours until a thread has created that."""
        self._margin = " " * min(GUTTER, max(0, width - 1))
        self._bars: dict[tuple[int, ...], Bars] = {}
        self._leads: dict[Lead, Lead] = {}

    @property
    def blocks(self) -> int:
        """The number of blocks of code up to here, with those of the message before this text."""
        return self._blocks

    def mark(self) -> Mark:
        """The current end of the buffer."""
        return Mark(len(self.rows), len(self.lines), self.lines[-1] if self.lines else "", self._blocks)

    def cut(self, mark: Mark) -> None:
        """Remove everything after `mark`."""
        del self.rows[mark.rows :], self.lines[mark.lines :]
        self._top_marks = min(self._top_marks, mark.rows)
        self.kept = min(self.kept, mark.rows)
        self._blocks = mark.blocks
        if self.lines:
            self.lines[-1] = mark.last

    def gap(self, bars: tuple[int, ...] = ()) -> None:
        """Add a blank row between two blocks; nothing at the top."""
        if self.rows:
            self.lines.append("")
            indent = " " * (max(bars) + 1) if bars else ""
            self._add(0, self._shared(((self._margin + indent, self.styles.text),)), bars=bars)

    def room(self, indent: int) -> int:
        """Cells for text after `indent` cells of indentation."""
        return max(min(SMALLEST, self.width), self.width - GUTTER - MARGIN - indent, 1)

    def _add(
        self,
        start: int,
        lead: Lead,
        text: str = "",
        runs: tuple[Run, ...] = (),
        base: Style | None = None,
        *,
        bars: tuple[int, ...] = (),
        tail: Lead = (),
    ) -> None:
        """Add a row of the last logical line."""
        base = base or self.styles.text
        painted = self._bars_over(bars) if bars else None
        number = len(self.lines) - 1
        self.rows.append(WrappedRow(self.width, number, start, lead, text, runs, base, bars=painted, tail=tail))

    def _bars_over(self, cells: tuple[int, ...]) -> Bars:
        """The bars over these cells, counted from the margin; one object for all rows that have them."""
        if cells not in self._bars:
            margin, styles = len(self._margin), self.styles
            self._bars[cells] = Bars(tuple(margin + cell for cell in cells), styles.bar_sign, styles.bar)
        return self._bars[cells]

    def _shared(self, lead: Lead) -> Lead:
        """An equal lead that other rows have already, so that many short blocks do not have one each."""
        return self._leads.setdefault(lead, lead)

    def _add_mark(self, lead: Lead, base: Style | None = None, *, bars: tuple[int, ...] = (), tail: Lead = ()) -> None:
        """Add a row that is not a part of the text: it shows the end of the logical line above it, which is nothing. At
        the top it belongs to the line that follows."""
        at_top = len(self.rows) == self._top_marks
        if not self.lines:
            self.lines.append("")
        self._add(len(self.lines[-1]), lead, base=base, bars=bars, tail=tail)
        if at_top:
            self._top_marks = len(self.rows)

    def text(
        self,
        text: StyledText,
        *,
        base: Style | None = None,
        indent: str = "",
        own: str = "",
        own_style: Style | None = None,
        hang: str = "",
        bars: tuple[int, ...] = (),
        onto: bool = False,
    ) -> None:
        """Render text, with a logical line for each of its lines.

        `indent` precedes every row and is not part of a logical line. `own` (a bullet, for example) begins the first
        logical line, `hang` (of the same width) the others and all continuation rows. `onto`: the first line continues
        the last logical line; if that is empty, `text` already begins with the width of `hang`. `bars`: the blank
        cells, counted from the margin, over which bars are painted.
        """
        base = base or self.styles.text
        room = self.room(width_of(indent) + width_of(hang))
        margin = self._margin + indent
        squeezed = len(margin) + len(hang) + room > self.width
        if squeezed:
            margin, own, hang, text = self._squeezed(margin, own, hang, text, self.width - room)
        lead = self._shared(((margin, base),))
        hung = self._shared(((margin + hang, base),)) if hang else lead
        if bars:
            blank = len(margin) + (0 if squeezed else len(hang))
            bars = tuple(cell for cell in bars if 0 <= len(self._margin) + cell < blank)
        for part in text.lines():
            line = part
            if onto:
                shift = len(self.lines[-1])
                head = "" if shift else hang
                self.lines[-1] += line.plain
            else:
                shift, head = 0, own
                if own:
                    line = StyledText(own, ((0, len(own), own_style),) if own_style else ()).joined(line)
                self.lines.append(line.plain)
            plain, runs = line
            for index, (start, end) in enumerate(self._wrapped(plain, room, len(head))):
                first = index == 0 and not (onto and shift)
                begin = 0 if first else start
                cut = tuple(clipped(runs, begin, end)) if runs else ()
                self._add(shift + begin, lead if first else hung, plain[begin:end], cut, base, bars=bars)
            onto, own, own_style = False, hang, None

    def _wrapped(self, plain: str, room: int, start: int) -> list[tuple[int, int]]:
        """The rows of a line; the first row of the buffer is shorter if something else stands at its end."""
        if not self._short or self.rows or room - self._short < SMALLEST:
            return wrap(plain, room, start)
        return first_shorter(plain, room, self._short, start)

    @staticmethod
    def _squeezed(margin: str, own: str, hang: str, text: StyledText, cells: int) -> tuple[str, str, str, StyledText]:
        """Margin, bullet, hanging indent and text for a pane with only `cells` cells before the text: indentation is
        reduced, and a bullet without room becomes text."""
        margin = margin[: max(0, cells - len(hang))]
        hang = hang[: max(0, cells - len(margin))]
        mark = own.strip()
        if own and len(mark) < len(hang):
            return margin, own[len(own) - len(hang) :], hang, text
        if mark:
            text = StyledText(f"{mark} ").joined(text)
        return margin, "", hang, text

    def pop_last_row(self) -> StyledText:
        """Remove the last row, and its text from the last logical line, to be continued with `text(…, onto=True)`."""
        row = self.rows.pop()
        rest = self.lines[-1][row.start :]
        self.lines[-1] = self.lines[-1][: row.start]
        return StyledText(rest, row.runs)

    def row(self, text: StyledText, *, base: Style | None = None, indent: str = "", bars: tuple[int, ...] = ()) -> None:
        """Render one logical line as one row; its text must fit."""
        base = base or self.styles.text
        self.lines.append(text.plain.rstrip(" "))
        self._add(0, self._indented(indent, base), text.plain, text.runs, base, bars=bars)

    def mark_row(self, text: str, *, style: Style, indent: str = "", bars: tuple[int, ...] = ()) -> None:
        """Render a row that is not a part of the text: the rule below a table's head, or nothing between its rows."""
        base = self.styles.text
        self._add_mark((*self._indented(indent, base), (text, base + style)), bars=bars)

    def _indented(self, indent: str, base: Style) -> Lead:
        return self._shared((((self._margin + indent)[: self.width - self.room(len(indent))], base),))

    def rule(self, indent: str = "", bars: tuple[int, ...] = (), *, below: bool = False) -> None:
        """Add a horizontal rule; its logical line is empty, or that of the heading which it is `below`."""
        if not below:
            self.lines.append("")
        base = self.styles.text
        room = max(0, self.width - GUTTER - MARGIN - len(indent))
        lead = (*self._indented(indent, base), (self.styles.signs.rule * room, base + self.styles.rule))
        self._add_mark(lead, bars=bars)

    def code_line(self, text: StyledText, *, indent: str = "", own: str = "", bars: tuple[int, ...] = ()) -> None:
        """Render one line of code, with a background up to the column's edge and wrapped anywhere.

        `indent` (or `own`, a bullet of the same width) precedes the background. Tabs become four spaces.
        """
        first, rest, room = self._code_leads(indent, own)
        base = self.styles.code_block
        text = text.without_tabs()
        if self.lines and len(self.rows) == self._top_marks:
            self.lines[-1] = text.plain
        else:
            self.lines.append(text.plain)
        mark = f"{self.styles.signs.wrap} " if room >= LABELLED else ""
        first, rest = self._shared(first), self._shared(rest)
        hung = self._shared((*rest, (mark, base + self.styles.faint))) if mark else rest
        for index, (start, end) in enumerate(first_shorter(text.plain, room, -len(mark), words=False)):
            runs = tuple(clipped(text.runs, start, end)) if text.runs else ()
            self._add(start, hung if index else first, text.plain[start:end], runs, base, bars=bars)

    def code_label(self, text: str, *, indent: str = "", own: str = "", bars: tuple[int, ...] = ()) -> bool:
        """Render the row above a block of code: its language, and at the right its number and `copy`. It is not copied
        with the code. Returns false if there is nothing to show."""
        self._blocks += 1
        styles = self.styles
        base, tail = styles.code_block, self._code_tail(self.room(len(indent) + len(styles.code_mark)))
        if not text and not tail:
            return False
        lead, rest, room = self._code_leads(indent, own)
        short = sum(len(part) for part, _ in tail)
        for start, end in first_shorter(text, room, short + GUTTER if short else 0):
            self._add_mark((*lead, (text[start:end], base + styles.muted)), base, bars=bars, tail=tail)
            lead, tail = rest, ()
        return True

    def _code_tail(self, room: int) -> Lead:
        """The number of the last block of code, and a word to click that copies it."""
        if room < LABELLED:
            return ()
        styles = self.styles
        base = styles.code_block
        click = Style.from_meta({"@click": ("copy_code", (self._blocks,))})
        return ((f"{self._blocks} ", base + styles.faint), ("copy", base + styles.muted + click), (" " * MARGIN, base))

    def _code_leads(self, indent: str, own: str) -> tuple[Lead, Lead, int]:
        """The text before the first and the other rows of code, and the cells left for code. The background begins one
        cell before the code, or with the gutter."""
        styles, mark = self.styles, self.styles.code_mark
        room = self.room(len(indent) + len(mark))
        margin = self._margin
        if len(margin) + len(indent) + len(mark) + room > self.width:
            if bullet := own.strip():  # a row of its own, since beside the code there is none
                self.text(StyledText(bullet))
            own = mark = ""
            cells = self.width - room
            margin, indent = margin[:cells], indent[: max(0, cells - len(margin))]
        marked: Lead = ((mark, styles.code_block + styles.rule),) if mark else ()
        if not indent:
            lead: Lead = ((margin, styles.code_block), *marked)
            return lead, lead, room
        rest: Lead = ((margin + indent[:-1], styles.text), (indent[-1], styles.code_block), *marked)
        if not own:
            return rest, rest, room
        return ((margin + own[:-1], styles.text), (own[-1], styles.code_block), *marked), rest, room

    def keep(self, old: Sequence[WrappedRow], at: int) -> int:
        """Reuse rows of `old` that equal those from row `at` on, with their painted strips. Returns the first row that
        differs."""
        for row in old:
            if at >= len(self.rows) or self.rows[at] != row:
                break
            self.rows[at] = row
            at += 1
        return at
