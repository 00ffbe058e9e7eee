"""The differences between two texts, by words, in bounded time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind: TypeAlias = Literal["same", "removed", "added"]

LONGEST: Final = 400_000
"""Characters of both texts together, beyond which they are not compared."""
MOST_CHANGES: Final = 600
"""Changed words (or lines) up to which the shortest difference is looked for; the time grows with their square."""
_CHANGES_IN_A_PART: Final = 150
_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")


class DiffPiece(NamedTuple):
    """A run of text that is in both texts, only in the old one, or only in the new one."""

    kind: Kind
    text: str


def word_diff(old: str, new: str) -> list[DiffPiece] | None:
    """Return the pieces that lead from one text to the other: first by words, else by lines and by words within the
    changed lines. `None`: the texts are too long or too different to be compared."""
    if len(old) + len(new) > LONGEST:
        return None
    before, after = _WORD.findall(old), _WORD.findall(new)
    by_words = _matches(before, after, MOST_CHANGES)
    if by_words is not None:
        return _joined(_pieces(before, after, by_words))
    lines_before, lines_after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    by_lines = _matches(lines_before, lines_after, MOST_CHANGES)
    if not by_lines:
        return None
    return _joined(_refined(lines_before, lines_after, by_lines))


def _matches(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[int, int, int]] | None:
    """Return the runs that both have (place in the old, in the new, length), of the shortest difference; `None` if it
    has more than `most` changes. This is Myers' greedy algorithm."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle = _middle(old[start : len(old) - end], new[start : len(new) - end], most)
    if middle is None:
        return None
    runs = [(0, 0, start)] if start else []
    runs += [(x + start, y + start, length) for x, y, length in middle]
    return [*runs, (len(old) - end, len(new) - end, end)] if end else runs


def _middle(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[int, int, int]] | None:
    width, height = len(old), len(new)
    if abs(width - height) > most:
        return None
    furthest = {1: 0}
    """On each diagonal (place in the old less place in the new) the furthest place in the old."""
    trace: list[dict[int, int]] = []
    for changes in range(min(most, width + height) + 1):
        trace.append(furthest.copy())
        for diagonal in range(-changes, changes + 1, 2):
            down = diagonal == -changes or (
                diagonal != changes and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
            )
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while x < width and x - diagonal < height and old[x] == new[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            if x >= width and x - diagonal >= height:
                return _walked_back(trace, width, height)
    return None


def _walked_back(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for changes in range(len(trace) - 1, -1, -1):
        furthest, diagonal = trace[changes], x - y
        down = diagonal == -changes or (
            diagonal != changes and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
        )
        before = diagonal + 1 if down else diagonal - 1
        at_x = furthest[before] if changes else 0
        at_y = at_x - before if changes else 0
        begun_x = at_x + (0 if down else 1) if changes else 0
        length = x - begun_x
        if length:
            runs.append((begun_x, begun_x - diagonal, length))
        x, y = at_x, at_y
    runs.reverse()
    return runs


def _pieces(old: Sequence[str], new: Sequence[str], runs: Sequence[tuple[int, int, int]]) -> Iterator[DiffPiece]:
    x = y = 0
    for at_x, at_y, length in (*runs, (len(old), len(new), 0)):
        yield DiffPiece("removed", "".join(old[x:at_x]))
        yield DiffPiece("added", "".join(new[y:at_y]))
        yield DiffPiece("same", "".join(old[at_x : at_x + length]))
        x, y = at_x + length, at_y + length


def _refined(old: Sequence[str], new: Sequence[str], runs: Sequence[tuple[int, int, int]]) -> Iterator[DiffPiece]:
    """The pieces by lines, with changed lines compared by words where they are alike enough."""
    left = MOST_CHANGES
    x = y = 0
    for at_x, at_y, length in (*runs, (len(old), len(new), 0)):
        before, after = _WORD.findall("".join(old[x:at_x])), _WORD.findall("".join(new[y:at_y]))
        within = _matches(before, after, min(left, _CHANGES_IN_A_PART)) if before and after else []
        left -= _CHANGES_IN_A_PART if within is None else 0
        yield from _pieces(before, after, within or [])
        yield DiffPiece("same", "".join(old[at_x : at_x + length]))
        x, y = at_x + length, at_y + length


def _joined(pieces: Iterator[DiffPiece]) -> list[DiffPiece]:
    """Drop empty pieces and join neighbours of one kind; blanks between two changes belong to the change."""
    joined: list[DiffPiece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if joined and joined[-1].kind == piece.kind:
            joined[-1] = DiffPiece(piece.kind, joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return joined
