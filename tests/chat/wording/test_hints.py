"""Hints name the screen's keys where a person sees them, and none where the keys do not work."""

from __future__ import annotations

import pytest

from tui_chat.chat.wording import hints
from tui_chat.chat.wording.hints import on_screen

WORDINGS = sorted(hints._ON_SCREEN)


@pytest.mark.parametrize("hint", WORDINGS)
def test_each_hint_of_the_shell_has_words_for_the_screen_with_its_keys(hint: str) -> None:
    shown = on_screen(f"Before. {hint} After.", "Ctrl+Y")
    assert hint not in shown
    assert "{model}" not in shown
    assert ("Ctrl+Y" in shown) is ("{model}" in hints._ON_SCREEN[hint])
    assert (shown.startswith("Before. "), shown.endswith(" After.")) == (True, True)


@pytest.mark.parametrize("hint", WORDINGS)
def test_where_the_chats_keys_do_not_work_none_is_named(hint: str) -> None:
    shown = on_screen(hint, "")
    assert shown[:1].isupper()
    assert shown.endswith(".")
    assert not any(word in shown for word in ("{model}", " and then Ctrl+E", ": /"))
