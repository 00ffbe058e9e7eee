"""The list of providers and local servers in the form for an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.model_ports import LocalServer
from tui_chat.chat.quick_dataclass import replace
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Column, Heading, ListItem, ListRow, Sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.worker import Worker

    from tui_chat.chat.endpoint_ports import Preset

LOOK: Final = "look"
"""The value of the row that looks for local servers."""
PROVIDERS, LOCAL, OTHER = "Providers", "On this computer", "Any other"


class PresetPicker(ListDialog[int | LocalServer | None]):
    """Returns the index of the chosen provider or a server that was found, or `None` if it was closed with Esc."""

    TITLE = "Provider"
    PLACEHOLDER = "Filter"
    COLUMNS = (Column(leaves=1, widest=56),)
    HINTS = (Hint("enter", "choose", "choose"), Hint("escape", "back", "close"))

    def __init__(
        self, presets: Sequence[Preset], current: int, find_servers: Callable[[], Awaitable[Sequence[LocalServer]]]
    ) -> None:
        """`current`: the index of the chosen one. `find_servers` asks the usual local ports; it is called only when
        that is chosen."""
        super().__init__()
        self._presets = presets
        self._current = current
        self._find_servers = find_servers
        self._found: Sequence[LocalServer] | None = None
        self._looking = False

    def items(self, words: str) -> Sequence[ListItem]:
        """The providers by groups, or those that fit the words."""
        groups: dict[str, list[ListRow]] = {PROVIDERS: [], LOCAL: [], OTHER: []}
        for index, preset in enumerate(self._presets):
            group = LOCAL if preset.local else PROVIDERS if preset.base_url else OTHER
            note = preset.base_url.partition("://")[2] or "its URL and, if it needs one, its key"
            sign = "●" if index == self._current else ""
            groups[group].append(ListRow(preset.name, (note,), index, sign=sign))
        groups[LOCAL].append(ListRow("Find local servers", ("asks the usual ports of this computer",), LOOK))
        if words:
            rows = [replace(row, also=(title, *row.notes)) for title, group in groups.items() for row in group]
            return self.matching(rows, words) or [Sentence("No provider matches.")]
        return [*self._answers(), *self.in_groups(groups.items())]

    def _answers(self) -> Sequence[ListItem]:
        """The rows of local servers that were found on this computer."""
        if self._looking:
            return [Heading("Found"), Sentence("Checking the usual ports on this computer…")]
        if self._found is None:
            return []
        rows: list[ListItem] = [
            ListRow(server.name, (f"{server.base_url.partition('://')[2]}  {_models(server)}",), server)
            for server in self._found
        ]
        return [Heading("Found"), *(rows or [Sentence("No server answered on the usual ports.")])]

    def first_pick(self) -> int:
        """The index of the provider that is chosen in the form."""
        return self._current

    def choose(self, row: ListRow | None) -> None:
        """Return what was chosen, or look for servers."""
        if row is None:
            return
        if row.value == LOOK:
            _: Worker[None] = self.run_worker(self._look, group="look", exclusive=True)
        elif isinstance(row.value, int | LocalServer):
            self.dismiss(row.value)

    async def _look(self) -> None:
        self._looking = True
        self.filter.take("")
        self.show_items()
        self._found = await self._find_servers()
        self._looking = False
        self.show_items(pick=self._found[0] if self._found else LOOK)


def _models(server: LocalServer) -> str:
    if server.wants_key:
        return "wants a key"
    count = len(server.models)
    return server.models[0] if count == 1 else f"{count:,} models"
