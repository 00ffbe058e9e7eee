"""Knows what the terminal shows, so that only the changes of a frame have to be sent.

Textual writes every row that a frame touches whole. While a reply streams that is nearly all of the screen, moved up by
a row. A terminal can move rows by itself, and what it shows already need not be sent again.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rich.cells import cell_len
from textual.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Iterator

Line: TypeAlias = "dict[int, str]"
"""The known texts of a row with their styles, by column. None overlaps another, none leaves its style behind."""

_PLACE = re.compile(r"\x1b\[(\d+);(\d+)H")
_RUN = re.compile(
    r"(?:\x1b\]8;[^\x07\x1b]+\x1b\\)?"
    r"(?:(?:\x1b\[[\d;]*m)+([^\x00-\x1f\x7f-\x9f]*)\x1b\[0m|([^\x00-\x1f\x7f-\x9f]+))"
    r"(?:\x1b\]8;;\x1b\\)?"
)
"""Text in one style, which ends with it; or in none. It may be a link, which ends with it, too."""
_DRAWS_NOTHING = re.compile(
    r"(?:\x07|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[\?(?:25|10(?:0[0-6]|1[56])|20(?:04|26|48))(?:[hl]|\$p))*"
)
"""The bell, operating system commands (titles, the clipboard, the pointer's shape), modes of mouse, keys and cursor."""
_REVERSE_INDEX = "\x1bM"
_COST_OF_MOVING = 40
"""The approximate length of the sequences that move rows, in characters."""

LEAST_MOVED = 2
"""Rows among which one can move."""


class _Frame(NamedTuple):
    """A frame that was understood."""

    lines: dict[int, Line]
    """The texts that it writes, by row; rows and columns count from 1."""
    cursor: str
    """The sequence that puts the cursor where it is to stand."""


class FrameDiff:
    """Turns what Textual writes into something shorter that has the same effect on the screen.

    It knows what went through it, and takes nothing for granted: what it does not understand goes out as it is and
    makes it forget, and whoever learns that the terminal may show something else tells it to (`forget`). A frame that
    writes the whole screen goes out as it is, so that painting anew cures whatever the terminal shows.
    """

    def __init__(self) -> None:
        self._lines: dict[int, Line] = {}
        self._cursor = ""
        self._size = Size(0, 0)

    def forget(self) -> None:
        """Nothing is known of what stands on the screen."""
        self._lines, self._cursor = {}, ""

    def reduced(self, written: str, size: Size) -> str:
        """Return the text to send in place of `written`; empty if the screen shows it already. `size` is the screen's
        for which it was written."""
        if size != self._size:
            self._size = size
            self.forget()
        frame = _understood(written)
        if frame is None:
            if not _DRAWS_NOTHING.fullmatch(written):
                self.forget()
            return written
        if self._is_whole(frame.lines):
            self._lines, self._cursor = frame.lines, frame.cursor
            return written
        wanted = {row: _over(line, self._lines.get(row, {})) for row, line in frame.lines.items()}
        sent = self._let_rows_move(frame.lines, wanted) if wanted else ""
        sent += "".join(_missing(row, line, self._lines.get(row, {})) for row, line in wanted.items())
        self._lines |= wanted
        if not sent and frame.cursor == self._cursor:
            return ""
        self._cursor = frame.cursor
        return sent + frame.cursor

    def _is_whole(self, lines: dict[int, Line]) -> bool:
        """Whether these are all rows, each in one piece, as Textual writes them only when it repaints everything."""
        return len(lines) == self._size.height and all(
            [*line] == [1] and _width(line) == self._size.width for line in lines.values()
        )

    def _let_rows_move(self, written: dict[int, Line], wanted: dict[int, Line]) -> str:
        """Return the sequences that make the terminal move rows, if less has to be written then."""
        stand = self._lines
        block = _longest_block(wanted)
        if len(block) < LEAST_MOVED:
            return ""
        column = next(iter(written[block[0]]))
        text = {row: wanted[row].get(column, "") for row in block}
        stood = {was: row for row in block if (was := stand.get(row, {}).get(column))}
        distances = Counter(stood[text[row]] - row for row in block if text[row] in stood)
        distances.pop(0, None)
        if not distances:
            return ""
        up = max(distances, key=distances.__getitem__)
        gain = 0
        for row in block:
            stays = stand.get(row, {}).get(column) == text[row]
            comes = row + up in block and stand.get(row + up, {}).get(column) == text[row]
            gain += len(text[row]) * (comes - stays)
        # What moves away must be known, or it could not be written again where it is to stay.
        if gain <= _COST_OF_MOVING or any(_width(wanted[row]) != self._size.width for row in block):
            return ""
        self._lines = stand | {row: stand.get(row + up, {}) if row + up in block else {} for row in block}
        top, bottom = block[0], block[-1]
        steps = f"\x1b[{bottom};1H" + "\n" * up if up > 0 else f"\x1b[{top};1H" + _REVERSE_INDEX * -up
        return f"\x1b[{top};{bottom}r{steps}\x1b[r"


def _understood(written: str) -> _Frame | None:
    """A frame of texts, each put in its place, and the cursor put last; `None`: it is something else."""
    before, *parts = _PLACE.split(written)
    if before or not parts or parts[-1]:
        return None
    lines: dict[int, Line] = {}
    row_of_end, end = 0, 0
    for place in range(0, len(parts), 3):
        row, column, text = int(parts[place]), int(parts[place + 1]), parts[place + 2].removesuffix("\n")
        if not text:
            continue
        cells = _cells(text)
        if not cells or row < row_of_end or (row == row_of_end and column < end):
            return None  # not as Textual writes: from the top down, from left to right
        lines.setdefault(row, {})[column] = text
        row_of_end, end = row, column + cells
    return _Frame(lines, f"\x1b[{parts[-3]};{parts[-2]}H")


def _over(line: Line, under: Line) -> Line:
    """A line when `line` has been written over `under`. What is left of a text under it is kept by whole runs."""
    if all(column in under and _cells(under[column]) == _cells(text) for column, text in line.items()):
        return under | line
    spans = [(column, column + _cells(text)) for column, text in line.items()]
    laid = dict(line)
    for column, text in under.items():
        end = column + _cells(text)
        if not any(start < end and column < stop for start, stop in spans):
            laid[column] = text
        elif not any(start <= column and end <= stop for start, stop in spans):
            laid |= {
                at: run
                for at, run in _runs(column, text)
                if not any(start < at + _cells(run) and at < stop for start, stop in spans)
            }
    return laid


def _missing(row: int, line: Line, stands: Line) -> str:
    """Return the text to write so that `line` stands where `stands` stood."""
    sent = ""
    unsure = False
    for column in sorted(line):
        text = line[column]
        if unsure or stands.get(column) != text:
            sent += f"\x1b[{row};{column}H{text}"
            # Terminals disagree about the width of some characters: what is right of them is written after them.
            unsure = unsure or not text.isascii()
    return sent


def _longest_block(rows: dict[int, Line]) -> range:
    """The longest stretch of rows of which none is left out."""
    blocks = [[row for _, row in block] for _, block in groupby(enumerate(rows), lambda pair: pair[1] - pair[0])]
    longest = max(blocks, key=len)
    return range(longest[0], longest[-1] + 1)


def _width(line: Line) -> int:
    """Cells of which something is known."""
    return sum(map(_cells, line.values()))


def _runs(column: int, text: str) -> Iterator[tuple[int, str]]:
    """The runs of a text that begins in this column, each with its own column."""
    for run in _RUN.finditer(text):
        if cells := _cells(run[0]):
            yield column, run[0]
            column += cells


@lru_cache(maxsize=256)
def _cells(text: str) -> int:
    """The width of text with styles; 0 for what is anything else."""
    cells = at = 0
    for run in _RUN.finditer(text):
        if run.start() != at:
            return 0
        at = run.end()
        cells += cell_len(run[1] or run[2] or "")
    return cells if at == len(text) else 0
