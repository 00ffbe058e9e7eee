"""The one-line inputs of dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.composer.text_box import WritingBox, starts_a_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events


class OneLine(WritingBox):
    """A one-line input whose keys a dialog can take."""

    DEFAULT_CSS = """
    OneLine, OneLine:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: transparent; scrollbar-size: 0 0;
    }
    """

    def on_mount(self) -> None:
        """Let a long text scroll horizontally."""
        self.soft_wrap = False

    def own_key(self, key: str) -> bool:
        """Ignore the keys for a new line."""
        return starts_a_line(key) or super().own_key(key)

    async def on_paste(self, event: events.Paste) -> None:
        """Turn pasted text into one line."""
        # the base class's handler runs afterwards and cleans
        event.text = clean_line(event.text)


class DialogInput(OneLine):
    """An input of a dialog, in which the dialog's keys work too. They are taken here and not by bindings, which would
    overtake letters that still wait in the input's queue."""

    @dataclass
    class Pressed(Message):
        """Posted for a key of the dialog, with its action."""

        action: str

    def __init__(self, keys: Mapping[str, str], text: str = "", *, placeholder: str = "") -> None:
        """`keys`: the dialog's actions by key."""
        super().__init__(clean_line(text), placeholder=placeholder)
        self._keys = keys

    def own_key(self, key: str) -> bool:
        """Pass on the keys of the dialog."""
        if key == "delete" and self.cursor_location != self.document.end:
            return False
        if action := self._keys.get(key):
            self.post_message(self.Pressed(action))
        return bool(action) or super().own_key(key)
