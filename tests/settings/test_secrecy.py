from __future__ import annotations

import pytest

from tui_chat.settings.secrecy import masked


@pytest.mark.parametrize(
    ("secret", "shown"), [("", ""), ("short", "••••"), ("fifteen-letters", "••••"), ("sk-0123456789abcdef", "••••cdef")]
)
def test_a_secret_shows_its_end_only_if_it_is_long(secret: str, shown: str) -> None:
    assert masked(secret) == shown
