"""Text that is shown as written because Markdown would take too long; it grows by screen rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.markdown.blocks import BlockContext
from tui_chat.ui.markdown.open_blocks import OpenBlock
from tui_chat.ui.markdown.styled_text import StyledText

if TYPE_CHECKING:
    from tui_chat.ui.markdown.row_buffer import RowBuffer

# One run of a set to each line's end.
_BLANK_LINE = re.compile(r"^[ \t>]*\n", re.MULTILINE)


@dataclass(slots=True, kw_only=True)
class OpenPlain(OpenBlock):
    """Plain text up to a blank line."""

    least: int
    """Number of characters that are plain even if they contain blank lines."""
    carry: StyledText | None = None
    """The beginning of the next row; `None` if nothing is rendered yet."""

    @classmethod
    def begun(cls, least: int) -> OpenPlain:
        """Start in a new row."""
        return cls(head="", context=BlockContext(), least=least)

    def split(self, tail: str) -> tuple[str, str, bool]:
        """Split the tail into the text to render and the rest, and say whether the plain text ends between them."""
        start = self.least if self.carry is None else tail.find("\n") + 1
        blank = _BLANK_LINE.search(tail, start) if start or self.carry is None else None
        if blank is not None:
            return tail[: blank.start()].rstrip("\n"), tail[blank.end() :], True
        kept = tail.rstrip("\n")
        return kept, tail[len(kept) :], False

    def render(self, text: str, buffer: RowBuffer) -> None:
        """Render more text after the rows in the buffer, except for the last row, which may change."""
        piece = StyledText(clean(text)).without_tabs()
        if self.carry is None:
            buffer.gap()
            buffer.text(piece)
        else:
            buffer.text(self.carry.joined(piece), onto=True)
        self.carry = buffer.pop_last_row()

    def render_last_row(self, buffer: RowBuffer) -> None:
        """Render the row that may change."""
        if self.carry is not None:
            buffer.text(self.carry, onto=True)
