"""Split text into words and fold them for comparison.

The index, the query and the highlighting all use these words, so that they cannot disagree. FTS5 receives them
separated by spaces and splits only there (its `ascii` tokenizer): its other tokenizers classify and fold letters
differently in each SQLite version, and none of them finds words in Chinese.

In scripts without spaces each character is a word, so a word of two characters is searched as a phrase; the same goes
for emoji. `_`, `-`, `.` and the like separate words: `read_line` is found by `line`, and is itself searched as a
phrase.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 64
"""Maximum length of a word in characters; a longer run (Base64, for instance) is split."""

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
    """The same pattern for ASCII text, several times as fast."""
    return re.compile(f"[a-zA-Z0-9]{{1,{LONGEST}}}")


@cache
def _standing_alone() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}{_EMOJI}]")


class Word(NamedTuple):
    """A word and its range in a text."""

    start: int
    end: int
    folded: str


def words_in(text: str) -> Iterator[Word]:
    """Yield the words of a text in order; stops reading when the caller stops."""
    for found in _pattern(text).finditer(text):
        if folded := _folded(found[0]):
            yield Word(found.start(), found.end(), folded)


def indexed_form(text: str) -> str:
    """The folded words of a text separated by spaces, as FTS5 receives them."""
    return fold(" ".join(_pattern(text).findall(text)))


def fold(text: str) -> str:
    """Fold text for comparison: no case, no diacritics (except marks that form another letter in scripts other than
    Latin, Greek and Cyrillic), and plain characters for compatibility forms (fullwidth letters, ligatures)."""
    if text.isascii():
        return text.lower()
    parted = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _DIACRITICS.sub("", parted).casefold())


_folded = lru_cache(2**13)(fold)
"""Fold one word; cached, because the same few words recur."""


def stands_alone(word: str) -> bool:
    """Whether a word is a single character of a script without spaces, or an emoji, so that it is not a prefix."""
    return _standing_alone().match(word) is not None


def _pattern(text: str) -> re.Pattern[str]:
    return _ascii_word() if text.isascii() else _word()
