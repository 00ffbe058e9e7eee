from __future__ import annotations

import pytest
from rich.cells import cell_len

from tui_chat.ui.signs import ASCII, UNICODE, Signs, signs_of


def test_the_setting_chooses_the_signs() -> None:
    assert signs_of("ascii") is ASCII
    assert signs_of("unicode") is UNICODE
    assert signs_of("") is UNICODE


def test_the_signs_for_careful_terminals_are_ascii() -> None:
    assert "".join(ASCII).isascii()


@pytest.mark.parametrize("signs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_a_sign_takes_one_cell_so_that_rows_keep_their_columns(signs: Signs) -> None:
    several = {"bullets", "sep", "frame"}
    wide = {name: sign for name, sign in signs._asdict().items() if name not in several and cell_len(sign) > 1}
    assert wide == {}
    assert [cell_len(bullet) for bullet in signs.bullets] == [1, 1, 1]


def test_the_two_sets_have_as_many_bullets_so_that_depths_look_different_in_both() -> None:
    assert len(set(ASCII.bullets)) == len(set(UNICODE.bullets)) == 3
