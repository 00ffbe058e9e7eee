"""The slash words that fit what is typed, above the prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.commands import by_slash, completions
from tui_chat.ui.composer import menu_rows
from tui_chat.ui.composer.menu_rows import GAP, ROWS, Menu
from tui_chat.ui.key_hints import keymap_of
from tui_chat.ui.roles import MUTED, PICKED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

    from tui_chat.commands import Command

WIDTH_FOR_ARGUMENTS = 60
WORD = re.compile(r"[A-Za-z][\w-]{0,60}")


class SlashMenu(Menu):
    """Shows itself while the prompt holds the beginning of a slash word; the prompt moves the pick. Behind a whole word
    it shows what may follow."""

    DEFAULT_CSS = """
    SlashMenu { height: auto; display: none; background: $role-overlay; color: $role-muted; }
    """

    @dataclass
    class Clicked(Message):
        """Posted when a command is clicked, which is then the picked one."""

    def __init__(self) -> None:
        super().__init__(id="slash-menu")
        self.templates: Sequence[Command] = ()
        """The commands that send a person's templates."""
        self._commands: list[Command] = []
        self._text = ""
        self._closed_for: str | None = None
        self._explained: Command | None = None
        """The command whose argument is being typed."""

    @property
    def open(self) -> bool:
        """Whether it is shown."""
        return bool(self._commands)

    @property
    def picked(self) -> Command | None:
        """The command that Enter or Tab would complete."""
        return self._commands[self.pick] if self._commands else None

    def show_for(self, text: str) -> None:
        """Show what fits the prompt's `text`; nothing, unless it is one slash word still being typed."""
        self._text = text
        word = text.removeprefix("/")
        typing = text.startswith("/") and (not word or WORD.fullmatch(word)) and text != self._closed_for
        found = completions(word, self.templates) if typing else []
        if text != self._closed_for:
            self._closed_for = None
        explained = None if found or text == self._closed_for else self._command_with_argument(text)
        if found != self._commands or explained is not self._explained:
            if found != self._commands:
                self.pick = 0
            self._commands, self._explained = found, explained
            self.display = bool(found or explained)
            self.refresh(layout=True)

    def _command_with_argument(self, text: str) -> Command | None:
        """The command of a prompt that consists of its slash word and what follows it, if something may follow."""
        if not text.startswith("/") or "\n" in text or " " not in text:
            return None
        command = by_slash(text[1:].partition(" ")[0].lower(), self.templates)
        return command if command is not None and command.argument else None

    def close(self) -> bool:
        """Hide it until another text is typed. False: it was not shown."""
        was_open, self._commands, self._explained = self.open, [], None
        self._closed_for = self._text
        self.display = False
        return was_open

    @property
    def entry_count(self) -> int:
        """The number of commands that fit."""
        return len(self._commands)

    def take_click(self) -> None:
        """Post that the picked command was clicked."""
        self.post_message(self.Clicked())

    # Drawing

    def render(self) -> Content:
        """A window of rows around the pick, and its place in a longer list."""
        width = self.size.width
        if self._explained is not None:
            return Content("\n").join(_explanation(self._explained, width)[: max(1, self.size.height)])
        keymap, words = keymap_of(self.app), _word_width(self._commands, width)
        rows = []
        for index in self.visible_entries:
            command = self._commands[index]
            key = "".join(keymap.all_written(command, 1))
            rows.append(_row(command, width, words, about=command.title, key=key, picked=index == self.pick))
        if menu_rows.has_count(len(self._commands), self.size.height):
            rows.append(menu_rows.count_row(self.pick, len(self._commands), width, KEYS))
        return Content("\n").join(rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A row a command, within bounds."""
        rows = len(self._commands) if self._explained is None else len(_explanation(self._explained, width))
        return max(1, min(ROWS, rows, viewport.height // 3))


KEYS = (("↑ ↓", "choose"), ("Tab", "complete"), ("Enter", "run"), ("Esc", "close"))


def _word(command: Command, width: int) -> str:
    """The slash word with its argument's placeholder, for which narrow windows have no room."""
    return f"/{command.slash} {command.argument}".rstrip() if width >= WIDTH_FOR_ARGUMENTS else f"/{command.slash}"


def _word_width(commands: list[Command], width: int) -> int:
    return max((len(_word(command, width)) for command in commands), default=0)


def _explanation(command: Command, width: int) -> list[Content]:
    """The possible arguments of a command and their effects, in at most two lines."""
    word = Content.assemble((f"/{command.slash}", "bold $role-text"), (f" {command.argument}", MUTED))
    at = 2 + word.cell_length + GAP
    if at > width // 2:
        return [("  " + word).truncate(max(1, width), ellipsis=True)]
    first, *others = Content.styled(command.help, MUTED).wrap(width - at - GAP)
    rest = [" " * at + Content(" ").join(others).truncate(width - at - GAP, ellipsis=True)] if others else []
    return ["  " + word + " " * GAP + first, *rest]


def _row(command: Command, width: int, words: int, *, about: str, key: str = "", picked: bool = False) -> Content:
    """One line: the slash word, its argument's placeholder, what it does, and its key where there is room."""
    lead = Content.styled("▸ ", "$role-pick") if picked else Content("  ")
    muted = "$role-text" if picked else MUTED
    end = len(command.slash) + 1
    word = Content(_word(command, width)).stylize("bold $role-text", 0, end).stylize(muted, end)
    line = lead + word + " " * (words - word.cell_length + GAP)
    line += Content.styled(about, muted)
    room = width - GAP - len(key)
    if key and line.cell_length + GAP <= room:
        line += " " * (room - line.cell_length) + Content.styled(key, muted)
    line = line.truncate(max(1, width), ellipsis=True)
    line += " " * max(0, width - line.cell_length)
    return line.stylize_before(PICKED) if picked else line
