"""No character that drives a terminal passes."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_chat.chat.clean import (
    BLACK_FLAG,
    CONTEXTUAL,
    DECISIONS,
    KEPT,
    Cleaner,
    clean,
    clean_in_place,
    clean_line,
    code_points,
)

any_text = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b]52;c;ZXZpbA==\x07",
        "\x1b[2J",
        "\x9b31m",
        "\u202egnp.exe",
        "\u2066hidden\u2069",
        "\x00\x08\x0b\x0c\x7f",
        "\U000e0041\U000e007f",
        "\ud83d",
    ],
)
def test_what_drives_a_terminal_becomes_a_mark(attack: str) -> None:
    for cleaned in (clean(attack), clean_in_place(attack), clean_line(attack)):
        assert not any(unicodedata.category(char) in ("Cc", "Cs") or 0xE0000 <= ord(char) < 0xE0080 for char in cleaned)
        assert not set("\u202e\u2066\u2069") & set(cleaned)
        assert "\ufffd" in cleaned


@given(any_text)
def test_nothing_but_newline_and_tab_is_left_of_the_controls(text: str) -> None:
    controls = {char for char in clean(text) if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")}
    assert controls <= {"\n", "\t"}


@given(any_text)
def test_cleaning_in_place_keeps_every_position(text: str) -> None:
    assert len(clean_in_place(text)) == len(text)


@given(any_text)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


JOINED = "a1 \n\r\u0645\u064a\u0915\u094d\u1820\u180b👩❤🏴🏽\u20e3\ufe0f\ufe0e\ufe00\u200d\u200c\u200b\xad\x1b"
TAGS = "\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
joined = st.lists(st.sampled_from([*JOINED, *TAGS, TAGS]), max_size=12).map("".join)


def fed(text: str, cuts: list[int]) -> str:
    cleaner, at, shown = Cleaner(), 0, ""
    for size in [*cuts, len(text)]:
        shown += cleaner.feed(text[at : at + size])
        at += size
    return shown


@given(any_text | joined, st.lists(st.integers(0, 4), max_size=12))
@example(f"{BLACK_FLAG}\ufe00{TAGS[0]}", [2])  # what is dropped parts the tags from the flag
@example(f"{BLACK_FLAG}\r{TAGS}", [1, 1])
@example(f"{BLACK_FLAG}{TAGS[:3]}\u200b{TAGS[3:]}", [1, 2, 2])
def test_a_text_in_pieces_is_cleaned_as_in_one(text: str, cuts: list[int]) -> None:
    assert fed(text, cuts) == clean(text)


@given(joined)
def test_what_stays_of_joiners_stays_when_it_is_cleaned_again(text: str) -> None:
    assert clean(clean(text)) == clean(text)


IGNORABLE = (
    "00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 FFF0-FFF8"
    " 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"
)
"""Default_Ignorable_Code_Point of the Unicode Character Database."""


def characters(ranges: str) -> list[str]:
    return [chr(code) for codes in code_points(ranges) for code in codes]


@cache
def hidden() -> set[str]:
    """Every character of Unicode that has no glyph."""
    return set(characters(IGNORABLE)) | {
        char for char in map(chr, range(0x110000)) if unicodedata.category(char) in ("Cf", "Cc", "Cs", "Zl", "Zp")
    }


def test_every_character_without_a_glyph_is_decided_once() -> None:
    written = [ranges for ranges, _, _ in DECISIONS] + [ranges for ranges, _ in (*CONTEXTUAL, *KEPT)]
    decided = [char for ranges in written for char in characters(ranges)]
    assert len(decided) == len(set(decided))
    assert sorted(hidden() - set(decided)) == []


def test_nothing_without_a_glyph_is_left_but_what_stays_for_a_reason() -> None:
    kept = {char for ranges, _ in KEPT for char in characters(ranges)}
    for char in hidden() - kept:
        for text in (f"a{char}b", char, f"日{char}", f"{char}👩"):
            assert not hidden() & set(clean(text)) - kept, hex(ord(char))


@pytest.mark.parametrize(
    "text",
    [
        "می‌خواهم",  # Persian: ZWNJ
        "ශ්‍රී ලංකා",  # Sinhala: ZWJ
        "ന്‍റെ क्‍ष",
        "👩‍👩‍👧 👩🏽‍🚒 🏳️‍🌈 🏴‍☠️ ❤️‍🔥 🧔‍♂️ 🏃🏽‍♀️‍➡️",
        "1️⃣ #️⃣ ❤️ ☎︎ ©️",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "ᠠ᠋",
    ],
)
def test_scripts_and_emoji_that_need_a_joiner_keep_it(text: str) -> None:
    assert clean(text) == fed(text, [1] * len(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("vis\u200bible\ufeff, soft\xadhyphen\u2060", "visible, softhyphen"),
        ("a\u200db\u200cc", "abc"),
        ("👩\u200d", "👩"),
        ("👩\u200da", "👩a"),
        ("x\ufe0f1\ufe0f2", "x12"),
        ("☺\U000e0100\U000e0141", "☺\ufffd\ufffd"),
        ("🏴\U000e0041", "🏴\ufffd"),
        ("\u3164name\u115f", "\ufffdname\ufffd"),
    ],
)
def test_what_shows_nothing_goes_and_what_hides_something_is_marked(text: str, shown: str) -> None:
    assert clean(text) == shown
    assert fed(text, [1] * len(text)) == shown


def test_ordinary_text_of_any_script_stays() -> None:
    text = "naïve 中文 हिन्दी 👩‍👩‍👧 é\n\ttab [b]brackets[/b]"
    assert clean(text) == text


def test_a_line_has_no_line_ends_and_no_runs_of_blanks() -> None:
    assert clean_line(" a\r\nb\t\u2028 c ") == "a b c"


def test_the_tables_of_unsafe_characters_are_not_made_for_safe_text() -> None:
    code = (
        "from tui_chat.chat import clean\n"
        "kept = clean.clean('h\u00e9llo \u65e5\u672c \u2713 \U0001f642\\n'), clean.clean_line('a  b')\n"
        "before = clean._table.cache_info().currsize\n"
        "clean.clean('\\x1b')\n"
        "print(before, clean._table.cache_info().currsize)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True, encoding="utf-8").split() == ["0", "1"]
