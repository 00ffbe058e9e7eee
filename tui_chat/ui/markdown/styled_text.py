"""Styled text, its width in cells, and wrapping."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rich.cells import cell_len, split_graphemes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.style import Style

TAB = " " * 4

LONGEST_SPLIT = 1_000
"""The most characters that are split into graphemes at once."""

NEAR = 100
"""The number of characters in which a place to split between them is searched for."""

MOST_A_CELL = 16
"""The most characters per cell of a row: stacked accents take no cells."""

Run: TypeAlias = "tuple[int, int, Style]"

_NO_ROW_START = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】’”…‥ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}%"
)
_NO_ROW_END = frozenset("（〔［｛〈《「『【‘“([{")


class StyledText(NamedTuple):
    """Text and its styles: runs `(start, end, style)` in order, without overlap."""

    plain: str
    runs: tuple[Run, ...] = ()

    def part(self, start: int, end: int) -> StyledText:
        """The text from `start` to `end` with its styles."""
        return StyledText(self.plain[start:end], tuple(clipped(self.runs, start, end)))

    def joined(self, other: StyledText) -> StyledText:
        """This text followed by `other`."""
        shift = len(self.plain)
        moved = tuple((start + shift, end + shift, style) for start, end, style in other.runs)
        return StyledText(self.plain + other.plain, self.runs + moved)

    def lines(self) -> list[StyledText]:
        """The text split at its newlines."""
        if "\n" not in self.plain:
            return [self]
        found, start = [], 0
        for plain in self.plain.split("\n"):
            found.append(StyledText(plain, tuple(clipped(self.runs, start, start + len(plain))) if self.runs else ()))
            start += len(plain) + 1
        return found

    def cut_to(self, cells: int) -> StyledText:
        """The part of the text that fits into `cells`."""
        if width_of(self.plain) <= cells:
            return self
        return self.part(*wrap(self.plain, cells, words=False)[0])

    def without_tabs(self) -> StyledText:
        """The text with four spaces for each tab, with its styles shifted."""
        if "\t" not in self.plain:
            return self
        built = TextBuilder()
        at = 0
        for start, end, style in self.runs:
            built.add(self.plain[at:start].replace("\t", TAB))
            built.add(self.plain[start:end].replace("\t", TAB), style)
            at = end
        built.add(self.plain[at:].replace("\t", TAB))
        return built.text()


def clipped(runs: Iterable[Run], start: int, end: int) -> Iterable[Run]:
    """The runs between two characters, with positions relative to `start`."""
    for begin, stop, style in runs:
        if stop > start and begin < end:
            yield max(begin, start) - start, min(stop, end) - start, style


class TextBuilder:
    """Builds a `StyledText` piece by piece."""

    __slots__ = ("_pieces", "_runs", "length")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._runs: list[Run] = []
        self.length = 0

    def add(self, text: str, style: Style | None = None) -> None:
        """Append text in one style."""
        if not text:
            return
        end = self.length + len(text)
        self._pieces.append(text)
        if style is not None:
            self._runs.append((self.length, end, style))
        self.length = end

    def extend(self, text: StyledText) -> None:
        """Append text with its own styles."""
        shift = self.length
        self._runs += [(start + shift, end + shift, style) for start, end, style in text.runs]
        self._pieces.append(text.plain)
        self.length += len(text.plain)

    def since(self, start: int) -> str:
        """The plain text from `start` on."""
        return "".join(self._pieces)[start:]

    def text(self) -> StyledText:
        """The text built so far."""
        return StyledText("".join(self._pieces), tuple(self._runs))


def width_of(text: str) -> int:
    """The width of `text` in cells; it must not contain control characters."""
    return len(text) if text.isascii() else cell_len(text)


def graphemes(text: str) -> list[tuple[int, int, int]]:
    """The user-perceived characters as `(start, end, cells)`; a pair of regional indicators is one flag."""
    if text.isascii():
        return [(at, at + 1, 1) for at in range(len(text))]
    found: list[tuple[int, int, int]] = []
    half_flag = False
    for start, end, cells in _split(text):
        indicator = _is_half_flag(text[start])
        if indicator and half_flag:
            before, _, other = found[-1]
            found[-1] = (before, end, other + cells)
            half_flag = False
        else:
            found.append((start, end, cells))
            half_flag = indicator
    return found


def _split(text: str) -> Iterator[tuple[int, int, int]]:
    """Rich's graphemes. It takes quadratic time, so the text is split first, preferably at ASCII characters, which
    never join with what is before them."""
    at = 0
    while at < len(text):
        end = min(at + LONGEST_SPLIT, len(text))
        if end < len(text):
            end = next((cut for cut in range(end, end - NEAR, -1) if " " <= text[cut] <= "~"), end)
        for start, stop, cells in split_graphemes(text[at:end])[0]:
            # Rich lets a joiner with nothing before it swallow the width of what follows, but a row is measured whole.
            yield at + start, at + stop, cells or cell_len(text[at + start : at + stop])
        at = end


@lru_cache(4096)
def _stands_alone(character: str) -> bool:
    """Whether a character always takes one cell, whatever is next to it; half a flag does not."""
    return cell_len(character) == 1 and not _is_half_flag(character)


def _is_half_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def wrap(text: str, width: int, start: int = 0, *, words: bool = True) -> list[tuple[int, int]]:
    """Wrap one logical line into rows of at most `width` cells, from character `start` on; yields `(start, end)` of
    each.

    Wrapping is greedy, so a row does not depend on later text. It breaks at spaces, which are then left out, and
    between wide characters where their punctuation allows; `words=False` breaks anywhere and leaves nothing out. An
    empty line is one empty row.
    """
    rest = text[start:] if start else text
    if rest.isascii() or all(map(_stands_alone, set(rest))):
        return _wrap_narrow(text, width, start, words)
    return _wrap_wide(text, width, start, words)


def _wrap_narrow(text: str, width: int, start: int, words: bool) -> list[tuple[int, int]]:
    length = len(text)
    rows: list[tuple[int, int]] = []
    at = start
    while length - at > width:
        end = following = at + width
        if words:
            space = text.rfind(" ", at + 1, at + width + 1)
            if space > 0 and not (kept := text[at:space].rstrip(" ")):
                space = -1
            if space > 0:
                end = at + len(kept)
                following = space + 1
                while following < length and text[following] == " ":
                    following += 1
        rows.append((at, end))
        at = following
    if at < length or not rows:
        rows.append((at, length))
    return rows


def _wrap_wide(text: str, width: int, start: int, words: bool) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    row = at = start
    most = MOST_A_CELL * width
    cells = 0
    broken: tuple[int, int, int] | None = None  # where the row could end, the next begin, and cells up to there
    inked = False
    wide_before = False
    last = ""
    for offset, stop, size in graphemes(text[start:] if start else text):
        at, end = offset + start, stop + start
        character = text[at]
        if words and character == " " and stop - offset == 1:
            if inked:
                kept = at
                while kept > row and text[kept - 1] == " ":
                    kept -= 1
                broken = (kept, end, cells + 1)
            wide_before = False
            if row == at and rows:  # spaces at a break belong to no row
                row = end
                continue
            if not inked and cells >= width:
                rows.append((row, at))
                row, cells = at, 0
            cells += 1
            last = character
            continue
        wide = size > 1
        if (
            words
            and inked
            and (wide or wide_before)
            and last != " "
            and character not in _NO_ROW_START
            and last not in _NO_ROW_END
        ):
            broken = (at, at, cells)
        while (cells + size > width or at - row >= most) and at > row:
            if broken is not None and broken[1] <= at:
                rows.append((row, broken[0]))
                row, cells = broken[1], max(0, cells - broken[2])
            else:
                rows.append((row, at))
                row, cells = at, 0
            broken = None
        cells += size
        inked = True
        wide_before = wide
        last = character
    end = len(text)
    if cells > width:  # by spaces at a break, which belong to no row
        end = row + len(text[row:].rstrip(" "))
    if row < end or not rows:
        rows.append((row, end))
    return rows
