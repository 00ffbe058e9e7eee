"""Map between cells of rows and positions in logical lines, and highlight selected text.

Textual asks for the position under the mouse, and returns spans of logical lines. Positions stay within the text of
their row (cells to the right of it belong to no other row), and spans never split a user-perceived character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_chat.ui.markdown.styled_text import graphemes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.ui.markdown.rows import Row


def with_positions(row: Row, strip: Strip, left: int, line: str, number: int) -> Strip:
    """The strip of a row, which begins at cell `left`, with the position of each character in logical line `number`, in
    the form that Textual's hit test reads."""
    text = strip.text
    end = _text_end(row, line)
    segments = []
    for first, last, _ in graphemes(text):
        at = min(max(row.start, row.start + first - left - row.prefix), end)
        segments.append(Segment(text[first:last], Style.from_meta({"offset": (at, number)})))
    return Strip(segments, strip.cell_length)


def highlighted(row: Row, line: str, spans: Iterable[tuple[tuple[int, int], Style]]) -> Strip:
    """The row's strip with styles for spans of its logical line; an end of -1 is the end of the line."""
    strip = row.strip
    shift, text_end = row.prefix - row.start, -1
    for (begin, stop), style in spans:
        if (stop != -1 and stop <= row.start) or begin >= row.start + len(strip.text):
            continue
        if text_end < 0:
            text_end = _text_end(row, line)
        start, end = whole_graphemes(line, begin, stop)
        first, last = max(start, row.start) + shift, min(end, text_end) + shift
        if first < last:
            left, right = strip.index_to_cell_position(first), strip.index_to_cell_position(last)
            middle = [Segment(segment.text, (segment.style or Style()) + style) for segment in strip.crop(left, right)]
            strip = Strip.join([strip.crop(0, left), Strip(middle), strip.crop(right)])
    return strip


def whole_graphemes(line: str, start: int, end: int) -> tuple[int, int]:
    """A span widened to whole graphemes; an `end` of -1 is the end of the line."""
    start, end = max(0, start), len(line) if end == -1 else min(end, len(line))
    if line.isascii():
        return start, end
    for first, last, _ in graphemes(line):
        if first < start < last:
            start = first
        if first < end < last:
            end = last
    return start, end


def word_at(line: str, at: int) -> tuple[int, int]:
    """The span of the run of letters, blanks or signs at a position."""
    if not line:
        return 0, 0
    start = end = min(at, len(line) - 1)
    kind = _kind(line[start])
    while start > 0 and _kind(line[start - 1]) == kind:
        start -= 1
    while end < len(line) and _kind(line[end]) == kind:
        end += 1
    return start, end


def _kind(character: str) -> str:
    if character.isspace():
        return "blank"
    return "word" if character.isalnum() or character == "_" else "sign"


def _text_end(row: Row, line: str) -> int:
    """The end of a row's text in its logical line; the cells after it are padding."""
    return min(row.end, len(line))
