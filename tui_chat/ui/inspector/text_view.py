"""A view of rows of text: headers, a JSON document that folds, bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.inspector.json_rows import FoldedJson, TextRow, document_in, wrapped_rows
from tui_chat.ui.inspector.virtual_list import LEAD, VirtualList

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from tui_chat.ui.inspector.virtual_list import Piece


class TextView(VirtualList):
    """Shows rows, and behind them a body: as JSON that folds, or as text."""

    @dataclass
    class Opened(Message):
        """Posted when a row that shows the beginning of a longer text was chosen."""

        text: str

    class LaidOut(Message):
        """Posted when the rows were laid out for another width."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._rows: list[TextRow] = []
        self._head: Sequence[TextRow] = ()
        self._body = ""
        self._folded: FoldedJson | None = None
        self._for_width: Callable[[int], Sequence[TextRow]] | None = None
        self._laid_out = 0
        """The width in cells that the rows were laid out for."""

    def set_content(self, head: Sequence[TextRow], body: str = "") -> None:
        """Show these rows, and a body behind them, from the beginning."""
        document = document_in(body) if body else None
        self._for_width = None
        self._head, self._body = head, body
        self._folded = None if document is None else FoldedJson(document)
        self._lay_out(0)

    def set_rows(self, rows_for: Callable[[int], Sequence[TextRow]], *, keep: bool = False) -> None:
        """Show the rows that a function gives for a width in cells. `keep`: at the same place."""
        self._for_width = rows_for
        self._lay_out(self.pick if keep and self.pick >= 0 else 0)

    def _lay_out(self, pick: int) -> None:
        width = self._laid_out = max(1, self.row_width - LEAD)
        if self._for_width is not None:
            self._rows = [*self._for_width(width)]
        elif self._folded is not None:
            self._rows = [*self._head, *self._folded.rows()]
        else:
            self._rows = [*self._head, *(wrapped_rows(self._body, width) if self._body else ())]
        self.show(len(self._rows), min(pick, len(self._rows) - 1))
        self.refresh()

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """The pieces of a row."""
        return self._rows[index].pieces

    def on_resize(self) -> None:
        """Lay text out for the new width."""
        if self._laid_out != max(1, self.row_width - LEAD):
            self._lay_out(self.pick)
            self.post_message(self.LaidOut())

    def on_key(self, event: events.Key) -> None:
        """Fold or unfold with Enter and Space, or open a long text."""
        if event.key in {"enter", "space"} and self.activate():
            event.stop()
            event.prevent_default()

    def on_virtual_list_picked(self, event: VirtualList.Picked) -> None:
        """A second click does what Enter does."""
        if event.again and event.list is self:
            event.stop()
            self.activate()

    @property
    def opens(self) -> str:
        """The word for what Enter does with the picked row; empty: nothing."""
        row = self._rows[self.pick] if 0 <= self.pick < len(self._rows) else None
        if row is None:
            return ""
        return "fold" if row.fold is not None and self._folded is not None else "whole text" if row.whole else ""

    def activate(self) -> bool:
        """Fold or unfold the picked row, or open its text. Returns False if it is neither."""
        if not 0 <= self.pick < len(self._rows):
            return False
        row = self._rows[self.pick]
        if row.fold is not None and self._folded is not None:
            self._folded.turn(row.fold)
            self._lay_out(self.pick)
        elif row.whole:
            self.post_message(self.Opened(row.whole))
        else:
            return False
        return True
