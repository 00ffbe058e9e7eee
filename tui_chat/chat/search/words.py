"""What counts as a word of a text, and when two words are the same.

The index, the query and the highlighting all read words here, so that they cannot disagree. FTS5 gets them with spaces
between and splits at those alone (its `ascii` tokenizer): what its own tokenizers take for a letter, and how they fold
it, depends on SQLite's version, and none of them knows a word of Chinese.

Scripts that write no space between words have each of their characters as a word, which makes a search for a word of
two characters one for a phrase; so are emoji. `_`, `-`, `.` and the like separate: `read_line` is found by `line`, and
is itself looked for as a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 64
"""Characters of a word; a longer run (Base64, say) is cut into several."""

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"  # Hangul: spaced, but particles and compounds are written together
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303c\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\u3031-\u3035\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    "\u3100-\u318f\u31a0-\u31bf"  # Bopomofo, Hangul compatibility
    "\uff66-\uffdc"  # halfwidth Katakana and Hangul
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"  # Kana supplements, rarer Han
)
_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
# Signs that belong to the letter before them and that `\w` leaves out.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487"  # Latin, Greek, Cyrillic
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # Arabic
    "\u0900-\u0963\u0971-\u0dff"  # the scripts of India
)
_DIACRITICS = re.compile("[\u0300-\u036f]+")


# Compiled when the first text is read: sets of that many characters take 10 ms, which the start need not wait for.


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}{_EMOJI}]|(?:(?![{_UNSPACED}])[^\\W_]|[{_MARKS}]){{1,{LONGEST}}}")


@cache
def _ascii_word() -> re.Pattern[str]:
    """The same for a text that is ASCII, several times as fast."""
    return re.compile(f"[a-zA-Z0-9]{{1,{LONGEST}}}")


@cache
def _standing_alone() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}{_EMOJI}]")


class Word(NamedTuple):
    """A word where it stands in a text."""

    start: int
    end: int
    folded: str


def words_in(text: str) -> Iterator[Word]:
    """The words of a text in order; costs as much as is taken of them."""
    for found in _pattern(text).finditer(text):
        if folded := _folded(found[0]):
            yield Word(found.start(), found.end(), folded)


def indexed_form(text: str) -> str:
    """The folded words of a text with spaces between, as FTS5 gets them."""
    return fold(" ".join(_pattern(text).findall(text)))


def fold(text: str) -> str:
    """Text by which words are compared: without case, without diacritics (but with the signs that make another letter
    in scripts other than Latin, Greek and Cyrillic), compatibility forms (fullwidth letters, ligatures) as plain
    ones."""
    if text.isascii():
        return text.lower()
    parted = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _DIACRITICS.sub("", parted).casefold())


_folded = lru_cache(2**13)(fold)
"""Of one word; the same few come again and again."""


def stands_alone(word: str) -> bool:
    """Whether a word is a single character of a script without spaces, or an emoji: nothing begins with it."""
    return _standing_alone().match(word) is not None


def _pattern(text: str) -> re.Pattern[str]:
    return _ascii_word() if text.isascii() else _word()
