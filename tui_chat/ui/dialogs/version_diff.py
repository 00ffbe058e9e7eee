"""The dialog that shows what changed between two versions of a message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_chat.chat.clean import clean
from tui_chat.chat.wording.word_diff import DiffPiece, word_diff
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import Resize

LONGEST_SAME, KEPT = 1_200, 400
"""Characters of a run without changes that are shown whole, and at each end of a longer one."""
MOST_SHOWN = 60_000
"""Characters that are shown at most."""
STYLES = {"same": "", "removed": "$role-error strike", "added": "$role-success underline"}
TOO_DIFFERENT = "These versions are too long or too different to be compared word by word."


class VersionDiff(Dialog[None]):
    """The new version, with what was removed from the old one struck through and what was added underlined."""

    DEFAULT_CSS = """
    VersionDiff VerticalScroll { height: auto; scrollbar-size-vertical: 1; }
    VersionDiff VerticalScroll > Static { padding: 0 2; }
    """
    WIDE: ClassVar[bool] = True
    HINTS: ClassVar[Sequence[Hint]] = (
        Hint("down", "scroll", "scroll(1)", "↑ ↓", scrolls=True),
        Hint("escape", "close", "close"),
    )
    KEYS: ClassVar[Mapping[str, str]] = {"up": "scroll(-1)", "pageup": "scroll(-10)", "pagedown": "scroll(10)"}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("D", "close", show=False)]

    def __init__(self, title: str, old: str, new: str) -> None:
        super().__init__()
        self.title = title
        self._old, self._new = old, new
        self._text = Static("Comparing…")
        self._scroll = VerticalScroll(self._text)

    def compose_content(self) -> ComposeResult:
        """Create the view of the differences."""
        yield self._scroll

    def on_mount(self) -> None:
        """Start the comparison of the two replies."""
        self.hint_at_scrolling_of(self._scroll)
        self.compare()

    def on_resize(self, event: Resize) -> None:
        """Leave room for the title and the keys."""
        super().on_resize(event)
        self._scroll.styles.max_height = max(2, self.rows_for_content(event.size.height))

    def action_scroll(self, rows: int) -> None:
        """Scroll by some rows."""
        self._scroll.scroll_relative(y=rows, animate=False, immediate=True)

    @work(exclusive=True)
    async def compare(self) -> None:
        """Compare in a thread, since the texts may be long."""
        pieces = await asyncio.to_thread(word_diff, clean(self._old), clean(self._new))
        if pieces is None:
            self._text.update(Content.styled(TOO_DIFFERENT, "$role-warning"))
            return
        changes = sum(len(piece.text.split()) for piece in pieces if piece.kind != "same")
        self.set_note("no difference" if not changes else f"{changes:,} words removed or added")
        self._text.update(Content.assemble(*shown(pieces)))


def shown(pieces: Sequence[DiffPiece]) -> list[tuple[str, str]]:
    """Return the pieces as text and style; long runs without changes are shortened, and so is a very long text."""
    parts: list[tuple[str, str]] = []
    left = MOST_SHOWN
    before = ""
    for piece in pieces:
        text = piece.text
        if piece.kind != "same" and before and not (before[-1].isspace() or text[:1].isspace()):
            parts.append((" ", ""))  # else a removed word and the one in its place would look like one
        before = text if piece.kind == "removed" else ""
        if piece.kind == "same" and len(text) > LONGEST_SAME:
            gap = len(text) - 2 * KEPT
            parts += [
                (text[:KEPT], ""),
                (f"\n… {gap:,} characters are the same …\n", MUTED),
                (text[-KEPT:], ""),
            ]
            left -= 2 * KEPT
        else:
            parts.append((text[:left], STYLES[piece.kind]))
            left -= len(text)
        if left <= 0:
            parts.append(("\n… The rest is left out.", MUTED))
            break
    return parts
