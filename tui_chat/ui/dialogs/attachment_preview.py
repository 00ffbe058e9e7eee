"""The dialog that shows what is attached, as it will be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_chat.attachments.image_size import image_size
from tui_chat.chat.clean import clean, clean_line
from tui_chat.chat.context import attachment_size
from tui_chat.ui import numbers
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import Resize

    from tui_chat.chat.message import Attachment

MOST_SHOWN: Final = 60_000
"""Characters that are shown at most."""


class AttachmentPreview(Dialog[int | None]):
    """Shows one attachment after the other. Returns the index of one to remove, or `None`."""

    DEFAULT_CSS = """
    AttachmentPreview VerticalScroll { height: auto; scrollbar-size-vertical: 1; }
    AttachmentPreview VerticalScroll > Static { padding: 0 2; }
    """
    WIDE: ClassVar[bool] = True
    HINTS: ClassVar[Sequence[Hint]] = (
        Hint("down", "scroll", "scroll(1)", "↑ ↓", scrolls=True),
        Hint("right", "the others", "turn(1)", "← →"),
        Hint("delete", "remove", "remove"),
        Hint("escape", "close", "close"),
    )
    KEYS: ClassVar[Mapping[str, str]] = {
        "up": "scroll(-1)", "pageup": "scroll(-10)", "pagedown": "scroll(10)", "left": "turn(-1)",
    }  # fmt: skip

    def __init__(self, attachments: Sequence[Attachment], at: int = 0) -> None:
        """`at`: the index of the first one to show."""
        super().__init__()
        self._attachments = attachments
        self._at = at
        self._text = Static("", markup=False)
        self._scroll = VerticalScroll(self._text)

    def compose_content(self) -> ComposeResult:
        """Create the view of the attachment's text."""
        yield self._scroll

    def on_mount(self) -> None:
        """Show the attachment that was picked."""
        self.hint_at_scrolling_of(self._scroll)
        self._show()

    def on_resize(self, event: Resize) -> None:
        """Leave room for the title and the keys."""
        super().on_resize(event)
        self._scroll.styles.max_height = max(2, self.rows_for_content(event.size.height))

    def _show(self) -> None:
        attachment = self._attachments[self._at]
        self.title = clean_line(attachment.name)
        many = len(self._attachments) > 1
        self.sub_title = f"{self._at + 1} of {len(self._attachments)}" if many else ""
        tokens = max(1, attachment_size(attachment))
        self.set_note(f"~{numbers.count(tokens)} token{'s' if tokens > 1 else ''}")
        self.set_hints([each for each in self.HINTS if many or each.key != "right"])
        self._text.update(shown(attachment))
        self._scroll.scroll_home(animate=False, immediate=True)

    def action_scroll(self, rows: int) -> None:
        """Scroll by some rows."""
        self._scroll.scroll_relative(y=rows, animate=False, immediate=True)

    def action_turn(self, by: int) -> None:
        """Show the next (1) or previous (-1) attachment."""
        self._at = (self._at + by) % len(self._attachments)
        self._show()

    def action_remove(self) -> None:
        """Return the shown one, to be removed."""
        self.dismiss(self._at)


def shown(attachment: Attachment) -> Content:
    """The text that is sent of an attachment, or the kind of file it is."""
    kind, size = attachment.mime.partition(";")[0], len(attachment.data)
    if kind.startswith("image/"):
        pixels = image_size(attachment.data)
        of = f", {pixels[0]} × {pixels[1]} pixels" if pixels else ""
        return Content(f"Sent as a picture: {clean_line(kind)}{of}, {size:,} bytes.")
    if kind == "application/pdf":
        return Content(f"Sent as a PDF file, {size:,} bytes.")
    text = clean(attachment.data[: 4 * MOST_SHOWN].decode("utf-8-sig", "replace"))
    if not text.strip():
        return Content.styled("This file has no text.", "$role-warning")
    left_out = len(text) > MOST_SHOWN or size > 4 * MOST_SHOWN
    more = "\n… Only its beginning is shown here; all of it is sent." if left_out else ""
    return Content.assemble(text[:MOST_SHOWN], (more, MUTED))
