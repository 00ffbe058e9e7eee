"""A dialog with a filter and a list below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ScreenResultType
from textual.widgets import Static, TextArea

from tui_chat.chat.quick_dataclass import replace
from tui_chat.ui.dialogs.dialog import ROWS_FOR_BLANKS, Dialog
from tui_chat.ui.dialogs.filter_input import DialogInput
from tui_chat.ui.dialogs.fuzzy import best
from tui_chat.ui.dialogs.row_list import Column, Heading, ListItem, ListRow, RowList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.geometry import Size


class ListDialog(Dialog[ScreenResultType], Generic[ScreenResultType]):
    """A dialog in which one filters a list by typing, moves in it and chooses a row.

    A subclass gives the rows in `items`, and does with the chosen one what it is for in `choose`. When its rows have
    changed (an answer has come) it calls `show_items`; the pick stays on the row with an equal value.
    """

    DEFAULT_CSS = """
    ListDialog .filter { height: 1; margin: 0 2 1 0; }
    ListDialog .filter > Static { width: 4; }
    ListDialog.-low .filter { margin: 0 2 0 0; }
    """
    COLUMNS: ClassVar[Sequence[Column]] = ()
    """The columns of notes beside the names."""
    PLACEHOLDER: ClassVar[str] = "Filter"
    CLICK_CHOOSES: ClassVar[bool] = True
    """Whether a click chooses a row; else a click picks it, and a second one chooses it."""
    LIST_KEYS: ClassVar[Mapping[str, str]] = {
        "enter": "choose",
        "up": "move(-1)",
        "down": "move(1)",
        "pageup": "page(-1)",
        "pagedown": "page(1)",
        "ctrl+home": "move(-1000000)",
        "ctrl+end": "move(1000000)",
    }

    def __init__(self, words: str = "") -> None:
        """`words`: what the filter contains at first."""
        super().__init__()
        self.keys = {**self.LIST_KEYS, **self.keys}
        # Stored rather than queried: an answer may arrive after the dialog was closed.
        self.filter = DialogInput(self.keys, words, placeholder=self.PLACEHOLDER)
        self.filter_line = Horizontal(Static(Content.styled("  › ", "$role-accent")), self.filter, classes="filter")
        self.list = RowList(self.COLUMNS, self._rows_at_most)

    # What a subclass gives

    def items(self, words: str) -> Sequence[ListItem]:
        """The rows, headings and sentences to show while the filter contains `words` (empty: all)."""
        raise NotImplementedError

    def choose(self, row: ListRow | None) -> None:
        """Enter was pressed, or a row was clicked; `None`: the list has no row."""
        raise NotImplementedError

    def picked(self, row: ListRow) -> None:
        """React to a new pick; a subclass may show more about it."""

    def first_pick(self) -> object:
        """The value of the row that is picked when the dialog opens; by default the first row."""
        return None

    # What it may use

    @property
    def words(self) -> str:
        """The words that are typed into the filter."""
        return self.filter.text.strip()

    def show_items(self, *, keep: bool = True, pick: object = None) -> None:
        """Show the items again. `keep`: the pick stays on its row, or where that row was; else it is the first one.
        `pick`: the value of another row to pick."""
        before, place = self.list.picked, self.list.pick
        wanted = pick or (before.value if before is not None else self.first_pick())
        items = self.items(self.words)
        at = 0
        if keep:
            found = (at for at, item in enumerate(items) if isinstance(item, ListRow) and item.value == wanted)
            at = next(found, max(0, place))
        self.list.show(items, min(at, max(0, len(items) - 1)))

    @staticmethod
    def matching(rows: Iterable[ListRow], words: str) -> list[ListRow]:
        """The rows that fit the words, best first, with the letters marked that fit."""
        found = best(words, rows, lambda row: (row.name, *row.also))
        return [replace(row, letters=match.letters) for row, match in found]

    @staticmethod
    def in_groups(groups: Iterable[tuple[str, Sequence[ListRow]]]) -> list[ListItem]:
        """Each title with its rows below it, without the groups that are empty."""
        items: list[ListItem] = []
        for title, rows in groups:
            if rows:
                items += [Heading(title), *rows]
        return items

    # How it works

    def compose_content(self) -> ComposeResult:
        """Compose the filter and the list."""
        yield self.filter_line
        yield self.list

    def on_mount(self) -> None:
        """Focus the filter and fill the list."""
        self.begin()

    def on_screen_suspend(self) -> None:
        """Show no pick while another dialog is above this one."""
        self.list.refresh()

    def on_screen_resume(self) -> None:
        """Show the pick again."""
        self.list.refresh()

    def begin(self) -> None:
        """Focus the filter and show the list."""
        self.set_focus(self.filter)
        self.show_items()

    def _rows_at_most(self, screen: Size) -> int:
        return self.rows_for_content(screen.height) - (1 if screen.height < ROWS_FOR_BLANKS else 2)

    @on(TextArea.Changed)
    def _filter_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if event.text_area is self.filter:
            self.filter_changed()

    def filter_changed(self) -> None:
        """Show what fits the filter now."""
        self.show_items(keep=False)
        self._moved()

    @on(RowList.Picked)
    def _moved(self) -> None:
        if (row := self.list.picked) is not None:
            self.picked(row)

    @on(RowList.Clicked)
    def _clicked(self, event: RowList.Clicked) -> None:
        if self.CLICK_CHOOSES or event.again:
            self.choose(self.list.picked)
        else:
            self._moved()

    def action_choose(self) -> None:
        """Choose the picked row."""
        self.choose(self.list.picked)

    def action_move(self, by: int) -> None:
        """Move the picked row."""
        self.list.move(by)

    def action_page(self, pages: int) -> None:
        """Move the pick by pages."""
        self.list.page(pages)
