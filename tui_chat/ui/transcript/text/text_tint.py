"""Tints pieces of a reply's source in the lines that show it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from tui_chat.chat.inspection.alignment import source_offsets
from tui_chat.chat.message import TextPart

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.inspection.heat import HeatSpan
    from tui_chat.chat.message import Part, PartKind


class TextTint:
    """Knows which characters of a reply have which level; where these are shown is found out when a line is drawn."""

    def __init__(self, spans: Mapping[PartKind, Sequence[HeatSpan]]) -> None:
        """`spans`: for text and reasoning, pieces of all of it in one, in order and without overlap."""
        self._spans = spans
        self._starts = {kind: [span.start for span in each] for kind, each in spans.items()}
        self._offsets: dict[int, tuple[int, list[array[int]]]] = {}
        """By part: the length of its source, and where the characters of its lines stand in it."""

    def spans_in(
        self, parts: Mapping[int, Part], key: int, number: int, lines: Sequence[str]
    ) -> list[tuple[tuple[int, int], int]]:
        """The spans of a line of a part that have a level, with it. `lines`: all lines of the part."""
        part = parts.get(key)
        if not isinstance(part, TextPart) or not self._spans.get(part.kind) or number >= len(lines):
            return []
        offsets = self._offsets_of(parts, key, part, lines)
        if number >= len(offsets):
            return []
        found: list[tuple[tuple[int, int], int]] = []
        for column, offset in enumerate(offsets[number]):
            level = self._level(part.kind, offset)
            if not level:
                continue
            if found and found[-1] == ((found[-1][0][0], column), level):
                found[-1] = ((found[-1][0][0], column + 1), level)
            else:
                found.append(((column, column + 1), level))
        return found

    def place_of(self, parts: Mapping[int, Part], lines: Mapping[int, Sequence[str]]) -> tuple[int, int, int] | None:
        """The part, line and column of the first tinted character that is shown; `None` if none is."""
        for key in parts:
            for number in range(len(lines.get(key, ()))):
                if spans := self.spans_in(parts, key, number, lines[key]):
                    return key, number, spans[0][0][0]
        return None

    def _level(self, kind: PartKind, offset: int) -> int:
        spans = self._spans[kind]
        index = bisect_right(self._starts[kind], offset) - 1
        return spans[index].level if index >= 0 and offset < spans[index].end else 0

    def _offsets_of(
        self, parts: Mapping[int, Part], key: int, part: TextPart, lines: Sequence[str]
    ) -> list[array[int]]:
        known = self._offsets.get(key)
        size = len(part) + sum(map(len, lines))
        if known is None or known[0] != size:
            before = sum(
                len(each) for other, each in parts.items()
                if other < key and isinstance(each, TextPart) and each.kind == part.kind
            )  # fmt: skip
            offsets = source_offsets(part.text, lines)
            for line in offsets:
                for column in range(len(line)):
                    line[column] += before
            known = self._offsets[key] = size, offsets
        return known[1]
