"""The amount of text below what is visible, in words."""

from __future__ import annotations

import pytest

from tui_chat.ui.transcript.text_below import words_below


@pytest.mark.parametrize(
    ("rows", "messages", "words"),
    [
        (0, 0, ""),
        (1, 0, "1 line below"),
        (1_234, 0, "1,234 lines below"),
        (5, 1, "1 more message below"),
        (5, 2_000, "2,000 more messages below"),
    ],
)
def test_messages_are_counted_where_their_rows_are_not_known(rows: int, messages: int, words: str) -> None:
    assert words_below(rows, messages) == words
