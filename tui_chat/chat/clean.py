"""Make foreign text safe for a terminal.

Textual and Rich write what they are given: ESC, C1 controls and bidi overrides in a model's reply would reach the
terminal and control it, and characters without a glyph would hide text or split words for search and copying. All text
from outside is cleaned here before it is displayed; stored state keeps the exact text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK: Final = 0xFFFD
"""Replacement for a character that controls a terminal, misleads a reader, or can carry hidden text."""

DROP: Final = None
"""Replacement for a character that is invisible and can be left out without changing what is read."""

LINE_END: Final = ord("\n")

DECISIONS: Final[tuple[tuple[str, int | None, str], ...]] = (
    ("0000-0008 000B-001F 007F-009F", MARK, "C0, DEL and C1 drive a terminal; 009B is an 8-bit CSI"),
    ("061C 200E 200F 202A-202E 2066-2069", MARK, "bidi controls make text read as something else (Trojan Source)"),
    ("206A-206F", MARK, "deprecated controls of digits, shapes and mirroring change how text reads"),
    ("2028 2029", LINE_END, "the separators of lines and paragraphs"),
    ("D800-DFFF", MARK, "lone surrogates cannot be encoded"),
    ("FFF9-FFFB", MARK, "interlinear annotation runs two texts into each other"),
    ("115F 1160 3164 FFA0", MARK, "letters without a glyph take a place and look like a blank or like nothing"),
    ("2065 FFF0-FFF8 E0080-E00FF E01F0-E0FFF", MARK, "unassigned, and to be ignored where shown: they can hide text"),
    (
        "FDD0-FDEF FFFE FFFF " + " ".join(f"{plane:X}FFFE {plane:X}FFFF" for plane in range(1, 17)),
        MARK,
        "no characters, and never will be",
    ),
    ("E0000-E007F", MARK, "tags are an invisible alphabet; three flags are spelled with them, see FLAGS"),
    (
        "E0100-E01EF",
        MARK,
        "variation selectors of ideographs: terminals have no such variants, and each can hide a byte",
    ),
    ("00AD", DROP, "a soft hyphen says where a word may be broken, which the layout does not do"),
    ("034F", DROP, "the grapheme joiner only matters to sorting"),
    ("17B4 17B5", DROP, "Khmer vowels that are never shown"),
    ("180E", DROP, "the vowel separator of Mongolian, whose final shapes terminals do not have"),
    ("200B 2060 FEFF", DROP, "places where a line may, or may not, be broken; FEFF is a byte order mark, too"),
    ("2061-2064", DROP, "invisible operators of formulas"),
    ("FE00-FE0D", DROP, "variants of signs that terminals do not have"),
    ("13430-1343F", DROP, "they arrange hieroglyphs in two dimensions, which a terminal does not"),
    ("1BCA0-1BCA3", DROP, "they join strokes of shorthand, which a terminal does not"),
    ("1D173-1D17A", DROP, "they begin and end beams and slurs of music, which a terminal does not draw"),
)
"""The treatment of characters without a glyph or with terminal effects: code points, replacement, and reason."""

CONTEXTUAL: Final = (
    ("200C", "keeps letters apart, in the scripts whose letters join: Persian needs it"),
    ("200D", "joins emoji to one, and letters in the scripts that need it: Sinhala, Malayalam and others"),
    ("180B-180D 180F", "shapes of Mongolian letters"),
    ("FE0E FE0F", "whether a sign is text or an emoji, which decides how wide it is"),
)
"""Characters kept only after a character they belong to, and dropped elsewhere."""

KEPT: Final = (
    ("0009 000A", "tabs and line ends are laid out"),
    ("0600-0605 06DD 070F 0890 0891 08E2 110BD 110CD", "have a glyph: they enclose the number or word they precede"),
)
"""Format and control characters that are kept."""

FLAGS: Final = ("gbeng", "gbsct", "gbwls")
"""The flags of England, Scotland and Wales, each a black flag followed by tag characters."""

BLACK_FLAG: Final = "\U0001f3f4"
_TAGGED: Final = tuple("".join(chr(0xE0000 + ord(letter)) for letter in flag) + "\U000e007f" for flag in FLAGS)

_JOINING_SCRIPTS: Final = (
    "0600-08FF 0900-0DFF 1000-109F 1780-18AA 1900-1CFF A840-ABFF FB50-FDFF FE70-FEFE 10A00-11FFF 1E900-1E95F"
)
_EMOJI: Final = (
    "00A9 00AE 203C 2049 2122 2139 2194-21AA 231A-23FF 24C2 25AA-25FE 2600-27BF 2934 2935 2B05-2B55 3030 303D 3297 3299"
    " 1F000-1FAFF"
)
_KEYCAPS: Final = "#*0123456789"
_KEYCAP: Final = "\u20e3"


def code_points(ranges: str) -> Iterator[range]:
    """Return the code points of ranges in the notation used above."""
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield range(int(first, 16), int(last or first, 16) + 1)


@cache
def _table() -> dict[int, int | None]:
    """The table for `str.translate`; most text is safe, so it is made when the first is not."""
    table: dict[int, int | None] = {}
    for ranges, to, _ in DECISIONS:
        for codes in code_points(ranges):
            table |= dict.fromkeys(codes, to)
    # A CR alone has no visible effect, and dropping it makes CRLF one line end even if a cut separates the pair.
    table[ord("\r")] = DROP
    return table


@cache
def in_place() -> dict[int, int | None]:
    """The table for `str.translate` that replaces one character by one, so that positions stay valid."""
    table = _table()
    return table | dict.fromkeys([code for code, to in table.items() if to is DROP], MARK)


def _any_of(*ranges: str) -> re.Pattern[str]:
    runs = [codes for written in ranges for codes in code_points(written)]
    return re.compile("[" + "".join(f"{chr(codes[0])}-{chr(codes[-1])}" for codes in runs) + "]")


class _Patterns:
    """Compiled patterns for unsafe characters; searching is much cheaper than translating, and most text is safe.

    A set within the first 65,536 characters is a bitmap to the regular expression engine; a set with characters beyond
    is ten times slower, so it is searched only if the text contains such a character at all.
    """

    def __init__(self) -> None:
        written = [ranges for ranges, *_ in DECISIONS]
        contextual = [ranges for ranges, _ in CONTEXTUAL]
        parts = [part for ranges in written for part in ranges.split()]
        self.low = _any_of(*(part for part in parts if len(part.partition("-")[0]) == 4))
        self.low_or_contextual = _any_of(*(part for part in parts if len(part.partition("-")[0]) == 4), *contextual)
        self.beyond = re.compile("[\U00010000-\U0010ffff]")
        self.high = _any_of(*(part for part in parts if len(part.partition("-")[0]) > 4))
        self.contextual = _any_of(*contextual)
        self.joining = _any_of(_JOINING_SCRIPTS)
        self.emoji = _any_of(_EMOJI)


@cache
def _patterns() -> _Patterns:
    return _Patterns()


def _unsafe(text: str) -> bool:
    """Whether the text has any character to replace, regardless of context."""
    if text.isascii() and text.isprintable():
        return False
    look = _patterns()
    return bool(look.low.search(text) or (not text.isascii() and look.beyond.search(text) and look.high.search(text)))


class Cleaner:
    """Clean a text that arrives in pieces; the result equals that of cleaning it whole."""

    __slots__ = ("_held", "_last", "_parted")

    def __init__(self) -> None:
        self._held = ""
        """The end of the last piece, whose treatment depends on the next character; it is dropped if nothing
        follows."""
        self._last = ""
        """The last character returned."""
        self._parted = False
        """Whether characters that were dropped stood after it, so that tags that follow do not belong to it."""

    def feed(self, text: str) -> str:
        """Return the next piece, cleaned: newlines and tabs stay, CR is removed."""
        if self._held:
            text, self._held = self._held + text, ""
        if not (text.isascii() and text.isprintable()):
            look = _patterns()
            if look.low_or_contextual.search(text) or (not text.isascii() and look.beyond.search(text)):
                text = self._cleaned(text)
        if text:
            self._last = text[-1]
        return text

    def _cleaned(self, text: str) -> str:
        after_flag = self._last == BLACK_FLAG and not self._parted
        if after_flag or BLACK_FLAG in text:
            cleaned = self._flags(text, after_flag=after_flag)
        else:
            cleaned = text.translate(_table()) if _unsafe(text) else text
        if _patterns().contextual.search(cleaned):
            cleaned = self._in_context(cleaned)
        if taken := text[: len(text) - len(self._held)]:
            self._parted = not taken.endswith(BLACK_FLAG)
        return cleaned

    def _flags(self, text: str, *, after_flag: bool) -> str:
        """Translate the text except for the tag characters of a flag; keep back a flag that may continue in the next
        piece. `after_flag`: the text follows a black flag."""
        pieces: list[str] = []
        first, *others = (BLACK_FLAG + text if after_flag else text).split(BLACK_FLAG)
        pieces.append(first.translate(_table()))
        for number, piece in enumerate(others):
            tags = next((tags for tags in _TAGGED if piece.startswith(tags)), "")
            if not tags and piece and number == len(others) - 1 and any(tags.startswith(piece) for tags in _TAGGED):
                self._held, piece = piece, ""
            pieces.append(BLACK_FLAG + tags + piece[len(tags) :].translate(_table()))
        joined = "".join(pieces)
        return joined[1:] if after_flag else joined

    def _in_context(self, text: str) -> str:
        """Drop contextual characters that do not follow a character they belong to."""
        pieces: list[str] = []
        last, at = self._last, 0
        for found in _patterns().contextual.finditer(text):
            if before := text[at : found.start()]:
                pieces.append(before)
                last = before[-1]
            at = found.end()
            belongs = _belongs(found[0], last, text[at : at + 1])
            if belongs:
                pieces.append(found[0])
                last = found[0]
            elif belongs is None:
                self._held = found[0] + self._held
        pieces.append(text[at:])
        return "".join(pieces)


def _belongs(character: str, before: str, after: str) -> bool | None:
    """Whether a contextual character between these two is kept; `None`: it depends on `after`, which is not known
    yet."""
    if character in "\u200c\u200d" and _patterns().joining.match(before):
        return unicodedata.category(before)[0] in "LM"
    if character == "\u200c":
        return False
    if character == "\u200d":
        if not (before == "\ufe0f" or _patterns().emoji.match(before)):
            return False
        return bool(_patterns().emoji.match(after)) if after else None
    if character in "\ufe0e\ufe0f":
        if before and before in _KEYCAPS:
            return after == _KEYCAP if after else None
        return bool(_patterns().emoji.match(before))
    return "\u1820" <= before <= "\u18aa"


def clean(text: str) -> str:
    """Clean a text of several lines: newlines and tabs stay, CR and invisible characters go, other controls become
    U+FFFD."""
    return Cleaner().feed(text)


def clean_in_place(text: str) -> str:
    """Replace control and invisible characters one for one by U+FFFD, so that positions in the text stay valid."""
    return text.translate(in_place()) if _unsafe(text) else text


def clean_line(text: str) -> str:
    """Clean a text for one line (a title, a model name): all white space becomes single spaces."""
    return " ".join(clean(text).split())
