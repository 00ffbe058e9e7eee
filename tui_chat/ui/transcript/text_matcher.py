"""What is looked for in a chat, and how often a message has it.

Case does not matter. All messages are searched in their source, which costs next to nothing; marks of emphasis are
left out of it, so that words are found that stand on both sides of one. Rows show where it is.
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
"""What the source has and a reader mostly does not see."""


class SearchPattern(NamedTuple):
    """A text to look for."""

    folded: str
    marked: bool
    """Whether it has marks itself: then they count."""

    @classmethod
    def of(cls, typed: str) -> SearchPattern | None:
        """From what a person typed; `None`: nothing to look for."""
        folded = clean(typed).replace("\n", " ").casefold()
        return cls(folded, any(mark in folded for mark in MARKS)) if folded.strip() else None

    def prepared(self, source: str) -> str:
        """A message's source, made comparable."""
        folded = clean(source).casefold()
        if not self.marked:
            for mark in MARKS:
                folded = folded.replace(mark, "")
        return folded

    def spans(self, line: str) -> tuple[tuple[int, int], ...]:
        """Where it stands in a line as it is shown."""
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
    """How often an entry has a text; goes on counting as the entry grows, at the cost of what is new."""

    def __init__(self, entry: TranscriptEntry, pattern: SearchPattern) -> None:
        self._entry = entry
        self._pattern = pattern
        self._counts: dict[int, int] = {}
        self._carried: dict[int, str] = {}
        """The end of what was counted, in which an occurrence may have begun."""

    def counts_in(self, messages: list[Message]) -> bool:
        """Whether it counts in exactly these."""
        return self._entry.messages == messages

    @property
    def count(self) -> int:
        """In the text, a refusal, and reasoning that is not folded."""
        return sum(count for key, count in self._counts.items() if not self._entry.folded(key))

    def update(self) -> int:
        """Count in what is new; gives how many characters were looked at."""
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
