"""Command palette entries, from the table of commands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_chat.commands import COMMANDS, Command
from tui_chat.ui.composer.composer import Composer
from tui_chat.ui.key_hints import keymap_of

if TYPE_CHECKING:
    from collections.abc import Callable


class CommandsProvider(Provider):
    """Finds commands by their titles and slash names."""

    async def discover(self) -> Hits:
        """All commands, before anything is typed."""
        for command in self._listed():
            yield DiscoveryHit(command.title, self._runner(command), help=self._keys(command))

    async def search(self, query: str) -> Hits:
        """The commands that match `query`, best first."""
        matcher = self.matcher(query)
        for command in self._listed():
            score = max(matcher.match(command.title), matcher.match(command.slash))
            if score > 0:
                yield Hit(score, matcher.highlight(command.title), self._runner(command), help=self._keys(command))

    @staticmethod
    def _listed() -> list[Command]:
        # Commands that edit the prompt make no sense in a list, nor does opening the palette from itself.
        return [command for command in COMMANDS if command.place == "anywhere" and command.id != "palette"]

    def _runner(self, command: Command) -> Callable[[], object]:
        # A dialog over the chat ignores this message.
        return partial(self.screen.post_message, Composer.CommandEntered(command, ""))

    def _keys(self, command: Command) -> str:
        keys = " or ".join(keymap_of(self.app).all_written(command))
        return f"/{command.slash}" + (f" · {keys}" if keys else "")
