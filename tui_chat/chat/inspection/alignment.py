"""Find where the characters of shown lines stand in the source that they were made of, such as Markdown.

What is shown lacks some of the source (marks, link targets) and has some more (bullets, numbers), but its words come in
the same order, so each is searched for a little further on in the source.
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD: Final = re.compile(r"\S+")
_FAR: Final = 2000
"""Characters of the source that a word is searched in; link targets and images may be long."""
_NEAR: Final = 80
"""Characters that a short word is searched in, which could stand anywhere by chance."""
_SHORT: Final = 3


def source_offsets(source: str, lines: Iterable[str]) -> list[array[int]]:
    """Return for each line where each of its characters stands in `source`; one that is not found gets the place
    after the one before it. Both are read once, so the time grows with their length."""
    at = 0
    found: list[array[int]] = []
    for line in lines:
        offsets = array("L", bytes(array("L").itemsize * len(line)))
        column = 0
        for word in _WORD.finditer(line):
            start = word.start()
            for index in range(column, start):
                offsets[index] = at
            at = _placed(source, word[0], at, offsets, start)
            column = word.end()
        for index in range(column, len(line)):
            offsets[index] = at
        found.append(offsets)
    return found


def _placed(source: str, word: str, at: int, offsets: array[int], column: int) -> int:
    """Note the places of a word's characters, which begins at `column` of its line, and return the place behind it."""
    start = source.find(word, at, at + (_FAR if len(word) > _SHORT else _NEAR) + len(word))
    if start >= 0:
        for index in range(len(word)):
            offsets[column + index] = start + index
        return start + len(word)
    for index, character in enumerate(word):  # marks may stand inside it, as in **bold**ly
        place = source.find(character, at, at + _NEAR if index == 0 else at + 8)
        offsets[column + index] = at if place < 0 else place
        if place >= 0:
            at = place + 1
    return at
