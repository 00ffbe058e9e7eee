"""Where you write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message

from tui_chat.chat.clean import clean
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui import clipboard
from tui_chat.ui.composer.text_box import WritingBox
from tui_chat.ui.key_hints import key_hint, keymap_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

    from tui_chat.commands import Command
    from tui_chat.ui.composer.slash_menu import SlashMenu

INVITATION = "Ask anything"
ELSEWHERE = "Esc returns here"
"""Stands in the empty box while something else has the focus."""
SEPARATOR = " · "


def invitation(hints: Sequence[str], room: int) -> str:
    """What an empty box of `room` cells says: as many of the hints as fit."""
    text, gap = INVITATION, "    "
    for each in hints:
        if len(text) + len(gap) + len(each) > room:
            break
        text, gap = text + gap + each, SEPARATOR
    return text[: max(0, room)]


class Prompt(WritingBox):
    """A box that grows with its text to a third of the screen. Enter sends."""

    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        height: auto;
        min-height: 1;
        border: none;
        padding: 0 1 0 0;
        background: transparent;
        scrollbar-size-vertical: 1;
        .text-area--placeholder { color: $role-faint; }
    }
    """

    @dataclass
    class Submitted(Message):
        """The person wants `text` sent in the chat with the id `chat`; the box is empty again."""

        text: str
        chat: str

    @dataclass
    class Earlier(Message):
        """Up at the top edge: the prompt before is wanted."""

    @dataclass
    class Later(Message):
        """Down at the bottom edge: the prompt after is wanted."""

    @dataclass
    class EditorWanted(Message):
        """The person wants to go on in an editor."""

    @dataclass
    class CommandPressed(Message):
        """The key of a command was pressed that others than the box handle; `command` is its id."""

        command: str

    def __init__(self, menu: SlashMenu) -> None:
        super().__init__(id="prompt")
        self._menu = menu
        self.chat = ""
        """The id of the chat that is written in; empty until one is shown."""

    def on_resize(self) -> None:
        """Show as many hints as fit."""
        self.invite()

    def on_focus(self) -> None:
        """Show what can be done here."""
        self.invite()

    def on_blur(self) -> None:
        """Show how to come back."""
        self.invite()

    def invite(self) -> None:
        """Let the empty box say what can be done in it."""
        room = self.content_size.width - 1  # the last column is the cursor's
        if self.has_focus or self.screen.focused is None:
            keys = [
                f"{key_hint(self.app, name)} {words}" for name, words in (("send", "send"), ("newline", "new line"))
            ]
            self.placeholder = Content(invitation([*keys, "/ commands"], room))
        else:
            self.placeholder = Content(ELSEWHERE[: max(0, room)])

    def rows_at_most(self, screen: Size) -> int:
        """A third of the screen."""
        return screen.height // 3

    def done(self) -> None:
        """Send, or complete the command that is picked in the menu."""
        picked = self._menu.picked
        if picked is not None and self.text.removeprefix("/") not in picked.words:
            self._complete()
            if picked.argument:
                return
        text = self.text
        self.clear()  # at once: what is typed before the message is handled belongs to the next text
        self.post_message(self.Submitted(text, self.chat))

    def give_back(self, text: str) -> None:
        """Put a text that could not be taken in front of what has been typed since."""
        self.put(f"{text}\n{self.text}" if self.text else text)

    def own_key(self, key: str) -> bool:
        """Besides the box's own: Tab completes, and Ctrl+V takes the system's clipboard."""
        self._menu.show_for(self.text)  # the news of a change comes later than the next key of a fast typist
        if key in ("up", "down"):
            return False  # they move the cursor first
        if key == "tab" and self._menu.open:
            self._complete()
        elif key == "ctrl+v":
            self._take_clipboard()
        else:
            return super().own_key(key)
        return True

    def run_command(self, command: Command) -> bool:
        """Besides the box's own: an editor, the earlier prompts, and the commands that are not the box's."""
        match command.id:
            case "editor":
                self.post_message(self.EditorWanted())
            case "history_previous":
                self.post_message(self.Earlier())
            case "history_next":
                self.post_message(self.Later())
            case _:
                if not super().run_command(command):
                    self.post_message(self.CommandPressed(command.id))
        return True

    def _complete(self) -> None:
        if (picked := self._menu.picked) is not None:
            self.put(f"/{picked.slash} " if picked.argument else f"/{picked.slash}")

    def _take_clipboard(self) -> None:
        text = clipboard.paste(self.app).replace("\r\n", "\n").replace("\r", "\n")
        start, end = self.selection
        self.replace(clean(text), start, end, maintain_selection_offset=False)

    def action_cursor_up(self, select: bool = False) -> None:
        """Up: in the menu, then in the text, then through earlier prompts."""
        self._menu.show_for(self.text)
        if self._menu.open:
            self._menu.move(-1)
        elif not select and self._cursor_row == 0 and self._runs("up", "history_previous"):
            self.post_message(self.Earlier())
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Down: likewise, through later prompts."""
        self._menu.show_for(self.text)
        if self._menu.open:
            self._menu.move(1)
        elif not select and self._cursor_row == self.wrapped_document.height - 1 and self._runs("down", "history_next"):
            self.post_message(self.Later())
        else:
            super().action_cursor_down(select)

    def _runs(self, key: str, name: str) -> bool:
        command = keymap_of(self.app).command(key, "prompt")
        return command is not None and command.id == name

    @property
    def _cursor_row(self) -> int:
        """The cursor's row on the screen, counted from the text's first."""
        return self.wrapped_document.location_to_offset(self.cursor_location).y
