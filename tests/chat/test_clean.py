"""No character that drives a terminal passes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.clean import clean, clean_in_place, clean_line

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


@given(any_text, st.integers(0, 50))
def test_a_cut_anywhere_changes_nothing(text: str, at: int) -> None:
    assert clean(text[:at]) + clean(text[at:]) == clean(text)


def test_ordinary_text_of_any_script_stays() -> None:
    text = "naïve 中文 हिन्दी 👩‍👩‍👧 é\n\ttab [b]brackets[/b]"
    assert clean(text) == text


def test_a_line_has_no_line_ends_and_no_runs_of_blanks() -> None:
    assert clean_line(" a\r\nb\t\u2028 c ") == "a b c"
