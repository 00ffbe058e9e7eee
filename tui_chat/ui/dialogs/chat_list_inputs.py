"""The inputs of the chat list, and the line that shows its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.dialogs.filter_input import OneLine

if TYPE_CHECKING:
    from textual.geometry import Size


class FindChats(OneLine):
    """Filters the list; the list's keys also work here."""

    KEYS: ClassVar[dict[str, str]] = {
        "enter": "take",
        "up": "move(-1)",
        "down": "move(1)",
        "pageup": "page(-1)",
        "pagedown": "page(1)",
        "ctrl+home": "move(-1000000)",
        "ctrl+end": "move(1000000)",
        "f2": "rename",
        "ctrl+e": "rename",
        "ctrl+t": "pin",
        "f5": "duplicate",
        "ctrl+y": "duplicate",
        "ctrl+d": "delete",
        "delete": "delete",
        "alt+z": "undelete",
        "ctrl+underscore": "undelete",
        "ctrl+n": "new",
    }

    @dataclass
    class Wanted(Message):
        """Posted for a key of the list, with its action."""

        action: str

    def own_key(self, key: str) -> bool:
        """Pass on the keys of the list."""
        if key == "delete" and self.cursor_location != self.document.end:
            return False
        if action := self.KEYS.get(key):
            self.post_message(self.Wanted(action))
        return bool(action) or super().own_key(key)


class TitleBox(OneLine):
    """Edits a chat's title."""

    @dataclass
    class Done(Message):
        """Posted when the title is complete."""

        text: str

    def done(self) -> None:
        """Post `Done`."""
        self.post_message(self.Done(self.text))


class ListKeys(Widget):
    """The list's keys with their descriptions, which can be clicked."""

    DEFAULT_CSS = """
    ListKeys { height: auto; color: $text-muted; margin: 1 0; link-style: none; link-color: $text-muted; }
    """
    WORDS = (
        ("Enter open", "take"),
        ("F2 rename", "rename"),
        ("Ctrl+T pin", "pin"),
        ("F5 copy", "duplicate"),
        ("Ctrl+D delete", "delete"),
        ("Alt+Z undelete", "undelete"),
        ("Ctrl+N new", "new"),
        ("Esc close", "close"),
    )

    def render(self) -> Content:
        """Render as many keys per line as fit."""
        return Content("\n").join(self._lines(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The height in lines."""
        return len(self._lines(width))

    def _lines(self, width: int) -> list[Content]:
        lines = [Content()]
        for words, action in self.WORDS:
            link = Content(words).stylize(f"@click=screen.{action}()")
            if not lines[-1]:
                lines[-1] = link
            elif lines[-1].cell_length + 3 + link.cell_length <= width:
                lines[-1] = lines[-1] + " · " + link
            else:
                lines.append(link)
        return lines
