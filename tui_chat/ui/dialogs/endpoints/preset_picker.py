"""The list of providers and local servers in the form for an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Column, ListItem, ListRow, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.endpoint_ports import Preset


class PresetPicker(ListDialog[int | None]):
    """Returns the index of the chosen provider, or `None` if it was closed with Esc."""

    TITLE = "Provider"
    PLACEHOLDER = "Filter"
    COLUMNS = (Column(leaves=1, widest=56),)
    HINTS = (Hint("enter", "choose", "choose"), Hint("escape", "back", "close"))

    def __init__(self, presets: Sequence[Preset], current: int) -> None:
        """`current`: the index of the chosen one."""
        super().__init__()
        self._presets = presets
        self._current = current

    def items(self, words: str) -> Sequence[ListItem]:
        """The providers by groups, or those that fit the words."""
        groups: dict[str, list[ListRow]] = {"Providers": [], "On this computer": [], "Any other": []}
        for index, preset in enumerate(self._presets):
            group = "On this computer" if preset.local else "Providers" if preset.base_url else "Any other"
            note = preset.base_url.partition("://")[2] or "its URL and, if it needs one, its key"
            sign = "●" if index == self._current else ""
            groups[group].append(ListRow(preset.name, (note,), index, sign=sign))
        if words:
            rows = [row for group in groups.values() for row in group]
            return self.matching(rows, words) or [Sentence("No provider matches.")]
        return self.in_groups(groups.items())

    def first_pick(self) -> int:
        """The chosen one."""
        return self._current

    def choose(self, row: ListRow | None) -> None:
        """Return the index."""
        if row is not None and isinstance(row.value, int):
            self.dismiss(row.value)
