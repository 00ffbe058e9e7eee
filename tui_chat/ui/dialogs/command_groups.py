"""The groups that lists show commands in."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.commands import Command

WRITING = "Writing"
GROUPS = {
    "commands.branches": "Reply",
    "screen.stop_reply": "Reply",
    "commands.copying": "Copy",
    "commands.chats": "Chats",
    "connections": "Model",
    "commands.options": "Model",
    "composer": WRITING,
    "sender": WRITING,
    "pane": "Reading",
    "finding": "Reading",
    "commands.navigation": "Reading",
}
"""The group of a command by the beginning of its handler."""
ON_MESSAGE = "On a message"
"""The group of the commands for the focused message."""
OTHERS = "Program"
"""The group of all other commands."""


def group_of(command: Command) -> str:
    """The title of the group that a command is listed in."""
    if command.place == "message":
        return ON_MESSAGE
    return next((group for owner, group in GROUPS.items() if command.handler.startswith(owner)), OTHERS)


def grouped(commands: Sequence[Command]) -> list[tuple[str, list[Command]]]:
    """The commands by groups, in the order of their first commands; those for writing, which are mostly done by keys,
    and the program's own come last."""
    titles = list(dict.fromkeys([*map(group_of, commands)]))
    titles.sort(key=lambda title: (title == OTHERS, title == WRITING))
    ordered = sorted(commands, key=lambda command: titles.index(group_of(command)))
    return [(title, list(members)) for title, members in groupby(ordered, group_of)]
