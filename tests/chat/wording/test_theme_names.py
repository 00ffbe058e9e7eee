"""Themes are found by the names that people write."""

from __future__ import annotations

import pytest

from tui_chat.chat.wording.theme_names import full_name, short_name

KNOWN = ("tui-chat-dark", "tui-chat-light", "ansi-dark", "rose-pine", "light-house")


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("dark", "tui-chat-dark"),
        ("Light", "tui-chat-light"),
        ("tui-chat-dark", "tui-chat-dark"),
        ("ansi_dark", "ansi-dark"),
        ("Rose Pine", "rose-pine"),
        ("purple", "purple"),
        ("", ""),
    ],
)
def test_a_theme_is_found_by_what_a_person_writes(written: str, full: str) -> None:
    assert full_name(written, KNOWN) == full


def test_a_theme_that_has_the_short_name_itself_comes_first() -> None:
    assert full_name("dark", (*KNOWN, "dark")) == "dark"


@pytest.mark.parametrize("name", KNOWN)
def test_each_short_name_leads_back_to_its_theme(name: str) -> None:
    assert full_name(short_name(name), KNOWN) == name
