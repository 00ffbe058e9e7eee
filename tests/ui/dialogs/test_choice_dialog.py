from __future__ import annotations

import pytest

from tui_chat.ui.dialogs.choice_dialog import ChoiceDialog
from tui_chat.ui.dialogs.row_list import ListRow, Sentence


class Noted(ChoiceDialog):
    """A dialog that notes its result."""

    def __init__(self) -> None:
        super().__init__("Effort", [("low", "quick answers"), ("high", "long thoughts")], "high", "No such effort.")
        self.results: list[str | None] = []

    def dismiss(self, result: str | None = None) -> None:  # type: ignore[override]
        self.results.append(result)


def names(dialog: ChoiceDialog, words: str) -> list[str]:
    return [str(item.value) if isinstance(item, ListRow) else item.text for item in dialog.items(words)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("words", "found"),
    [("", ["low", "high"]), ("hi", ["high"]), ("quick", ["low"]), ("zzz", ["No such effort."])],
)
def test_rows_are_found_by_their_names_and_their_notes(words: str, found: list[str]) -> None:
    assert names(Noted(), words) == found


def test_the_one_in_use_is_marked_and_picked_first() -> None:
    dialog = Noted()
    assert {row.value: row.sign for row in dialog.items("") if isinstance(row, ListRow)} == {"low": "", "high": "●"}
    assert dialog.first_pick() == "high"
    assert isinstance(dialog.items("zzz")[0], Sentence)


def test_the_name_of_the_chosen_row_is_returned_and_without_a_row_nothing_happens() -> None:
    dialog = Noted()
    dialog.choose(None)
    assert dialog.results == []
    row = dialog.items("")[0]
    assert isinstance(row, ListRow)
    dialog.choose(row)
    assert dialog.results == ["low"]
