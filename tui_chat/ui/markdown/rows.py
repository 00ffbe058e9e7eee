"""The rows from which a transcript is painted.

A *logical line* is a line of text as a user would copy it. A *row* is one screen line of it: as wide as the pane, and
it knows which part of which logical line it shows. A row creates its strip on first use, so a long text is only painted
where it is visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rich.segment import Segment
from textual.strip import Strip

from tui_chat.ui.markdown.styled_text import StyledText, clipped, width_of, wrap
from tui_chat.ui.markdown.styled_text import graphemes as graphemes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.style import Style

    from tui_chat.ui.markdown.styled_text import Run
    from tui_chat.ui.markdown.styles import MarkdownStyles

MARGIN = 1
"""Empty cells left and right of all text."""

SMALLEST = 8
"""Cells that remain for text at any indentation (if the pane is that wide)."""

Lead: TypeAlias = "tuple[tuple[str, Style], ...]"


class Row:
    """One screen line, and the part of a logical line that it shows."""

    __slots__ = ("_strip", "line", "prefix", "start")

    def __init__(self, strip: Strip | None, line: int, start: int, prefix: int) -> None:
        self._strip = strip
        self.line = line
        """Index of its logical line."""
        self.start = start
        """The character of the logical line at which the row's text begins."""
        self.prefix = prefix
        """Number of characters (and cells) before that text: margin, indentation, a code line's gutter."""

    @property
    def strip(self) -> Strip:
        """The painted row, exactly as wide as the pane; always the same object, so that Textual's caches in it stay
        valid."""
        if self._strip is None:
            self._strip = self._painted()
        return self._strip

    def _painted(self) -> Strip:
        raise NotImplementedError


class WrappedRow(Row):
    """A row of rendered text, painted on first use."""

    __slots__ = ("_base", "_lead", "_width", "runs", "text")

    def __init__(
        self, width: int, line: int, start: int, lead: Lead, text: str, runs: tuple[Run, ...], base: Style
    ) -> None:
        super().__init__(None, line, start, sum(len(part) for part, _ in lead))
        self.text = text
        """The part of the logical line that the row shows."""
        self._width = width
        self._lead = lead
        self.runs = runs
        """The styles over `text`."""
        self._base = base

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, WrappedRow)
            and self.text == other.text
            and self.line == other.line
            and self.start == other.start
            and self._width == other._width
            and self._lead == other._lead
            and self.runs == other.runs
            and self._base == other._base
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"WrappedRow({self.line}, {self.start}, {self.prefix}, {self.text!r})"

    def _painted(self) -> Strip:
        base = self._base
        pieces: list[tuple[str, Style]] = list(self._lead)
        at = 0
        for start, end, style in self.runs:
            if start > at:
                pieces.append((self.text[at:start], base))
            pieces.append((self.text[start:end], base + style))
            at = end
        if at < len(self.text):
            pieces.append((self.text[at:], base))
        fill = self._width - self.prefix - width_of(self.text)
        pieces.append((" " * max(0, fill), base))
        segments: list[Segment] = []
        pending, worn = "", base
        for text, style in pieces:
            if style is worn or style == worn:
                pending += text
                continue
            if pending:
                segments.append(Segment(pending, worn.rich_style))
            pending, worn = text, style
        if pending:
            segments.append(Segment(pending, worn.rich_style))
        if fill >= 0 and self.text.isascii():
            return Strip(segments, self._width)
        # a joiner with nothing to join changes the width of its neighbours, so the strip is measured again
        return Strip(segments).adjust_cell_length(self._width, base.rich_style)


class Mark(NamedTuple):
    """A position in a buffer to cut back to."""

    rows: int
    lines: int
    last: str


