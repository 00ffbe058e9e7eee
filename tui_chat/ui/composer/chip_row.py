"""The row of chips above the prompt: attached files, and long pastes that are folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_chat.chat.clean import clean_line
from tui_chat.chat.context import attachment_size
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.ui import numbers
from tui_chat.ui.key_hints import key_hint
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

    from tui_chat.chat.message import Attachment

LONGEST_NAME: Final = 32
ROWS: Final = 3


class ChipRow(Widget):
    """A chip for each attachment and folded paste, on as many rows as they need; hidden without chips. A click on a
    chip opens it."""

    DEFAULT_CSS = """
    ChipRow {
        height: auto; display: none; color: $role-muted; link-style: none; link-color: $role-text;
        link-background: initial; link-background-hover: $role-selection; link-color-hover: $role-text;
    }
    """

    @dataclass
    class Removed(Message):
        """The attachment at `index` is not wanted any more."""

        index: int

    @dataclass
    class Opened(Message):
        """The folded paste that the character `mark` stands for is to stand in the box."""

        mark: str

    def __init__(self) -> None:
        super().__init__(id="chips")
        self._attachments: Sequence[Attachment] = ()
        self._pastes: Sequence[tuple[str, str]] = ()
        self._reading = 0

    def show(self, attachments: Sequence[Attachment], pastes: Sequence[tuple[str, str]], reading: int) -> None:
        """Show these attachments, these folded pastes (the character that stands for each, and its text), and that so
        many files are still being read."""
        shown = (tuple(attachments), tuple(pastes), reading)
        if shown == (self._attachments, self._pastes, self._reading):
            return
        self._attachments, self._pastes, self._reading = shown
        self.display = bool(attachments or pastes or reading)
        self.refresh(layout=True)

    def render(self) -> Content:
        """The rows; where there is no room for all chips, how many more there are."""
        width, height = self.size.width, max(1, self.size.height)
        rows = self._rows(width)
        if len(rows) > height:
            count = sum(len(row) for row in rows[height - 1 :])
            rows = [*rows[: height - 1], [Content(f" and {count} more ")]]
        return Content("\n").join(Content(" ").join(row) for row in rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the chips need, within bounds."""
        return min(ROWS, len(self._rows(width)), max(1, viewport.height // 6))

    def _rows(self, width: int) -> list[list[Content]]:
        """The chips of each row."""
        chips = [
            self._chip(_described(each), "×", f"remove({at})", width, f"screen.press('preview', '{at + 1}')")
            for at, each in enumerate(self._attachments)
        ]
        chips += [self._chip(f"Pasted {_lines(text)}", "open", f"open({mark!r})", width) for mark, text in self._pastes]
        if self._reading:
            key = key_hint(self.app, "stop")
            stops = f"  {key} stops" if key else ""
            chips.append(Content(f" reading {self._reading} file{'s' if self._reading > 1 else ''}…{stops} "))
        rows: list[list[Content]] = []
        room = 0
        for chip in chips:
            if chip.cell_length + 1 <= room:
                rows[-1].append(chip)
                room -= chip.cell_length + 1
            else:
                rows.append([chip])
                room = width - chip.cell_length
        return rows

    def _chip(self, words: str, button: str, action: str, width: int, show: str = "") -> Content:
        left, right = ("[", "]") if self.app.native_ansi_color else (" ", " ")
        room = max(1, width - len(button) - len(left) - len(right) - 1)
        described = Content(words).truncate(room, ellipsis=True).plain
        return Content.assemble(
            Content.styled(f"{left}{described} ", "$role-text on $role-overlay").stylize(f"@click={show or action}"),
            Content.styled(button, f"{MUTED} on $role-overlay").stylize(f"@click={action}"),
            (right, "$role-text on $role-overlay"),
        )

    def action_remove(self, index: int) -> None:
        """Ask for an attachment to be removed."""
        self.post_message(self.Removed(index))

    def action_open(self, mark: str) -> None:
        """Ask for a folded paste to be opened."""
        self.post_message(self.Opened(mark))


def _described(attachment: Attachment) -> str:
    """An attachment in a few words: `notes.md 4.2 kB ~1,050 tokens`, `bracket.png 1280×720 ~1,000 tokens`."""
    from tui_chat.attachments.image_size import image_size

    name = clean_line(attachment.name)
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME // 2]}…{name[-LONGEST_NAME // 2 + 1 :]}"
    pixels = image_size(attachment.data) if attachment.mime.startswith("image/") else None
    size = f"{pixels[0]}×{pixels[1]}" if pixels else readable_size(len(attachment.data))
    tokens = max(1, attachment_size(attachment))
    return f"{name} {size} ~{numbers.count(tokens)} token{'s' if tokens > 1 else ''}"


def _lines(text: str) -> str:
    lines = text.removesuffix("\n").count("\n") + 1
    return f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
