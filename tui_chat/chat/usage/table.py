"""A report of usage as a table for people, with a bar of block characters in each row."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.cells import cell_width, fitted

if TYPE_CHECKING:
    from tui_chat.chat.usage.sums import UsageRow, UsageSums

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_LONGEST_BAR: Final = 40
_LONGEST_NAME: Final = 40
_SHORTEST_NAME: Final = 12
_SHORTEST_BAR: Final = 8
"""Cells that bars are given before long names."""
_GAP: Final = "  "
_HEADS: Final[tuple[str, ...]] = ("", "requests", "in", "out", "cost")
_DROPPED: Final = ("requests", "in", "out", "")
"""The columns that are left out first where there is no room for all."""
_NARROWEST_NOTE: Final = 20


@dataclass(frozen=True, slots=True)
class UsageTable:
    """The lines of the table; none of them is wider than asked for, unless that is very narrow: then columns are left
    out whole."""

    head: str
    rows: tuple[tuple[str, str], ...]
    """The text of each row, and its bar."""
    total: str
    notes: tuple[str, ...]
    """The meaning of the marks, and the requests that were counted besides replies."""

    @property
    def lines(self) -> list[str]:
        """The whole table as lines of text."""
        rows = [f"{text}{_GAP}{bar}".rstrip() for text, bar in self.rows]
        return [self.head, *rows, self.total, *(["", *self.notes] if self.notes else [])]


def usage_table(report: UsageSums, width: int) -> UsageTable:
    """Lay out a report for a terminal of `width` cells. Bars show costs, or tokens if no cost is known."""
    shown = [*report.rows, report.total]
    cells = [_cells(row) for row in shown]
    heads = _HEADS
    for dropped in _DROPPED:
        widths = [max(cell_width(head), *(cell_width(row[at]) for row in cells)) for at, head in enumerate(heads)]
        figures = sum(widths[1:]) + len(_GAP) * len(heads)
        if _SHORTEST_NAME + figures <= width or not dropped:
            break
        column = heads.index(dropped)
        heads = heads[:column] + heads[column + 1 :]
        cells = [row[:column] + row[column + 1 :] for row in cells]
    widths[0] = min(widths[0], _LONGEST_NAME, max(_SHORTEST_NAME, width - figures - len(_GAP) - _SHORTEST_BAR))
    room = max(0, min(_LONGEST_BAR, width - figures - widths[0]))
    by_cost = report.total.picodollars > 0
    sizes = [row.picodollars if by_cost else row.input + row.output for row in report.rows]
    bars = [_bar(size, max(sizes), room) for size in sizes]
    texts = [_line(row, widths) for row in cells]
    head = _line(heads, widths) + (f"{_GAP}{'bars: cost' if by_cost else 'bars: tokens'}" if room >= 12 else "")
    return UsageTable(head, tuple(zip(texts[:-1], bars, strict=True)), texts[-1], tuple(_notes(report, width)))


def _cells(row: UsageRow) -> tuple[str, ...]:
    mark = "~" if row.estimated else ""
    known = row.requests > row.unknown_inputs
    asked = f"{mark}{row.input:,}{'+' if row.unknown_inputs else ''}" if known else "n/a"
    return clean_line(row.name), f"{row.requests:,}", asked, f"{mark}{row.output:,}", str(row.cost) or "n/a"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    figures = (f"{cell:>{width}}" for cell, width in zip(cells[1:], widths[1:], strict=True))
    return _GAP.join([fitted(cells[0], widths[0]), *figures])


def _bar(size: int, largest: int, room: int) -> str:
    if size <= 0 or largest <= 0:
        return ""
    eighths = max(1, round(size * room * 8 / largest)) if room else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _notes(report: UsageSums, width: int) -> list[str]:
    total, notes = report.total, []
    others = [
        f"{count:,} {'title' if count == 1 else 'titles'}" if what == "title" else f"{count:,} for /compact"
        for what, count in (("title", total.titles), ("compaction", total.compactions))
        if count
    ]
    if others:
        notes.append(f"Requests include {' and '.join(others)}.")
    if total.estimated or total.cost_estimated:
        notes.append("~ estimated: the server did not report all of it.")
    if total.unpriced or total.unknown_inputs:
        unknown = f"{total.unpriced:,} of {total.requests:,}"
        notes.append(f"+ incomplete: the cost of {unknown} requests is unknown." if total.priced else
                     "n/a: no cost is known; set prices in config.toml.")  # fmt: skip
    if total.partial:
        notes.append("Some replies were stopped or cut off; what they used may be partial.")
    return [line for note in notes for line in wrap(note, max(_NARROWEST_NOTE, width))]
