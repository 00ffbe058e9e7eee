"""The chat manager: opens chats, keeps what is left in them, and does what can be done with whole chats."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import uuid4

from tui_chat.attachments.draft_files import DraftFiles
from tui_chat.chat.clean import clean_line
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.history_ports import Draft, HistoryError, draft_of
from tui_chat.chat.message import StoredMessage
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.session import Session
from tui_chat.chat_manager.open_chats import OpenChats
from tui_chat.chat_manager.unfinished_chats import keep_for_next_new_chat, take_unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from tui_chat.chat.backend_ports import Setup
    from tui_chat.chat.history_ports import History, ReadingPosition
    from tui_chat.chat.message import Attachment
    from tui_chat.chat.model_ports import Connection
    from tui_chat.chat.recipient import Recipient
    from tui_chat.chat.usage.sums import UsageRow
    from tui_chat.chat_manager.comparison import Comparison
    from tui_chat.chat_manager.model_titles import ModelTitles
    from tui_chat.chat_manager.unfinished_chats import Unfinished
    from tui_chat.chat_manager.view_state import ChatViewState

SHORT_ID = 8
"""Characters of an id that are enough to find a chat by."""


class ChatServices(Protocol):
    """The services of the backend that the chat manager uses."""

    def connection_for(self, recipient: Recipient | None) -> Connection:
        """The connection for a chat that was with `recipient` last; `None`: for a new chat. Called in a thread."""
        ...

    def use(self, connection: Connection) -> None:
        """Let a connection be the current one."""
        ...

    def export(self, conversation: Conversation, target: Path) -> Path:
        """Write a chat to a file; gives the file. Called in a thread; raises `HistoryError`."""
        ...


class OpenedChat(NamedTuple):
    """A chat that was read, ready to be shown."""

    conversation: Conversation
    open_elsewhere: bool = False
    """Another running program has it open, too; what is typed here is kept apart from what is typed there."""


class ChatManager:
    """The chats of one run, of which one is shown at a time; replies go on in those that are not.

    Methods that read or write the history do so in a thread and raise `HistoryError`.
    """

    def __init__(self, setup: Setup, services: ChatServices, reply_ended: Callable[[Session], None]) -> None:
        """`reply_ended` is called when the last reply of a chat that is not shown has ended."""
        self.history: History = setup.history or _in_memory()
        self.unfinished: set[str] = set()
        """The ids of chats that an earlier run could not close, and that have not been shown since."""
        self._setup = setup
        self._services = services
        self._open = OpenChats(self.history, reply_ended)
        self._unsent_new_chat: Conversation | None = None
        """A chat without messages that was left with something typed in it."""
        self._deleted: list[str] = []
        """The ids of deleted chats that can be restored, the newest last."""
        self._comparison: Comparison | None = None
        """The last comparison of several models."""
        self._leaving = False
        folder = setup.state_folder if setup.history is not None else None
        self.files = DraftFiles(folder / "attachments" if folder is not None else None)
        self._titles: ModelTitles | None = None
        if setup.title_by_model:
            from tui_chat.chat_manager.model_titles import ModelTitles

            self._titles = ModelTitles(self.history, self._open)

    # The shown chat.

    @property
    def shown(self) -> Session | None:
        """The session of the shown chat; `None` before the first `show`."""
        return self._open.shown

    @property
    def shown_id(self) -> str:
        """The id of the shown chat."""
        return self._open.shown.conversation.id if self._open.shown is not None else ""

    @property
    def shown_state(self) -> ChatViewState:
        """The view state of the shown chat; it may be changed."""
        return self._open.view_state(self.shown_id)

    def view_state(self, chat: str) -> ChatViewState:
        """The view state of a chat; it may be changed."""
        return self._open.view_state(chat)

    def new_chat(self) -> Conversation:
        """A chat without messages, with the system prompt, persona and effort of the shown one: the one that was left
        with something typed in it, if there is one."""
        unsent, self._unsent_new_chat = self._unsent_new_chat, None
        if unsent is not None:
            return unsent
        shown = self._open.shown
        conversation = Conversation(shown.conversation.system if shown is not None else self._setup.system)
        conversation.choices = shown.conversation.choices if shown is not None else self._setup.choices
        return conversation

    async def open(self, chat: str) -> OpenedChat:
        """A chat to show. One that is open is given as it is; but the shown one, if nothing runs in it, is read again
        with what another program has added (call `leave` before)."""
        session = self._open.session(chat)
        if session is None:
            return await self._read(chat)
        if session is not self._open.shown or not session.at_rest:
            return OpenedChat(session.conversation)
        before = set(session.conversation.messages)
        self._open.close_shown()
        try:
            opened = await self._read(chat)
        except HistoryError:
            self._open.show(session)  # it stays on the screen: record it again
            raise
        if session.at_rest and not session.conversation.messages.keys() - before:
            return opened
        self._open.show(session)  # something was asked in it meanwhile
        return OpenedChat(session.conversation)

    async def _read(self, chat: str) -> OpenedChat:
        known = self._open.is_known(chat)
        conversation, draft, place, elsewhere = await asyncio.to_thread(_read_all, self.history, self.files, chat)
        state = self._open.view_state(chat)
        if not known:  # else this run knows both better than the disk
            state.draft, state.reading_position = draft, place
        if elsewhere:
            state.draft_id = state.draft_id or uuid4().hex
        return OpenedChat(conversation, elsewhere)

    async def connection_of(
        self, conversation: Conversation, current: Connection | None
    ) -> tuple[Connection, Sequence[str]]:
        """Return the connection of a chat, and sentences that a person should read. It is whoever answered there last
        in this run, else whom the chat was with; in a new chat whoever answers in the shown one, which is `current`."""
        state = self._open.view_state(conversation.id)
        if current is not None and self._open.shown is None and self._setup.chat in ("", conversation.id):
            return current, ()  # the settings came with the connection for the first chat
        if state.connection is None and not conversation.messages and current is not None and not current.undecided:
            return current, ()
        if state.connection is not None:
            return state.connection, ()
        state.connection = await asyncio.to_thread(self._services.connection_for, conversation.recipient)
        return state.connection, state.connection.notices if conversation.messages else ()

    def show(self, conversation: Conversation, connection: Connection) -> Session:
        """Let a chat be the shown one, with `connection` to answer in it; gives its session. The replies of the chat
        that was shown go on."""
        chat = conversation.id
        self._services.use(connection)
        session = self._open.session(chat)
        if session is None:
            state = self._open.view_state(chat)
            session = self._new_session(conversation, connection)
            session.options = state.options
            session.enqueue(state.draft.queue, state.draft.files[1:])
        self._open.show(session)
        self.unfinished.discard(chat)
        return session

    def comparison(self, connections: Sequence[Connection]) -> Comparison:
        """A comparison of models in the shown chat, which is stopped when the program ends."""
        from tui_chat.chat_manager.comparison import Comparison

        shown = self._open.shown
        if shown is None:
            raise RuntimeError("no chat is shown")
        self._comparison = Comparison(shown.conversation, connections, options=shown.options, bug_hint=self._bug_hint)
        return self._comparison

    @property
    def _bug_hint(self) -> str:
        path = self._setup.log_path
        return f"The traceback is in {path}." if path else ""

    def _new_session(self, conversation: Conversation, connection: Connection) -> Session:
        session = Session(conversation, connection.model, bug_hint=self._bug_hint)
        session.connect(connection)
        if self._titles is not None and not connection.demo:
            self._titles.watch(session)
        return session

    async def used_before(self, conversation: Conversation) -> UsageRow | None:
        """Add up what the stored replies of a chat used that is to be shown; `None` if it has none."""
        stored = {message.id for message in conversation.messages.values() if isinstance(message, StoredMessage)}
        return await asyncio.to_thread(self.history.used_by, conversation.id, stored) if stored else None

    # Drafts and reading places.

    def keep_draft(self, unsent: str, attachments: Sequence[Attachment] = ()) -> None:
        """Keep what is typed, attached and queued in the shown chat."""
        if self._open.shown is not None and not self._leaving:
            self._write_draft(self._draft(unsent, attachments))

    def add_to_draft(self, chat: str, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Put a text and what is attached to it in front of what is typed in a chat that is not shown."""
        state = self._open.view_state(chat)
        texts = [each for each in (text, state.draft.text) if each]
        state.draft = draft_of("\n".join(texts), (*attachments, *state.draft.attachments), state.draft.queued)
        self.history.keep_draft(state.draft_id or chat, state.draft)

    def keep_reading_position(self, place: ReadingPosition | None) -> None:
        """Keep where the reader of the shown chat is; `None`: at the end."""
        if self._open.shown is not None and place != self.shown_state.reading_position:
            self.shown_state.reading_position = place
            self.history.keep_reading_position(self.shown_id, place)

    def leave(self, unsent: str, connection: Connection | None, attachments: Sequence[Attachment] = ()) -> str:
        """Remember what is typed and attached in the shown chat and who answers there. Gives what was typed in an
        earlier new chat to which nothing leads back any more: a text for the earlier prompts."""
        shown = self._open.shown
        if shown is None:
            return ""
        state = self.shown_state
        state.draft, state.connection = self._draft(unsent, attachments), connection
        self._write_draft(state.draft)
        if shown.conversation.messages or not (unsent.strip() or attachments):
            return ""
        before, self._unsent_new_chat = self._unsent_new_chat, shown.conversation
        if before is None or before is shown.conversation:
            return ""
        return self._open.view_state(before.id).draft.text

    def _draft(self, unsent: str, attachments: Sequence[Attachment]) -> Draft:
        queue = self._open.shown.queue if self._open.shown is not None else ()
        return draft_of(unsent, attachments, queue)

    def _write_draft(self, draft: Draft) -> None:
        self.history.keep_draft(self.shown_state.draft_id or self.shown_id, draft)

    # What an earlier run left, and what this one leaves.

    async def take_unfinished(self, *, for_new_chat: bool) -> Unfinished:
        """Return the chats that earlier runs could not close; later calls return nothing. `for_new_chat`: also what was
        typed for a new chat."""
        found = await asyncio.to_thread(partial(take_unfinished, self.history, for_new_chat=for_new_chat))
        self.unfinished.update(found.chats)
        files = await asyncio.to_thread(self.files.load, found.attachments)
        return found._replace(attachments=files)

    def watch_disk(self, warn: Callable[[str], None]) -> None:
        """Call `warn`, in the running loop, with a sentence about an error of the disk, and with an empty text when the
        error is over."""
        self.history.watch(partial(_call_in_loop, asyncio.get_running_loop(), warn))

    def interrupted(self) -> None:
        """The program is ended from outside: the next run is to find what was unfinished."""
        self.history.interrupted()

    def leave_for_good(
        self, unsent: str, connection: Connection | None, attachments: Sequence[Attachment] = ()
    ) -> Sequence[str]:
        """The program ends: keep what is typed, and let no draft be changed after. Gives texts for the earlier prompts:
        those to which nothing leads back."""
        texts = [self.leave(unsent, connection, attachments)]
        self._leaving = True
        for state in self._open.with_own_draft:  # the draft under the chat's id is the other window's
            texts += [*state.draft.queue, state.draft.text]
            self.history.keep_draft(state.draft_id, Draft())
        return [text for text in texts if text]

    async def close(self) -> None:
        """Stop all replies and keep them as stopped; keep what was typed in a new chat for the next run's."""
        if self._unsent_new_chat is not None:
            chat = self._unsent_new_chat.id
            draft = self._open.view_state(chat).draft
            await asyncio.to_thread(keep_for_next_new_chat, self.history, chat, draft)
        if self._comparison is not None:
            await self._comparison.close()
        await self._open.close()
        await asyncio.to_thread(self.files.clean, self._open.kept_files)
        if self._titles is not None:
            await self._titles.close()

    @property
    def way_back(self) -> str:
        """Arguments of the program that lead back to the shown chat; empty where it is not kept."""
        shown = self._open.shown
        if self._setup.history is None or shown is None or not shown.conversation.messages:
            return ""
        return f"--cid {self.shown_id[:SHORT_ID]}   # {clean_line(shown.conversation.title)}".rstrip(" #")

    # All chats.

    @property
    def running_elsewhere(self) -> int:
        """The number of chats with a running reply, without the shown one."""
        return len(self._open.running)

    @property
    def running_ids(self) -> AbstractSet[str]:
        """The ids of chats with a reply under way in this program."""
        shown = self._open.shown
        ids = {session.conversation.id for session in self._open.running}
        return ids | {shown.conversation.id} if shown is not None and shown.conversation.replying else ids

    @property
    def waiting_ids(self) -> AbstractSet[str]:
        """The ids of chats that wait to be looked at: a reply has ended in them, or an earlier run left them."""
        return self._open.unseen | self.unfinished

    async def rename(self, chat: str, title: str) -> None:
        """Give any chat a title; an empty one: a title by rule."""
        session = self._open.session(chat)
        if session is not None:
            session.conversation.rename(clean_line(title))
        else:
            await asyncio.to_thread(self.history.rename, chat, clean_line(title))

    async def pin(self, chat: str, *, pinned: bool) -> None:
        """Keep any chat on top of the list, or no longer."""
        await asyncio.to_thread(partial(self.history.pin, chat, pinned=pinned))

    async def duplicate(self, chat: str, upto: str | None = None) -> str:
        """Copy any chat, or its path up to the message with the id `upto`; gives the copy's id."""
        return await asyncio.to_thread(self.history.duplicate, chat, upto)

    def check_deletable(self, chat: str) -> None:
        """Raise `HistoryError` where a reply is coming."""
        session = self._open.session(chat)
        if session is not None and session.busy:
            raise HistoryError("A reply is still coming in this chat: stop it first.")

    async def delete(self, chat: str) -> None:
        """Delete any chat in which no reply is coming and that is not shown."""
        self.check_deletable(chat)
        if chat == self.shown_id:
            raise RuntimeError("another chat is shown before this one is deleted")
        await asyncio.to_thread(self.history.delete, chat)
        self._deleted.append(chat)

    async def restore(self) -> str:
        """Bring back the chat that was deleted last in this run; gives its id, empty if there is none."""
        if not self._deleted:
            return ""
        chat = self._deleted[-1]
        await asyncio.to_thread(self.history.restore, chat)
        self._deleted.pop()
        return chat

    async def export(self, target: Path) -> Path:
        """Write the shown chat to a file; gives the file."""
        if self._open.shown is None:
            raise HistoryError("There is no chat to export yet.")
        return await asyncio.to_thread(self._services.export, self._open.shown.conversation, target)


def _in_memory() -> History:
    from tui_chat.chat.memory_history import MemoryHistory

    return MemoryHistory()


def _read_all(
    history: History, files: DraftFiles, chat: str
) -> tuple[Conversation, Draft, ReadingPosition | None, bool]:
    """A chat, what was typed in it, where its reader was, and whether it is open in another window."""
    conversation, elsewhere = history.open(chat), history.enter(chat)
    draft = Draft() if elsewhere else history.draft(chat)
    if draft.files:
        draft = replace(draft, files=tuple(map(files.load, draft.files)))
    return conversation, draft, history.reading_position(chat), elsewhere


def _call_in_loop(loop: asyncio.AbstractEventLoop, call: Callable[[str], None], sentence: str) -> None:
    with suppress(RuntimeError):  # the loop is closed: the program has ended
        loop.call_soon_threadsafe(call, sentence)
