"""The list of themes, in which the screen takes on the picked one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Column, ListItem, ListRow, Sentence
from tui_chat.ui.themes import AUTO, THEMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.theme import Theme

    from tui_chat.ui.themes import ThemedApp

OWN = "tui-chat"
PREVIEW_AFTER = 0.06
"""Seconds that a row is picked before the screen takes on its theme, so that a held arrow key does not wait for all
themes on its way."""


class ThemePicker(ListDialog[str | None]):
    """Returns the name of the chosen theme; closed with Esc, the screen has its old theme again. It stands at the side
    and dims nothing, so that the chat is seen as it will look."""

    DEFAULT_CSS = """
    ThemePicker { align: right middle; background: transparent; }
    ThemePicker > .panel { width: 38; margin: 0 2 0 0; }
    """
    TITLE = "Themes"
    PLACEHOLDER = "Search themes"
    CLICK_CHOOSES = False
    COLUMNS = (Column(widest=30),)
    HINTS = (
        Hint("enter", "use", "choose"),
        Hint("up", "preview", "move(1)", keys="↑ ↓"),
        Hint("escape", "cancel", "close"),
    )

    def __init__(self, themed: ThemedApp) -> None:
        """`themed`: the app that takes on the themes."""
        super().__init__()
        self._themed, self._before = themed, themed.chosen_theme

    def items(self, words: str) -> Sequence[ListItem]:
        """The themes by groups, or those that fit the words."""
        follows = ListRow(AUTO, value=AUTO, sign=self._sign(AUTO), notes=("as the terminal's background",))
        groups: dict[str, list[ListRow]] = {OWN: [follows]}
        for theme in self.app.available_themes.values():
            row = ListRow(theme.name, value=theme.name, sign=self._sign(theme.name))
            groups.setdefault(_group_of(theme), []).append(row)
        if words:
            rows = [row for group in groups.values() for row in group]
            return self.matching(rows, words) or [Sentence("No themes match.")]
        order = sorted(groups, key=[OWN, "Dark", "Light", "The terminal's own colours"].index)
        return self.in_groups((title, groups[title]) for title in order)

    def _sign(self, name: str) -> str:
        return "●" if name == self._before else ""

    def first_pick(self) -> str:
        """The theme in use."""
        return self._before

    def picked(self, row: ListRow) -> None:
        """Take on the theme, unless the pick moves on."""
        self.set_timer(PREVIEW_AFTER, lambda: self._preview(row))

    def _preview(self, row: ListRow) -> None:
        if self.is_current and self.list.picked is row:
            self._themed.use_theme(str(row.value))

    def choose(self, row: ListRow | None) -> None:
        """Close the dialog with the picked theme."""
        if row is not None:
            self.dismiss(str(row.value))

    def action_close(self) -> None:
        """Go back to the theme of before."""
        self._themed.use_theme(self._before)
        self.dismiss(None)


def _group_of(theme: Theme) -> str:
    if theme.name in {own.name for own in THEMES}:
        return OWN
    if theme.ansi:
        return "The terminal's own colours"
    return "Dark" if theme.dark else "Light"
