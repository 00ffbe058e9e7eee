"""The command palette: finds any command by a few letters of its title or slash word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.events import Failed, Finished
from tui_chat.commands import COMMANDS, Command, by_id
from tui_chat.ui.dialogs.command_groups import ON_MESSAGE, grouped
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Column, ListItem, ListRow, Sentence
from tui_chat.ui.key_hints import keymap_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.conversation import Conversation


def suggested_for(conversation: Conversation) -> list[str]:
    """The ids of the commands that are likely to be wanted in a conversation."""
    reply = conversation.last_reply
    if conversation.replying:
        return ["stop", "chats", "model"]
    if reply is None:
        return ["model", "chats", "connect"]
    if isinstance(reply.ending, Failed):
        return ["retry", "model", "edit"]
    if reply.ending is not None and not isinstance(reply.ending, Finished):
        return ["continue", "retry", "model"]
    return ["model", "copy_reply", "new"]


class CommandPalette(ListDialog[Command | None]):
    """Returns the chosen command, or `None` if it was closed with Esc."""

    TITLE = "Commands"
    PLACEHOLDER = "Search commands"
    COLUMNS = (Column(leaves=2, widest=21), Column("right", leaves=1))
    HINTS = (Hint("enter", "run", "choose"), Hint("escape", "cancel", "close"))

    def __init__(
        self, suggested: Sequence[str] = (), templates: Sequence[Command] = (), *, of_message: bool = False
    ) -> None:
        """`suggested`: the ids of commands that are listed first. `templates`: the commands that send a person's
        templates. `of_message`: a message has the focus, so its commands are listed, too."""
        super().__init__()
        self._of_message = of_message
        self._templates = templates
        self._suggested = suggested

    def items(self, words: str) -> Sequence[ListItem]:
        """Groups of commands, or those that fit the words."""
        listed = [each for each in COMMANDS if self._of_message or each.place != "message"]
        listed = [command for command in listed if "palette" not in dict(command.without)]
        if words:
            listed += self._templates
            return self.matching(map(self._row, listed), words.removeprefix("/")) or [Sentence("No commands match.")]
        groups = [
            ("Suggested", [by_id(name) for name in self._suggested]),
            *sorted(grouped(listed), key=lambda group: group[0] != ON_MESSAGE),
            ("Templates", self._templates),
        ]
        return self.in_groups((title, [*map(self._row, commands)]) for title, commands in groups)

    def choose(self, row: ListRow | None) -> None:
        """Close the dialog with the picked command."""
        if row is not None and isinstance(row.value, Command):
            self.dismiss(row.value)

    def _row(self, command: Command) -> ListRow:
        slash = f"/{command.slash} {command.argument}".rstrip() if command.slash else ""
        keys = keymap_of(self.app).all_written(command, 1)
        return ListRow(command.title, (slash, *keys), command, also=command.words)
