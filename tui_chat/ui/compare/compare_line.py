"""Says above the prompt that the next question goes to several models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from tui_chat.ui.column import GUTTER, column_of
from tui_chat.ui.key_hints import key_hint
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence


class CompareLine(Static):
    """The models that the next question goes to, and which of them are at hosts the chat has not gone to yet."""

    DEFAULT_CSS = "CompareLine { height: auto; color: $role-muted; }"

    def __init__(self, widest: int) -> None:
        """`widest`: the most cells of the column; 0 for the whole width."""
        super().__init__()
        self._widest = widest

    def on_resize(self) -> None:
        """Stand in the column."""
        left, width = column_of(self.screen.size.width, self._widest)
        self.styles.padding = (0, max(0, self.screen.size.width - left - width) + GUTTER, 0, left + GUTTER)

    def show(self, models: Sequence[str], hosts: str, *, tried: bool) -> None:
        """Show the models. `hosts`: a sentence about other hosts, empty if there are none; `tried`: a question has been
        held back because of them."""
        line = Content.assemble(("Next question side by side: ", MUTED), (", ".join(models), "bold $role-text"))
        line += Content.styled("   /compare off", "bold $role-text")
        if hosts:
            again = f" {key_hint(self.app, 'send')} once more sends it." if tried else ""
            line += Content("\n") + Content.styled(hosts, "$role-warning")
            line += Content.styled(again, "bold $role-warning")
        self.update(line)
