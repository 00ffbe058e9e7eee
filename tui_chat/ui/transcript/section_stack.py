"""The sections of a message, stacked from top to bottom."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.ui.transcript.message_rows import NO_LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_chat.ui.markdown.rows import Row
    from tui_chat.ui.transcript.sections import Section

NOWHERE = -1
"""The key of rows that belong to no section."""


class RowAnchor(NamedTuple):
    """A position in a message that survives a change of width: a logical position, or a row of a section without
    logical lines."""

    key: int
    line: int
    start: int


class SectionStack:
    """Finds the section and row at a height, and the height of a section or position."""

    def __init__(self) -> None:
        self.height = 0
        """In rows, with the empty rows between sections."""
        self._sections: list[Section] = []
        self._keys: list[int] = []
        self._tops: list[int] = []

    def stack(self, sections: Iterable[tuple[int, Section]], adjoin: Callable[[Section, Section], bool]) -> None:
        """Stack sections with their keys, which ascend; those without rows are left out. `adjoin` says whether two
        sections have no empty row between them."""
        self._sections, self._keys, self._tops = [], [], []
        top = 0
        above: Section | None = None
        for key, section in sections:
            if not section.height:
                continue
            if above is not None and not adjoin(above, section):
                top += 1
            self._sections.append(section)
            self._keys.append(key)
            self._tops.append(top)
            top += section.height
            above = section
        self.height = top

    @property
    def last_top(self) -> int:
        """The first row of the last section; 0 if there is none."""
        return self._tops[-1] if self._tops else 0

    def row(self, y: int) -> tuple[int, Row] | None:
        """The key of the section in row `y`, and the row; `None` between sections and outside."""
        if 0 <= y < self.height:
            index = self._section_at(y)
            section, inside = self._sections[index], y - self._tops[index]
            if inside < section.height:
                return self._keys[index], section.row(inside)
        return None

    def top_of(self, section: Section) -> int:
        """The first row of a section; 0 if it is not among the stacked ones."""
        return next((top for other, top in zip(self._sections, self._tops, strict=True) if other is section), 0)

    def anchor_at(self, y: int) -> RowAnchor:
        """The position of row `y`, or of the row above it if it is empty."""
        if not self._sections:
            return RowAnchor(NOWHERE, NO_LINE, 0)
        index = self._section_at(y)
        inside = min(max(0, y - self._tops[index]), self._sections[index].height - 1)
        row = self._sections[index].row(inside)
        if row.line == NO_LINE:
            return RowAnchor(self._keys[index], NO_LINE, inside)
        return RowAnchor(self._keys[index], row.line, row.start)

    def row_of(self, anchor: RowAnchor) -> int:
        """The row of a position, or the nearest row before it if it no longer exists."""
        index = max(0, bisect_right(self._keys, anchor.key) - 1)
        if not self._sections or self._keys[index] != anchor.key:
            return self._tops[index] if self._tops else 0
        top, section = self._tops[index], self._sections[index]
        if anchor.line == NO_LINE:
            return top + min(anchor.start, section.height - 1)
        place = (anchor.line, anchor.start)
        found = bisect_right(range(section.height), place, key=lambda y: (section.row(y).line, section.row(y).start))
        return top + max(0, found - 1)

    def _section_at(self, y: int) -> int:
        return max(0, bisect_right(self._tops, y) - 1)
