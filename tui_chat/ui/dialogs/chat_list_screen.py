"""The chat list: filter by title, search in messages, and manage chats."""

from __future__ import annotations

from functools import partial
from time import time
from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui_chat.chat.clean import clean_line
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.commands import by_id
from tui_chat.ui.dialogs.chat_list_rows import COLUMNS, HitValue, States, chat_row, hit_row, in_date_groups
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.filter_input import DialogInput
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Heading, ListItem, ListRow, RowList, Sentence
from tui_chat.ui.key_hints import keymap_of
from tui_chat.ui.latest import Latest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult
    from textual.worker import Worker

    from tui_chat.chat.history_ports import ChatInfo, Hit
    from tui_chat.chat_manager.manager import ChatManager

CHATS = 200
"""The number of chats that are loaded at first; four times as many when the end becomes visible."""
LEAST_HEIGHT = 16
TITLES = 5
"""The number of titles that are shown above the matching messages."""
HITS = 40
"""The number of matching messages that are loaded at once."""
TYPING = 0.12
"""Seconds without typing before messages are searched."""
MORE: Final = "more titles"
"""The value of the row that shows all matching titles."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A chat to open; an empty id is a new one."""

    chat: str
    message: str = ""
    """The id of a message to scroll to."""
    words: str = ""
    """The search words found in it."""


