"""Find the word that a person meant by a mistyped one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 3
"""Minimum length of a word that is checked for misspelling."""
TWO_SLIPS = 6
"""Minimum length of a word in which two slips are accepted."""


def meant(word: str, known: Iterable[str]) -> str:
    """The known word that `word` is a misspelling of; empty if none is close, or if `word` is known itself.

    A slip is a missing, extra, wrong or transposed letter. Slips rarely affect the first letter.
    """
    candidates = list(known)
    if len(word) < SHORTEST or word in candidates:
        return ""
    near = [(slips, each) for each in candidates if (slips := _slips(word, each)) <= _forgiven(word, each)]
    return min(near)[1] if near else ""


def _forgiven(word: str, known: str) -> int:
    shorter = min(len(word), len(known))
    swapped = word[:2] == known[1::-1]
    if shorter < SHORTEST or (word[:1] != known[:1] and not swapped):
        return 0
    return 2 if shorter >= TWO_SLIPS else 1


def _slips(word: str, known: str) -> int:
    """The number of slips between two words (optimal string alignment distance)."""
    if abs(len(word) - len(known)) > 2:
        return len(word) + len(known)
    rows = [list(range(len(known) + 1))]
    for i, letter in enumerate(word, 1):
        row = [i]
        for j, other in enumerate(known, 1):
            slips = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == known[j - 2] and word[i - 2] == other:
                slips = min(slips, rows[-2][j - 2] + 1)
            row.append(slips)
        rows.append(row)
    return rows[-1][-1]
