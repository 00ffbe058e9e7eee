"""The rows from which a transcript is painted.

A *logical line* is a line of text as a user would copy it. A *row* is one screen line of it: as wide as the pane, and
it knows which part of which logical line it shows. A row creates its strip on first use, so a long text is only painted
where it is visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rich.segment import Segment
from textual.strip import Strip

from tui_chat.ui.markdown.styled_text import width_of, wrap

if TYPE_CHECKING:
    from rich.style import Style as RichStyle
    from textual.style import Style

    from tui_chat.ui.markdown.styled_text import Run

GUTTER = 2
"""Cells left of all text, for bars."""

MARGIN = 1
"""Empty cells right of all text; beside it is the scrollbar."""

Lead: TypeAlias = "tuple[tuple[str, Style], ...]"


class Row:
    """One screen line, and the part of a logical line that it shows."""

    __slots__ = ("_placed", "_strip", "end", "line", "prefix", "start")

    def __init__(self, strip: Strip | None, line: int, start: int, prefix: int, end: int | None = None) -> None:
        self._strip = strip
        self._placed: tuple[Strip, int, Strip] | None = None
        self.line = line
        """Index of its logical line."""
        self.start = start
        """The character of the logical line at which the row's text begins."""
        self.prefix = prefix
        """Number of characters (and cells) before that text: gutter, indentation, a mark."""
        self.end = start if end is None else end
        """The character of the logical line at which the row's text ends."""

    @property
    def strip(self) -> Strip:
        """The painted row, exactly as wide as the column; always the same object, so that Textual's caches in it stay
        valid."""
        if self._strip is None:
            self._strip = self._painted()
        return self._strip

    def placed(self, left: int, width: int, fill: RichStyle) -> Strip:
        """The row in a pane of this width, `left` cells from its edge; kept like `strip`."""
        strip = self.strip
        if strip.cell_length == width:
            return strip
        placed = self._placed
        if placed is not None and placed[0] is strip and placed[1] == left and placed[2].cell_length == width:
            return placed[2]
        self._placed = placed = (strip, left, in_pane(strip, left, width, fill))
        return placed[2]

    def _painted(self) -> Strip:
        raise NotImplementedError


def in_pane(strip: Strip, left: int, width: int, fill: RichStyle) -> Strip:
    """A strip with blank cells around it: `left` before it, and as many behind it as make up the pane's width. Blanks
    are joined with text of the same style, because the style of each segment is written to the terminal."""
    right = max(0, width - left - strip.cell_length)
    segments = [*strip]
    if left and segments and segments[0].style == fill:
        segments[0] = Segment(" " * left + segments[0].text, fill)
    elif left:
        segments.insert(0, Segment(" " * left, fill))
    if right and segments and segments[-1].style == fill:
        segments[-1] = Segment(segments[-1].text + " " * right, fill)
    elif right:
        segments.append(Segment(" " * right, fill))
    return Strip(segments, left + strip.cell_length + right)


class WrappedRow(Row):
    """A row of rendered text, painted on first use."""

    __slots__ = ("_bars", "_base", "_lead", "_tail", "_width", "runs", "text")

    def __init__(
        self,
        width: int,
        line: int,
        start: int,
        lead: Lead,
        text: str,
        runs: tuple[Run, ...],
        base: Style,
        *,
        bars: Bars | None = None,
        tail: Lead = (),
    ) -> None:
        super().__init__(None, line, start, sum(len(part) for part, _ in lead), start + len(text))
        self.text = text
        """The part of the logical line that the row shows."""
        self._width = width
        self._lead = lead
        self.runs = runs
        """The styles over `text`."""
        self._base = base
        self._bars = bars
        self._tail = tail
        """The text at the right end of the row."""

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
            and self._bars == other._bars
            and self._tail == other._tail
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
        if self._bars is not None:
            pieces = self._bars.over(pieces)
        used = sum(width_of(text) for text, _ in self._lead) + width_of(self.text)
        fill = self._width - used - sum(width_of(text) for text, _ in self._tail)
        pieces.append((" " * max(0, fill), base))
        pieces += self._tail
        segments: list[Segment] = []
        pending, current = "", base
        for text, style in pieces:
            if style is current or style == current:
                pending += text
                continue
            if pending:
                segments.append(Segment(pending, current.rich_style))
            pending, current = text, style
        if pending:
            segments.append(Segment(pending, current.rich_style))
        if fill >= 0 and self.text.isascii() and not self._tail:
            return Strip(segments, self._width)
        # a joiner with nothing to join changes the width of its neighbours, so the strip is measured again
        return Strip(segments).adjust_cell_length(self._width, base.rich_style)


class Bars(NamedTuple):
    """Bars over the blank cells before a text: those of quotes, or of a question."""

    cells: tuple[int, ...]
    sign: str
    style: Style

    def over(self, pieces: list[tuple[str, Style]]) -> list[tuple[str, Style]]:
        """Paint the bars over the beginning of a row; what is not a blank cell stays."""
        painted: list[tuple[str, Style]] = []
        at = 0
        for text, style in pieces:
            begin = 0
            for cell in self.cells:
                place = cell - at
                if begin <= place < len(text) and text[place] == " ":
                    painted += [(text[begin:place], style), (self.sign, style + self.style)]
                    begin = place + 1
            painted.append((text[begin:], style))
            at += len(text)
        return [(text, style) for text, style in painted if text]


def first_shorter(text: str, room: int, cells: int, start: int = 0, *, words: bool = True) -> list[tuple[int, int]]:
    """Wrap a line as `wrap` does, with a first row that is `cells` cells shorter than `room`; if `cells` is negative,
    the others are."""
    first = wrap(text, room - max(0, cells), start, words=words)
    if not cells or len(first) == 1:
        return first
    return [first[0], *wrap(text, room + min(0, cells), first[1][0], words=words)]
