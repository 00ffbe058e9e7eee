"""Says above the prompt that the next question goes to several models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widgets import Static

from tui_chat.ui.column import GUTTER, column_of
from tui_chat.ui.key_hints import key_hint
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence


GAP: Final = "   "
"""Blanks between the models and what takes them back."""


class CompareLine(Static):
    """The models that the next question goes to, and which of them are at hosts the chat has not gone to yet."""

    DEFAULT_CSS = "CompareLine { height: auto; color: $role-muted; }"

    def __init__(self, widest: int) -> None:
        """`widest`: the most cells of the column; 0 for the whole width."""
        super().__init__()
        self._widest = widest
        self._models: tuple[str, ...] = ()
        self._hosts, self._tried = "", False

    def on_resize(self) -> None:
        """Stand in the column."""
        left, width = column_of(self.screen.size.width, self._widest)
        self.styles.padding = (0, max(0, self.screen.size.width - left - width) + GUTTER, 0, left + GUTTER)
        self._lay_out()

    def show(self, models: Sequence[str], hosts: str, *, tried: bool) -> None:
        """Show the models. `hosts`: a sentence about other hosts, empty if there are none; `tried`: a question has been
        held back because of them."""
        self._models, self._hosts, self._tried = tuple(models), hosts, tried
        self._lay_out()

    def _lay_out(self) -> None:
        room = max(1, column_of(self.screen.size.width, self._widest).width - 2 * GUTTER)
        named = Content.assemble(("Next question side by side: ", MUTED), (", ".join(self._models), "bold $role-text"))
        off = Content.assemble(("/compare off", "bold $role-text"), (" takes it back", MUTED))
        *lines, last = named.wrap(room) or [Content("")]
        last = last.rstrip()
        beside = last.cell_length + len(GAP) + off.cell_length <= room
        lines += [last + GAP + off] if beside else [last, off]
        if self._hosts:
            again = f" {key_hint(self.app, 'send')} once more sends it." if self._tried else ""
            lines.append(Content.assemble((self._hosts, "$role-warning"), (again, "bold $role-warning")))
        self.update(Content("\n").join(lines))
