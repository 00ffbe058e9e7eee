"""Text in columns of a terminal."""

from __future__ import annotations

import pytest

from tui_chat.chat.wording.cells import cell_width, fitted

LINES = ["", "plain", "通义千问", "e\u0301te\u0301", "a🙂b", "👩\u200d💻", "가나다", "ｗｉｄｅ", "नमस्ते"]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("width", range(12))
def test_a_fitted_text_takes_exactly_its_cells(line: str, width: int) -> None:
    made = fitted(line, width)
    assert cell_width(made) == width
    assert made.rstrip() == line or "…" in made or not width


def test_wide_letters_are_two_cells_and_accents_none() -> None:
    assert [cell_width(line) for line in ("ab", "千问", "e\u0301", "a🙂")] == [2, 4, 1, 3]
