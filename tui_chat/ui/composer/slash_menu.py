"""The slash words that fit what is typed, above the prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui_chat.commands import completions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

    from tui_chat.commands import Command

ROWS = 8
WORD = re.compile(r"[A-Za-z][\w-]{0,60}")


class SlashMenu(Widget):
    """Shows itself while the prompt holds the beginning of a slash word; the prompt moves the pick."""

    DEFAULT_CSS = """
    SlashMenu {
        height: auto;
        display: none;
        padding: 0 1;
    }
    """
    pick: reactive[int] = reactive(0)

    def __init__(self) -> None:
        super().__init__(id="slash-menu")
        self.templates: Sequence[Command] = ()
        """The commands that send a person's templates."""
        self._commands: list[Command] = []
        self._text = ""
        self._closed_for: str | None = None

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
        if found != self._commands:
            self._commands = found
            self.pick = 0
            self.display = self.open
            self.refresh(layout=True)

    def close(self) -> bool:
        """Hide it until another text is typed. False: it was not shown."""
        was_open, self._commands = self.open, []
        self._closed_for = self._text
        self.display = False
        return was_open

    def move(self, step: int) -> None:
        """Move the pick, round at the ends."""
        self.pick = (self.pick + step) % len(self._commands)

    def render(self) -> Content:
        """A window of rows around the pick."""
        rows_shown = self.size.height or ROWS
        first = max(0, min(self.pick - rows_shown // 2, len(self._commands) - rows_shown))
        width = max((len(command.slash) + len(command.argument) for command in self._commands), default=0) + 3
        rows = []
        for index, command in enumerate(self._commands[first : first + rows_shown], first):
            word = f"/{command.slash} {command.argument}".ljust(width)
            row = Content.assemble((word, "bold $role-text"), (command.title, "$role-muted"))
            mark = Content.styled("▸ ", "$role-accent") if index == self.pick else Content("  ")
            rows.append(mark + row)
        return Content("\n").join(rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A row a command, within bounds."""
        return min(ROWS, len(self._commands), max(1, viewport.height // 3))
