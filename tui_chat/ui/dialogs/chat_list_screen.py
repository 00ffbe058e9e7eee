"""The chat list: filter by title, search in messages, and manage chats."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui_chat.chat.clean import clean_line
from tui_chat.chat.history_ports import ChatInfo, HistoryError, Hit
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.ui.dialogs.chat_list import ChatsList
from tui_chat.ui.dialogs.chat_list_inputs import FindChats, ListKeys, TitleBox
from tui_chat.ui.dialogs.chat_list_rows import ChatListRow, ChatRow, HitRow, MoreRow, NoteRow
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.latest import Latest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult
    from textual.widgets import TextArea

    from tui_chat.chat_manager.manager import ChatManager

CHATS = 200
"""How many chats are loaded at first; four times as many when the end becomes visible."""
TITLES = 5
"""How many titles are shown above the matching messages."""
HITS = 40
"""How many matching messages are loaded at once."""
TYPING = 0.12
"""Seconds without typing before messages are searched."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A chat to open; an empty id is a new one."""

    chat: str
    message: str = ""
    """The id of a message to scroll to."""
    words: str = ""
    """The search words found in it."""


class ChatsScreen(Dialog[Chosen | None]):
    """Returns the chosen chat, or `None` if it was closed with Esc."""

    DEFAULT_CSS = """
    ChatsScreen { align: center middle; }
    ChatsScreen > Vertical {
        width: 116; max-width: 96%; height: 90%; background: $surface; padding: 1 2 0 2;
    }
    ChatsScreen .line { height: 1; margin: 0 0 1 0; background: $background; padding: 0 1; }
    ChatsScreen .line Static { width: auto; color: $text-muted; }
    ChatsScreen #title-line { display: none; }
    ChatsScreen #notice { height: auto; color: $text-warning; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False, priority=True),
        Binding("ctrl+s", "dismiss(None)", "Close", show=False, priority=True),
    ]

    def __init__(self, manager: ChatManager, delete: Callable[[str], Awaitable[None]], words: str = "") -> None:
        """`delete`: deletes a chat by its id, and raises `HistoryError`; deleting the open chat also affects the
        screen."""
        super().__init__()
        self._manager = manager
        self._history = manager.history
        self._delete = delete
        self._box = FindChats(clean_line(words), placeholder="type to find titles, and words in messages")
        self._title_box = TitleBox()
        self._list = ChatsList()
        # Stored rather than queried: the history's answer may arrive after the list was closed.
        self._find_line = Horizontal(Static("Chats  ", markup=False), self._box, classes="line", id="find-line")
        self._title_line = Horizontal(Static("Title  ", markup=False), self._title_box, classes="line", id="title-line")
        self._notice = Static("", id="notice", markup=False)
        self._chats: Sequence[ChatInfo] | None = None
        """The loaded chats; `None` before the first have been loaded."""
        self._hits: Sequence[Hit] | None = None
        self._limit = CHATS
        self._more_hits = False
        """Whether there may be more matches."""
        self._all_titles = False
        self._renaming = ""
        """The id of the chat whose title is being edited."""
        self._taking = False
        """Whether Enter was pressed before the list was filtered by the typed text."""
        self._brought_back = ""
        """The id of a restored chat that is selected as soon as the list contains it."""
        self._ask_chats = Latest(self, self._chats_loaded, partial(self._failed, self._chats_loaded))
        self._ask_hits = Latest(self, self._hits_loaded, partial(self._failed, self._hits_loaded), TYPING)
        self._ask_more = Latest(self, self._more_hits_loaded, partial(self._failed, self._more_hits_loaded))

    def compose(self) -> ComposeResult:
        """Compose the input, the list and the line of keys."""
        with Vertical():
            yield self._find_line
            yield self._title_line
            yield self._list
            yield self._notice
            yield ListKeys()

    def on_mount(self) -> None:
        """Focus the input, and load the list in a thread."""
        self.set_focus(self._box)
        self.reload()

    @property
    def _words(self) -> str:
        return self._box.text.strip()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Filter the list."""
        event.stop()
        if event.text_area is self._box:
            self._limit, self._all_titles, self._hits = CHATS, False, None
            self._say("")
            self.reload()

    def reload(self) -> None:
        """Load the list again, after a change or for another filter."""
        words = self._words
        limit = self._limit if not words or self._all_titles else TITLES + 1
        self._ask_chats.ask(partial(self._history.chats, words, limit=limit))
        if words:
            self._ask_hits.ask(partial(self._history.search, words, limit=HITS))
        else:
            self._ask_hits.forget()
        self._ask_more.forget()

    def _chats_loaded(self, chats: Sequence[ChatInfo]) -> None:
        first = self._chats is None
        self._chats = chats
        self._show(first=first)
        if self._taking and (chats or not self._words):
            self.action_take()

    def _hits_loaded(self, hits: Sequence[Hit]) -> None:
        self._hits, self._more_hits = hits, len(hits) == HITS
        self._show()
        if self._taking:
            self.action_take()

    def _more_hits_loaded(self, hits: Sequence[Hit]) -> None:
        self._hits, self._more_hits = [*(self._hits or ()), *hits], len(hits) == HITS
        self._show()

    def _failed(self, on_loaded: Callable[[tuple[()]], None], error: HistoryError) -> None:
        self._say(str(error))
        on_loaded(())

    def on_chats_list_end_in_sight(self) -> None:
        """Load more rows, if there are any."""
        if self._chats is None or self._ask_chats.pending:
            return
        if self._words:
            if self._hits and self._more_hits and not self._ask_more.pending:
                self._ask_more.ask(partial(self._history.search, self._words, limit=HITS, offset=len(self._hits)))
        elif len(self._chats) == self._limit:
            self._limit *= 4
            self.reload()

    # --- rows

    def _show(self, *, first: bool = False) -> None:
        before = self._brought_back or _name(self._list.picked)
        self._brought_back = ""
        rows = self._rows()
        at = next((index for index, row in enumerate(rows) if before and _name(row) == before), -1)
        if at < 0:
            at = self._list.pick if before and not first else 0
            at = min(at, len(rows) - 1)
        if first and rows and isinstance(rows[0], ChatRow) and rows[0].shown and len(rows) > 1:
            at = 1  # the chat behind the list is the one nobody wants to open
        self._list.show(rows, max(0, at))

    def _rows(self) -> list[ChatListRow]:
        chats, words = self._chats, self._words
        if chats is None:
            return [NoteRow("…")]
        shown, running, waiting = self._manager.shown_id, self._manager.running_ids, self._manager.waiting_ids
        rows: list[ChatListRow] = [
            ChatRow(chat, chat.id == shown, chat.id in running, chat.id in waiting)
            for chat in (chats if not words or self._all_titles else chats[:TITLES])
        ]
        if not words:
            return rows or [NoteRow("There are no chats yet. What you ask is kept, and listed here.")]
        if not rows:
            rows.append(NoteRow("No title has these words."))
        elif len(chats) > len(rows):
            rows.append(MoreRow("more titles …"))
        rows.append(NoteRow("In messages", heading=True))
        if self._hits is None:
            rows.append(NoteRow("searching …"))
        elif not self._hits:
            rows.append(NoteRow("No message has them."))
        else:
            rows.extend(HitRow(hit) for hit in self._hits)
        return rows

    # --- actions of the user

    async def on_find_chats_wanted(self, event: FindChats.Wanted) -> None:
        """Run the action of a key."""
        await self.run_action(event.action)

    def on_chats_list_chosen(self) -> None:
        """Open the chat whose selected row was clicked."""
        self.action_take()

    def action_move(self, by: int) -> None:
        """Move the selection."""
        self._list.move(by)

    def action_page(self, pages: int) -> None:
        """Move the selection by pages."""
        self._list.page(pages)

    def action_close(self) -> None:
        """Cancel editing a title, or close the list."""
        if self._renaming:
            self._end_renaming()
        else:
            self.dismiss(None)

    def action_new(self) -> None:
        """Start a new chat."""
        self.dismiss(Chosen(""))

    def action_take(self) -> None:
        """Open the selected chat, once the list is filtered by the typed text."""
        waiting = self._ask_chats.pending or (self._words and not self._chats and self._ask_hits.pending)
        self._taking = bool(waiting)
        if waiting:
            return
        match self._list.picked:
            case ChatRow(chat):
                self.dismiss(Chosen(chat.id))
            case HitRow(hit):
                found = next((text for text, marked in hit.excerpt if marked), "")
                self.dismiss(Chosen(hit.chat.id, hit.message, found))
            case MoreRow():
                self._all_titles = True
                self.reload()
            case _:
                pass

    @property
    def _picked_chat(self) -> ChatInfo | None:
        match self._list.picked:
            case ChatRow(chat):
                return chat
            case HitRow(hit):
                return hit.chat
            case _:
                return None

    def action_rename(self) -> None:
        """Edit the title of the selected chat."""
        if (chat := self._picked_chat) is not None and not self._renaming:
            self._renaming = chat.id
            self._find_line.display = False
            self._title_line.display = True
            self._title_box.take(clean_line(chat.title))
            self.set_focus(self._title_box)

    def _end_renaming(self) -> None:
        self._renaming = ""
        self._title_line.display = False
        self._find_line.display = True
        self.set_focus(self._box)

    def on_title_box_done(self, event: TitleBox.Done) -> None:
        """Save the title."""
        if self._renaming:
            self._do(self._manager.rename(self._renaming, event.text))
            self._end_renaming()

    def action_pin(self) -> None:
        """Pin or unpin the selected chat."""
        if (chat := self._picked_chat) is not None:
            self._do(self._manager.pin(chat.id, pinned=not chat.pinned))

    def action_duplicate(self) -> None:
        """Duplicate the selected chat."""
        if (chat := self._picked_chat) is not None:
            self._do(self._manager.duplicate(chat.id), "It is copied; the copy is the newest.")

    def action_delete(self) -> None:
        """Delete the selected chat."""
        if (chat := self._picked_chat) is not None:
            said = f"“{clean_line(chat.title)}” is deleted; Alt+Z brings it back."
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
                self._say(str(error))
            else:
                self._say(said)
            if self.is_attached:
                self.reload()

        self.run_worker(done())

    def _say(self, words: str) -> None:
        self._notice.update(clean_line(words))
        self._notice.display = bool(words)


def _name(row: ChatListRow | None) -> object:
    match row:
        case ChatRow(chat):
            return chat.id
        case HitRow(hit):
            return (hit.chat.id, hit.message)
        case _:
            return None
