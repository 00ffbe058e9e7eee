"""The column of the text in windows of any width."""

from __future__ import annotations

import pytest

from tui_chat.ui.column import column_of


@pytest.mark.parametrize(
    ("window", "most", "column"),
    [(80, 100, (0, 80)), (100, 100, (0, 100)), (121, 100, (10, 100)), (300, 0, (0, 300)), (0, 100, (0, 0))],
)
def test_the_column_is_centred_once_the_window_is_wider(window: int, most: int, column: tuple[int, int]) -> None:
    assert column_of(window, most) == column
