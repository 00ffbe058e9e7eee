"""The highlights in the text of one message: search matches, heat, and a marked place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.message import TextPart
from tui_chat.ui.transcript.section_stack import RowAnchor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.style import Style

    from tui_chat.chat.message import Part
    from tui_chat.ui.transcript.message_styles import Marks
    from tui_chat.ui.transcript.sections import Section
    from tui_chat.ui.transcript.text.text_matcher import SearchPattern
    from tui_chat.ui.transcript.text.text_tint import TextTint


class MatchLocation(NamedTuple):
    """The position of a search match: a span in a logical line of a part."""

    key: int
    line: int
    span: tuple[int, int]


class Highlights:
    """Finds the spans to highlight in the rendered parts of a message. Only text and reasoning are searched."""

    def __init__(self, parts: Mapping[int, Part], sections: Mapping[int, Section]) -> None:
        """Both mappings have the same keys and change as the message grows."""
        self._parts = parts
        self._sections = sections
        self.pattern: SearchPattern | None = None
        self.match: MatchLocation | None = None
        """The current match; `None` if there is none, or if its part is not rendered yet."""
        self.heat: TextTint | None = None
        """The levels of heat of the text; `None`: they are not shown."""
        self.place: TextTint | None = None
        """The marked place; `None`: none is marked."""
        self._occurrence: tuple[int, int] | None = None

    def __bool__(self) -> bool:
        return self.pattern is not None or self.heat is not None or self.place is not None

    def find(self, pattern: SearchPattern | None, occurrence: tuple[int, int] | None) -> None:
        """Set the pattern. `occurrence`: the index of the current match, and the number of matches in the source."""
        self.pattern, self._occurrence = pattern, occurrence

    def locate_match(self, *, complete: bool) -> None:
        """Find the current match among the rendered lines; without one if they are not `complete`.

        Marks and link targets can make the number of matches there differ from that in the source; then the nearest
        match is taken.
        """
        self.match = None
        if self._occurrence is None or not complete:
            return
        at, of = self._occurrence
        if found := self._matches():
            self.match = found[min(at if len(found) == of else at * len(found) // max(1, of), len(found) - 1)]

    def _matches(self) -> list[MatchLocation]:
        if self.pattern is None:
            return []
        spans = self.pattern.spans
        return [
            MatchLocation(key, number, span)
            for key in self._sections
            for number, line in enumerate(self._searched_lines(key))
            for span in spans(line)
        ]

    def _searched_lines(self, key: int) -> Sequence[str]:
        return self._sections[key].lines if isinstance(self._parts[key], TextPart) else ()

    def spans_in(self, key: int, line: int, marks: Marks) -> list[tuple[tuple[int, int], Style]]:
        """The highlighted spans of a logical line, each with its style."""
        if key not in self._sections:
            return []
        lines = self._searched_lines(key)
        spans = [(span, marks.heat[level - 1]) for span, level in self._tinted(self.heat, key, line, lines)]
        spans += [(span, marks.found_here) for span, _ in self._tinted(self.place, key, line, lines)]
        if self.pattern is not None and line < len(lines):
            for span in self.pattern.spans(lines[line]):
                current = self.match == MatchLocation(key, line, span)
                spans.append((span, marks.found_here if current else marks.found))
        return spans

    def _tinted(
        self, tint: TextTint | None, key: int, line: int, lines: Sequence[str]
    ) -> list[tuple[tuple[int, int], int]]:
        return [] if tint is None else tint.spans_in(self._parts, key, line, lines)

    @property
    def anchor_of_match(self) -> RowAnchor | None:
        """The position of the current match."""
        return None if self.match is None else RowAnchor(self.match.key, self.match.line, self.match.span[0])

    @property
    def anchor_of_place(self) -> RowAnchor | None:
        """The position of the marked place; `None` if it is not shown."""
        lines = {key: self._searched_lines(key) for key in self._sections}
        found = None if self.place is None else self.place.place_of(self._parts, lines)
        return None if found is None else RowAnchor(*found)
