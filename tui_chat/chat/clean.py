"""Makes foreign text safe for a terminal.

Textual and Rich write what they are given: ESC, C1 controls and bidi overrides in a model's reply would reach the
terminal and drive it. Everything that comes from outside passes here on its way to a screen; state keeps the exact
text.
"""

from __future__ import annotations

import re
from functools import cache

REPLACEMENT = 0xFFFD


def _table() -> dict[int, int | None]:
    table: dict[int, int | None] = dict.fromkeys(range(0x20), REPLACEMENT)
    del table[ord("\n")], table[ord("\t")]
    table |= dict.fromkeys(range(0x7F, 0xA0), REPLACEMENT)  # DEL and C1; U+009B is an 8-bit CSI
    # bidi marks, embeddings, overrides and isolates can make text read as something else ("Trojan Source")
    table |= dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], REPLACEMENT)
    table |= dict.fromkeys(range(0xD800, 0xE000), REPLACEMENT)  # lone surrogates cannot be encoded
    table |= dict.fromkeys(range(0xE0000, 0xE0080), REPLACEMENT)  # tag characters are invisible text
    table[0x2028] = table[0x2029] = ord("\n")
    return table


def _runs(codes: list[int]) -> list[tuple[int, int]]:
    """The first and the last of each run of neighbours."""
    runs: list[tuple[int, int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1] = (runs[-1][0], code)
        else:
            runs.append((code, code))
    return runs


IN_PLACE = _table()
"""For `str.translate`: one character for one, so that positions hold."""

# A CR alone says nothing on a screen, and dropping it makes CRLF a line end whatever way the pair was cut.
_DROPPING = IN_PLACE | {ord("\r"): None}


def _any_of(codes: list[int]) -> re.Pattern[str]:
    return re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _runs(codes)) + "]")


@cache
def _low_and_high() -> tuple[re.Pattern[str], re.Pattern[str]]:
    # A set within the first 65,536 characters is a bitmap to the matcher; with characters beyond in it, it would be ten
    # times slower.
    codes = sorted(IN_PLACE)
    return _any_of([code for code in codes if code < 0x10000]), _any_of([code for code in codes if code >= 0x10000])


def _unsafe(text: str) -> bool:
    """Whether there is anything to replace: most text is safe, and to look is far cheaper than to translate."""
    if text.isascii() and text.isprintable():
        return False
    low, high = _low_and_high()
    return bool(low.search(text) or (not text.isascii() and high.search(text)))


def clean(text: str) -> str:
    """Text of several lines, safe to show: newlines and tabs stay, CR goes, other controls become U+FFFD."""
    return text.translate(_DROPPING) if _unsafe(text) else text


def clean_in_place(text: str) -> str:
    """The same, character for character, so that positions in the text hold (styles over it, say)."""
    return text.translate(IN_PLACE) if _unsafe(text) else text


def clean_line(text: str) -> str:
    """Text for one line (a title, a model's name): cleaned, and all white space is single spaces."""
    return " ".join(clean(text).split())
