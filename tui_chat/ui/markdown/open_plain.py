"""Text that is shown as it was written, where Markdown would take too long: it grows by rows of the screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.markdown.blocks import BlockContext
from tui_chat.ui.markdown.open_blocks import OpenBlock
from tui_chat.ui.markdown.styled_text import StyledText

if TYPE_CHECKING:
    from tui_chat.ui.markdown.rows import RowBuffer

# One run of a set to each line's end.
_BLANK_LINE = re.compile(r"^[ \t>]*\n", re.MULTILINE)


@dataclass(slots=True, kw_only=True)
class OpenPlain(OpenBlock):
    """Plain text up to a blank line."""

    least: int
    """So many characters are plain, whatever is in them."""
    carry: StyledText | None = None
    """What the next row begins with; `None`: nothing is laid yet."""

    @classmethod
    def begun(cls, least: int) -> OpenPlain:
        """Begin in a row of its own."""
        return cls(head="", context=BlockContext(), least=least)

    def split(self, tail: str) -> tuple[str, str, bool]:
        """What of the tail is to be laid, what is left of it, and whether the plain text ends between the two."""
        start = self.least if self.carry is None else tail.find("\n") + 1
        blank = _BLANK_LINE.search(tail, start) if start or self.carry is None else None
        if blank is not None:
            return tail[: blank.start()].rstrip("\n"), tail[blank.end() :], True
        kept = tail.rstrip("\n")
        return kept, tail[len(kept) :], False

    def render(self, text: str, buffer: RowBuffer) -> None:
        """Lay more of it behind what is on the sheet, but for its last row, which may change."""
        piece = StyledText(clean(text)).without_tabs()
        if self.carry is None:
            buffer.gap()
            buffer.text(piece)
        else:
            buffer.text(self.carry.joined(piece), onto=True)
        self.carry = buffer.take_last_row()

    def render_last_row(self, buffer: RowBuffer) -> None:
        """Lay the row that may change."""
        if self.carry is not None:
            buffer.text(self.carry, onto=True)
