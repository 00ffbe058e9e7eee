"""The visible part of a menu that is longer than its height."""

from __future__ import annotations

import pytest

from tui_chat.ui.composer.menu_rows import count_row, has_count, visible


@pytest.mark.parametrize("entries", [1, 2, 3, 8, 9, 40])
@pytest.mark.parametrize("height", range(1, 9))
def test_the_pick_is_visible_at_every_height(entries: int, height: int) -> None:
    for pick in range(entries):
        rows = visible(pick, entries, height)
        assert pick in rows
        assert 0 <= rows.start < rows.stop <= entries
        assert len(rows) + has_count(entries, height) <= height
        assert len(rows) == min(entries, height - has_count(entries, height))


@pytest.mark.parametrize(
    ("width", "row"), [(60, "  2 of 9   ↑ ↓ choose   Esc close"), (24, "  2 of 9   ↑ ↓ choose"), (9, "  2 of 9")]
)
def test_keys_that_do_not_fit_are_left_out_whole(width: int, row: str) -> None:
    assert count_row(1, 9, width, (("↑ ↓", "choose"), ("Esc", "close"))).plain == row
