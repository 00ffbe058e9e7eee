"""A short list to choose from, such as efforts or personas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Column, ListItem, ListRow, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence


class ChoiceDialog(ListDialog[str | None]):
    """Returns the name of the chosen row; `None` if it was closed with Esc."""

    COLUMNS = (Column(widest=48),)
    HINTS = (Hint("enter", "choose", "choose"), Hint("escape", "cancel", "close"))

    def __init__(self, title: str, choices: Sequence[tuple[str, str]], current: str, nothing: str) -> None:
        """`choices`: names with a note on each; `current` is the name of the one in use; `nothing`: the sentence shown
        where no name fits what is typed."""
        super().__init__()
        self.title = title
        self._choices = choices
        self._current = current
        self._nothing = nothing

    def items(self, words: str) -> Sequence[ListItem]:
        """The names that fit the words."""
        rows = [
            ListRow(name, (note,), value=name, sign="●" if name == self._current else "", also=(note,))
            for name, note in self._choices
        ]
        return (self.matching(rows, words) if words else rows) or [Sentence(self._nothing)]

    def first_pick(self) -> str:
        """The name of the choice that is in use."""
        return self._current

    def choose(self, row: ListRow | None) -> None:
        """Return the name of the chosen row."""
        if row is not None:
            self.dismiss(str(row.value))