class ChatsScreen(ListDialog[Chosen | None]):
    """Returns the chosen chat, or `None` if it was closed with Esc."""

    DEFAULT_CSS = """
    ChatsScreen .title-line { display: none; }
    ChatsScreen .filter > Static.label { width: auto; }
    """
    TITLE = "Chats"
    WIDE = True
    COLUMNS = COLUMNS
    PLACEHOLDER = "Search titles and messages"
    CLICK_CHOOSES = False  # a click picks the chat to rename, delete and so on
    HINTS = (
        Hint("enter", "open", "choose"),
        Hint("f2", "rename", "rename"),
        Hint("ctrl+t", "pin", "pin"),
        Hint("f5", "duplicate", "duplicate"),
        Hint("ctrl+d", "delete", "delete"),
        Hint("alt+z", "undo", "undelete"),
    )
    KEYS = {  # noqa: RUF012 - a constant of the base class
        "ctrl+e": "rename",
        "ctrl+y": "duplicate",
        "delete": "delete",
        "ctrl+underscore": "undelete",
    }
    TITLE_HINTS = (Hint("enter", "save", "save_title"), Hint("escape", "cancel", "close"))

    def __init__(self, manager: ChatManager, delete: Callable[[str], Awaitable[None]], words: str = "") -> None:
        """`delete`: deletes a chat by its id, and raises `HistoryError`; deleting the open chat also affects the
        screen."""
        super().__init__(words)
        self._manager = manager
        self._history = manager.history
        self._delete = delete
        self.list.grow_to(LEAST_HEIGHT)  # it does not jump when the chats have been loaded
        self._title_box = DialogInput({"enter": "save_title"})
        label = Static(Content.styled("  Title  ", "$role-accent"), classes="label")
        self._title_line = Horizontal(label, self._title_box, classes="filter title-line")
        self._chats: Sequence[ChatInfo] | None = None
        """The loaded chats; `None` before the first have been loaded."""
        self._hits: Sequence[Hit] | None = None
        self._limit = CHATS
        self._more_hits = False
        """Whether there may be more matches."""
        self._all_titles = False
        self._renaming = ""
        """The id of the chat whose title is being edited."""
        self._hints: Sequence[Hint] = self.HINTS
        self._taking = False
        """Whether Enter was pressed before the list was filtered by the typed text."""
        self._typed = False
        """Whether other words have been typed since the list was loaded."""
        self._brought_back = ""
        """The id of a restored chat that is picked as soon as the list contains it."""
        self._ask_chats = Latest(self, self._chats_loaded, partial(self._failed, self._chats_loaded))
        self._ask_hits = Latest(self, self._hits_loaded, partial(self._failed, self._hits_loaded), TYPING)
        self._ask_more = Latest(self, self._more_hits_loaded, partial(self._failed, self._more_hits_loaded))

    def compose_content(self) -> ComposeResult:
        """Compose the input for a title besides the filter and the list."""
        yield self._title_line
        yield from super().compose_content()

    def on_mount(self) -> None:
        """Take the keys that the settings give the commands which the list has too, and load it in a thread."""
        keymap = keymap_of(self.app)
        for command, action in (("new", "new"), ("chats", "close")):
            for key in keymap.keys(by_id(command)):
                self.keys.setdefault(key, action)  # the list's own keys go first
        new = next((key for key, action in self.keys.items() if action == "new"), "")
        self._hints = (*self.HINTS, Hint(new, "new", "new")) if new else self.HINTS
        self.hint_row.show(self._hints)
        self.reload()

    def filter_changed(self) -> None:
        """Load what fits the filter."""
        self._limit, self._all_titles, self._hits, self._typed = CHATS, False, None, True
        self.set_notice("")
        self.reload()

    def reload(self) -> None:
        """Load the list again, after a change or for another filter."""
        words = self.words
        limit = self._limit if not words or self._all_titles else TITLES + 1
        self._ask_chats.ask(partial(self._history.chats, words, limit=limit))
        if words:
            self._ask_hits.ask(partial(self._history.search, words, limit=HITS))
        else:
            self._ask_hits.forget()
        self._ask_more.forget()

    def _chats_loaded(self, chats: Sequence[ChatInfo]) -> None:
        typed, self._typed = self._typed, False
        self._chats = chats
        self.show_items(keep=not typed)
        if self._brought_back:
            self.show_items(pick=self._brought_back)
            self._brought_back = ""
        if self._taking and (chats or not self.words):
            self.action_choose()

    def _hits_loaded(self, hits: Sequence[Hit]) -> None:
        self._hits, self._more_hits = hits, len(hits) == HITS
        self.show_items()
        if self._taking:
            self.action_choose()

    def _more_hits_loaded(self, hits: Sequence[Hit]) -> None:
        self._hits, self._more_hits = [*(self._hits or ()), *hits], len(hits) == HITS
        self.show_items()

    def _failed(self, on_loaded: Callable[[tuple[()]], None], error: HistoryError) -> None:
        self.set_notice(str(error), bad=True)
        on_loaded(())

    def on_row_list_end_in_sight(self, event: RowList.EndInSight) -> None:
        """Load more rows, if there are any."""
        event.stop()
        if self._chats is None or self._ask_chats.pending:
            return
        if self.words:
            if self._hits and self._more_hits and not self._ask_more.pending:
                self._ask_more.ask(partial(self._history.search, self.words, limit=HITS, offset=len(self._hits)))
        elif len(self._chats) == self._limit:
            self._limit *= 4
            self.reload()

    # Rows

    def first_pick(self) -> object:
        """The newest chat apart from the shown one, which is open already."""
        others = [chat.id for chat in (self._chats or ())[:2] if chat.id != self._manager.shown_id]
        return others[0] if others else None

    def items(self, words: str) -> Sequence[ListItem]:
        """The chats by date; or the titles and the messages that fit the words."""
        chats, now = self._chats, time()
        if chats is None:
            return ()
        states = States(self._manager.running_ids, self._manager.waiting_ids)
        if not words:
            none_yet = [Sentence("There are no chats yet. Yours will be listed here.")]
            return self.in_groups(in_date_groups(chats, states, now)) or none_yet
        shown = chats if self._all_titles else chats[:TITLES]
        items: list[ListItem] = [Heading("Titles"), *(chat_row(chat, states, now, words) for chat in shown)]
        if not shown:
            items.append(Sentence("No titles match"))
        elif len(chats) > len(shown):
            items.append(ListRow("more titles…", value=MORE))
        items.append(Heading("In messages"))
        if self._hits is None:
            items.append(Sentence("Searching…"))
        elif not self._hits:
            items.append(Sentence("No messages match"))
        else:
            items.extend(hit_row(hit, states, now) for hit in self._hits)
        return items

    # Actions of the user

    def action_close(self) -> None:
        """Cancel editing a title, or close the list."""
        if self._renaming:
            self._end_renaming()
        else:
            self.dismiss(None)

    def action_new(self) -> None:
        """Start a new chat."""
        self.dismiss(Chosen(""))

    def action_choose(self) -> None:
        """Open the picked chat, once the list is filtered by the typed text."""
        waiting = self._ask_chats.pending or (self.words and not self._chats and self._ask_hits.pending)
        self._taking = bool(waiting)
        if not waiting:
            self.choose(self.list.picked)

    def choose(self, row: ListRow | None) -> None:
        """Open the chat or the message."""
        match row.value if row is not None else None:
            case HitValue(chat, message, found):
                self.dismiss(Chosen(chat, message, found))
            case value if value == MORE:
                self._all_titles = True
                self.reload()
            case str() as chat:
                self.dismiss(Chosen(chat))

    @property
    def _picked_chat(self) -> ChatInfo | None:
        value = self.list.picked.value if self.list.picked is not None else None
        id_ = value.chat if isinstance(value, HitValue) else value
        known = (*(self._chats or ()), *(hit.chat for hit in self._hits or ()))
        return next((chat for chat in known if chat.id == id_), None)

    def action_rename(self) -> None:
        """Edit the title of the picked chat."""
        if (chat := self._picked_chat) is not None and not self._renaming:
            self._renaming = chat.id
            self._show_title_line(shown=True)
            self._title_box.take(clean_line(chat.title))
            self._title_box.select_all()
            self.set_focus(self._title_box)

    def _end_renaming(self) -> None:
        self._renaming = ""
        self._show_title_line(shown=False)
        self.set_focus(self.filter)

    def _show_title_line(self, *, shown: bool) -> None:
        self._title_line.display = shown
        self.filter_line.display = not shown
        self.hint_row.show(self.TITLE_HINTS if shown else self._hints)

    def action_save_title(self) -> None:
        """Save the edited title."""
        if self._renaming:
            self._do(self._manager.rename(self._renaming, self._title_box.text))
            self._end_renaming()

    def action_pin(self) -> None:
        """Pin or unpin the picked chat."""
        if (chat := self._picked_chat) is not None:
            self._do(self._manager.pin(chat.id, pinned=not chat.pinned))

    def action_duplicate(self) -> None:
        """Duplicate the picked chat."""
        if (chat := self._picked_chat) is not None:
            self._do(self._manager.duplicate(chat.id), "Duplicated; the copy is the newest chat.")

    def action_delete(self) -> None:
        """Delete the picked chat."""
        if (chat := self._picked_chat) is not None:
            said = f"Deleted; Alt+Z brings back “{clean_line(chat.title)}”."
            self._do(self._delete(chat.id), said)

    def action_undelete(self) -> None:
        """Restore the chat that was deleted last."""
        self._do(self._bring_back())

    async def _bring_back(self) -> None:
        self._brought_back = await self._manager.restore()

    def _do(self, deed: Awaitable[object], said: str = "") -> None:
        async def done() -> None:
            try:
                await deed
            except HistoryError as error:
                self.set_notice(str(error), bad=True)
            else:
                self.set_notice(said)
            if self.is_attached:
                self.reload()

        _: Worker[None] = self.run_worker(done)