class RowBuffer:
    """Rows and logical lines, growing at the end."""

    def __init__(self, width: int, styles: MarkdownStyles) -> None:
        self.width = width
        self.styles = styles
        self.rows: list[WrappedRow] = []
        self.lines: list[str] = []
        self.kept = 0
        """Number of first rows that have not changed since this was set."""
        self.colours_at_once = True
        """Whether code waits for its lexer; else it stays without colours until a thread has created that."""
        self._margin: Lead = ((" " * min(MARGIN, max(0, width - 1)), styles.text),)

    def mark(self) -> Mark:
        """The current end of the buffer."""
        return Mark(len(self.rows), len(self.lines), self.lines[-1] if self.lines else "")

    def cut(self, mark: Mark) -> None:
        """Remove everything after `mark`."""
        del self.rows[mark.rows :], self.lines[mark.lines :]
        self.kept = min(self.kept, mark.rows)
        if self.lines:
            self.lines[-1] = mark.last

    def gap(self) -> None:
        """Add a blank row between two blocks; nothing at the top."""
        if self.rows:
            self.lines.append("")
            self.rows.append(WrappedRow(self.width, len(self.lines) - 1, 0, self._margin, "", (), self.styles.text))

    def room(self, indent: int) -> int:
        """Cells for text after `indent` cells of indentation."""
        return max(min(SMALLEST, self.width), self.width - 2 * MARGIN - indent, 1)

    def text(
        self,
        text: StyledText,
        *,
        base: Style | None = None,
        indent: str = "",
        own: str = "",
        own_style: Style | None = None,
        hang: str = "",
        onto: bool = False,
    ) -> None:
        """Render text, with a logical line for each of its lines.

        `indent` precedes every row and is not part of a logical line. `own` (a bullet, for example) begins the first
        logical line, `hang` (of the same width) the others and all continuation rows. `onto`: the first line continues
        the last logical line; if that is empty, `text` already begins with the width of `hang`.
        """
        base = base or self.styles.text
        room = self.room(width_of(indent) + width_of(hang))
        margin = self._margin[0][0] + indent
        if len(margin) + len(hang) + room > self.width:
            margin, own, hang, text = self._squeezed(margin, own, hang, text, self.width - room)
        lead: Lead = ((margin, base),)
        hung: Lead = ((margin + hang, base),) if hang else lead
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
            number = len(self.lines) - 1
            plain, runs = line
            for index, (start, end) in enumerate(wrap(plain, room, len(head))):
                first = index == 0 and not (onto and shift)
                begin = 0 if first else start
                cut = tuple(clipped(runs, begin, end)) if runs else ()
                where = lead if first else hung
                self.rows.append(WrappedRow(self.width, number, shift + begin, where, plain[begin:end], cut, base))
            onto, own, own_style = False, hang, None

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

    def row(self, text: StyledText, *, base: Style | None = None, indent: str = "") -> None:
        """Render one logical line as one row; its text must fit."""
        base = base or self.styles.text
        self.lines.append(text.plain.rstrip(" "))
        room = self.room(len(indent))
        lead: Lead = (((self._margin[0][0] + indent)[: self.width - room], base),)
        self.rows.append(WrappedRow(self.width, len(self.lines) - 1, 0, lead, text.plain, text.runs, base))

    def rule(self, indent: str = "") -> None:
        """Add a horizontal rule; its logical line is empty."""
        self.lines.append("")
        room = max(0, self.width - 2 * MARGIN - len(indent))
        lead = (*self._margin, (indent + "─" * room, self.styles.text + self.styles.rule))
        self.rows.append(WrappedRow(self.width, len(self.lines) - 1, 0, lead, "", (), self.styles.text))

    def code_line(self, text: StyledText, *, indent: str = "", own: str = "") -> None:
        """Render one line of code, with a background up to the pane's edge and wrapped anywhere.

        `indent` (or `own`, a bullet of the same width) precedes the background. Tabs become four spaces.
        """
        first, rest, room = self._code_leads(indent, own)
        styles = self.styles
        text = text.without_tabs()
        self.lines.append(text.plain)
        number = len(self.lines) - 1
        for index, (start, end) in enumerate(wrap(text.plain, room, words=False)):
            runs = tuple(clipped(text.runs, start, end)) if text.runs else ()
            lead = first if index == 0 else rest
            self.rows.append(
                WrappedRow(self.width, number, start, lead, text.plain[start:end], runs, styles.code_block)
            )

    def code_label(self, text: str, *, indent: str = "", own: str = "") -> None:
        """Render the label above a block of code. It is not copied with the code: its logical line is empty, or that of
        a blank row above it."""
        lead, rest, room = self._code_leads(indent, own)
        styles = self.styles
        if not (self.lines and self.lines[-1] == ""):
            self.lines.append("")
        for start, end in wrap(text, room):
            words = (*lead, (text[start:end], styles.code_block + styles.muted))
            self.rows.append(WrappedRow(self.width, len(self.lines) - 1, 0, words, "", (), styles.code_block))
            lead = rest

    def _code_leads(self, indent: str, own: str) -> tuple[Lead, Lead, int]:
        """The text before the first and the other rows of code, and the cells left for code."""
        styles, room = self.styles, self.room(len(indent) + 1)
        margin, gutter = self._margin[0][0], " "
        if len(margin) + len(indent) + 1 + room > self.width:
            if mark := own.strip():  # a row of its own, since beside the code there is none
                self.text(StyledText(mark))
            own, gutter = "", " "[: self.width - room]
            cells = self.width - room - len(gutter)
            margin, indent = margin[:cells], indent[: max(0, cells - len(margin))]
        if not indent:
            lead: Lead = ((margin + gutter, styles.code_block),)
            return lead, lead, room
        rest: Lead = ((margin + indent, styles.text), (gutter, styles.code_block))
        return ((margin + own, styles.text), (gutter, styles.code_block)) if own else rest, rest, room

    def keep(self, old: Sequence[WrappedRow], at: int) -> int:
        """Reuse rows of `old` that equal those from row `at` on, with their painted strips. Returns the first row that
        differs."""
        for row in old:
            if at >= len(self.rows) or self.rows[at] != row:
                break
            self.rows[at] = row
            at += 1
        return at
