"""Search patterns, and counting their matches in messages.

Case is ignored. All messages are searched in their source, which is cheap; marks of emphasis are removed first, so that
matches may include words on both sides of a mark. The rendered rows show where the matches are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.clean import clean
from tui_chat.chat.message import TextPart

if TYPE_CHECKING:
    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.entry import TranscriptEntry

MARKS = "*`"
"""Characters in the source that the reader usually does not see."""


class SearchPattern(NamedTuple):
    """A text to search for."""

    folded: str
    marked: bool
    """Whether the pattern contains marks itself, so that they must match."""

    @classmethod
    def of(cls, typed: str) -> SearchPattern | None:
        """Create a pattern from typed text; `None` if there is nothing to search for."""
        folded = clean(typed).replace("\n", " ").casefold()
        return cls(folded, any(mark in folded for mark in MARKS)) if folded.strip() else None

    def prepared(self, source: str) -> str:
        """A message's source, normalised for comparison."""
        folded = clean(source).casefold()
        if not self.marked:
            for mark in MARKS:
                folded = folded.replace(mark, "")
        return folded

    def spans(self, line: str) -> tuple[tuple[int, int], ...]:
        """The spans of all matches in a displayed line."""
        return _spans(self.folded, line)


@lru_cache(128)
def _spans(folded: str, line: str) -> tuple[tuple[int, int], ...]:
    text = line.casefold()
    if folded not in text:
        return ()
    found: list[tuple[int, int]] = []
    at = text.find(folded)
    while at >= 0:
        found.append((at, at + len(folded)))
        at = text.find(folded, at + len(folded))
    if len(text) == len(line):
        return tuple(found)
    # some letters fold to several: ß to ss
    where = [index for index, character in enumerate(line) for _ in character.casefold()]
    return tuple((where[start], where[end - 1] + 1) for start, end in found)


class MatchCounter:
    """Counts the matches in an entry while it grows, at a cost proportional to the new text."""

    def __init__(self, entry: TranscriptEntry, pattern: SearchPattern) -> None:
        self._entry = entry
        self._pattern = pattern
        self._counts: dict[int, int] = {}
        self._carried: dict[int, str] = {}
        """The end of the counted text, in which a match may have begun."""

    def counts_in(self, messages: list[Message]) -> bool:
        """Whether it counts in exactly these messages."""
        return self._entry.messages == messages

    @property
    def count(self) -> int:
        """The number of matches in the text, a refusal, and reasoning that is not folded."""
        return sum(count for key, count in self._counts.items() if not self._entry.folded(key))

    def update(self) -> int:
        """Count matches in the new text; returns how many characters were searched."""
        looked_at = 0
        for key, part, text in list(self._entry.fresh()):  # what is folded is known when all is taken
            if isinstance(part, TextPart) and not self._entry.folded(key):
                self._count(key, text)
                looked_at += len(text)
        return looked_at

    def _count(self, key: int, text: str) -> None:
        pattern = self._pattern.folded
        text = self._carried.get(key, "") + self._pattern.prepared(text)
        self._counts[key] = self._counts.get(key, 0) + text.count(pattern)
        if len(pattern) > 1 and self._entry.may_grow:
            self._carried[key] = text.split(pattern)[-1][1 - len(pattern) :]
