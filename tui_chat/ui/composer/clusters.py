"""The bounds of characters as a person sees them while writing."""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_LONGEST = 256
"""The number of characters in which the beginning of a cluster is searched for; longer clusters are cut."""
_CONJUNCTS = ((0x0900, 0x0A00), (0x0A80, 0x0B80), (0x0C00, 0x0C80), (0x0D00, 0x0D80))
"""Scripts whose letters join after a virama: Devanagari, Bengali, Gujarati, Oriya, Telugu, Malayalam."""
_VIRAMA = 9
"""Its canonical combining class."""
_LEADING, _VOWEL, _TRAILING = "leading consonant", "vowel", "trailing consonant"
_SYLLABLE, _CLOSED_SYLLABLE = "syllable", "syllable with a trailing consonant"
_BEFORE = {
    _LEADING: {_LEADING},
    _SYLLABLE: {_LEADING},
    _CLOSED_SYLLABLE: {_LEADING},
    _VOWEL: {_LEADING, _VOWEL, _SYLLABLE},
    _TRAILING: {_VOWEL, _SYLLABLE, _CLOSED_SYLLABLE, _TRAILING},
}
"""The parts of Hangul that a part goes on from."""


def clusters(text: str) -> list[str]:
    """The text's extended grapheme clusters, as Unicode's annex 29 has them but for a few rare signs."""
    found: list[str] = []
    for character in text:
        if found and not character.isascii() and _goes_on(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def start_of(line: str, column: int) -> int:
    """The beginning of the cluster that `column` is within; the column itself where it is between two."""
    if column >= len(line) or line[column].isascii():
        return column
    first = column - 1
    while first > 0 and not line[first].isascii() and column - first < _LONGEST:
        first -= 1
    at = max(0, first)
    for cluster in clusters(line[at : column + 1]):
        if at + len(cluster) > column:
            return at
        at += len(cluster)
    return column


def end_of(line: str, column: int) -> int:
    """The end of the cluster that begins at `column`, or that it is within; the column itself at the line's end."""
    if column >= len(line):
        return column
    start = start_of(line, column)
    return start + len(clusters(line[start : column + _LONGEST])[0])


def _goes_on(before: str, character: str) -> bool:
    if unicodedata.category(character) in ("Mn", "Me", "Mc") or _extends(ord(character)):
        return True
    if before.endswith(_JOINER) and _is_picture(before[0]) and _is_picture(character):
        return True
    if _is_half_flag(character):
        return len(before) == 1 and _is_half_flag(before)
    if (part := _hangul(ord(character))) is not None:
        return _hangul(ord(before[-1])) in _BEFORE[part]
    return _joins_after_virama(before, character)


def _extends(code: int) -> bool:
    """Joiners, colours of skin, marks of half width, tags, and the two vowels that Thai and Lao write behind."""
    return (
        code in (0x200C, 0x200D, 0xFF9E, 0xFF9F, 0x0E33, 0x0EB3)
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
    )


def _is_picture(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Cn") or 0x1F000 <= ord(character) <= 0x1FAFF or character in "↔↕"


def _is_half_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _hangul(code: int) -> str | None:
    if 0xAC00 <= code <= 0xD7A3:
        return _CLOSED_SYLLABLE if (code - 0xAC00) % 28 else _SYLLABLE
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return _LEADING
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return _VOWEL
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return _TRAILING
    return None


def _joins_after_virama(before: str, character: str) -> bool:
    script = next((each for each in _CONJUNCTS if each[0] <= ord(character) < each[1]), None)
    if script is None or unicodedata.category(character) != "Lo":
        return False
    if not script[0] <= ord(before[0]) < script[1] or unicodedata.category(before[0]) != "Lo":
        return False
    marks = before.rstrip(_JOINER)
    return len(marks) > 1 and unicodedata.combining(marks[-1]) == _VIRAMA
