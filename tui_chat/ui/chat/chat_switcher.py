"""Shows one chat in place of another: what was typed and read in a chat comes back with it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.clean import clean_line
from tui_chat.chat.endings import outcome_of
from tui_chat.chat.history_ports import OPEN_ELSEWHERE, HistoryError, ReadingPosition
from tui_chat.chat.titles import in_quotes
from tui_chat.ui.key_hints import key_hint

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from textual.app import App
    from textual.worker import Worker

    from tui_chat.attachments.draft_files import DraftFiles
    from tui_chat.chat.backend_ports import Backend, Setup
    from tui_chat.chat.conversation import Conversation, Removal
    from tui_chat.chat.message import Attachment
    from tui_chat.chat.model_ports import Connection
    from tui_chat.chat.session import Session
    from tui_chat.chat_manager.manager import ChatManager
    from tui_chat.ui.chat.connection_controller import ConnectionController
    from tui_chat.ui.chat.sender import Sender
    from tui_chat.ui.find.controller import FindController
    from tui_chat.ui.status_bar import StatusBar
    from tui_chat.ui.transcript.transcript import Transcript


WARNING_SECONDS = 20
"""Seconds that a warning of the disk is shown whole."""


class SwitcherComposer(Protocol):
    """The part of the composer that the switcher uses."""

    @property
    def text(self) -> str:
        """The text in the prompt."""
        ...

    @property
    def unsent(self) -> str:
        """The text that is typed and not sent; during an edit also the text that was put aside for it."""
        ...

    @property
    def attachments(self) -> Sequence[Attachment]:
        """The attachments that are not sent."""
        ...

    @property
    def submitted(self) -> bool:
        """Whether something was submitted in the shown chat, though it may not have been sent yet."""
        ...

    def take(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Put the draft of another chat into the prompt."""
        ...

    def write_in(self, chat: str) -> None:
        """Set the id of the chat to which the texts belong that are submitted from here on."""
        ...

    def remember(self, text: str) -> None:
        """Keep a text among the earlier prompts."""
        ...

    def end_edit(self) -> bool:
        """Leave the edit of an earlier question."""
        ...


class SwitcherScreen(Protocol):
    """The part of the screen that the switcher uses."""

    status: StatusBar
    finding: FindController
    connections: ConnectionController
    sender: Sender

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs and knows the keys."""
        ...

    def show_notice(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        """Show a sentence for some seconds."""
        ...

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown."""
        ...

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]], *, group: str) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class ChatSwitcher:
    """Opens chats on the screen and leaves them, from the settings' arrival to the end of the program."""

    def __init__(self, screen: SwitcherScreen, composer: SwitcherComposer, pane: Transcript, backend: Backend) -> None:
        self._screen = screen
        self._composer = composer
        self._pane = pane
        self._backend = backend
        self._manager: ChatManager | None = None
        self._leaving: asyncio.Task[None] | None = None
        self.reply_ended: Callable[[], None] = _nothing
        """Called when the last reply of a chat that is not shown has ended."""

    @property
    def manager(self) -> ChatManager:
        """The chats; it has none until the settings are loaded."""
        if self._manager is None:
            raise RuntimeError("chats are opened when the settings are loaded")
        return self._manager

    @property
    def draft_files(self) -> DraftFiles | None:
        """Keeps copies of attachments; `None` until the settings are loaded."""
        return self._manager.files if self._manager is not None else None

    @property
    def removals(self) -> list[Removal]:
        """The messages that were deleted in the shown chat and can be restored, the newest last."""
        return self.manager.shown_state.removals

    # At the start

    async def begin(self, setup: Setup) -> None:
        """Show the first chat; send what was entered before the settings had come."""
        from tui_chat.chat_manager.manager import ChatManager

        manager = self._manager = ChatManager(setup, self._backend, self._say_reply_ended)
        manager.watch_disk(self._warn_of_disk)
        if not (setup.chat and await self.open_chat(setup.chat)):
            await self.show_chat(manager.new_chat())
        if setup.connection.undecided:
            self._screen.connections.choose_model()
        wanted = self._screen.sender.send_waiting() or setup.chat
        if setup.history is not None:
            self._screen.run_worker(partial(self._recover, reopen=not wanted), group="unfinished chats")

    def _warn_of_disk(self, sentence: str) -> None:
        """Show a warning in the status row, which may have no room for all of it, and at first whole above the prompt;
        an empty one is over."""
        self._screen.status.warn(sentence)
        if sentence:
            self._screen.show_notice(clean_line(sentence), bad=True, seconds=WARNING_SECONDS)

    async def _recover(self, *, reopen: bool) -> None:
        """Show or report the chats that an earlier run could not close, and the text that was typed in a chat that had
        not begun. `reopen`: the shown chat is a new one that was not asked for."""
        try:
            found = await self.manager.take_unfinished(for_new_chat=reopen)
        except HistoryError as error:
            self._screen.show_notice(clean_line(str(error)), bad=True)
            return
        for text in found.typed:
            self._composer.remember(text)
        if found.chats and reopen and self._untouched and await self._open(found.chats[0], only_untouched=True):
            others = len(self.manager.unfinished)
            more = (
                f" {others} more {'was' if others == 1 else 'were'} left so; {self._chats_key} lists them."
                if others
                else ""
            )
            self._screen.show_notice(f"Restored after tui-chat was closed unexpectedly.{more}", seconds=10)
        elif found.chats:
            chats = "a chat" if len(found.chats) == 1 else f"{len(found.chats)} chats"
            lists = f"{self._chats_key} lists the chats."
            self._screen.show_notice(f"tui-chat was closed unexpectedly with {chats} open; {lists}", seconds=10)
        elif found.typed and reopen and self._untouched:
            self._composer.take(found.typed[-1], found.attachments)
        elif found.typed:
            self._screen.show_notice("Your unsent text is kept: press ↑ to get it back.")

    @property
    def _chats_key(self) -> str:
        return key_hint(self._screen.app, "chats")

    @property
    def _untouched(self) -> bool:
        composer = self._composer
        written = composer.text or composer.attachments or composer.submitted
        return not written and not self._screen.conversation.messages

    # Opening and leaving

    async def open_chat(self, chat: str) -> bool:
        """Show a saved chat as it was left; for the shown one, show what another program has added. False: it cannot be
        read, and a notice says so."""
        return await self._open(chat)

    async def _open(self, chat: str, *, only_untouched: bool = False) -> bool:
        if chat == self.manager.shown_id:
            self._leave()  # who answers in it, and what is typed, is taken from there when it has been read again
        try:
            opened = await self.manager.open(chat)
        except HistoryError as error:
            self._screen.show_notice(clean_line(str(error)), bad=True)
            return False
        connection, notices = await self.manager.connection_of(opened.conversation, self._screen.connections.connection)
        if only_untouched and not self._untouched:
            return False
        if opened.open_elsewhere:
            self._screen.show_notice(f"{OPEN_ELSEWHERE} What is typed here stays here.", seconds=10)
        await self._show(opened.conversation, connection, notices)
        return True

    async def show_chat(self, conversation: Conversation) -> None:
        """Show a conversation in place of the one that is shown, whose replies go on. Who answered there answers
        again."""
        connection, notices = await self.manager.connection_of(conversation, self._screen.connections.connection)
        await self._show(conversation, connection, notices)

    async def _show(self, conversation: Conversation, connection: Connection, notices: Sequence[str]) -> None:
        manager, screen, composer = self.manager, self._screen, self._composer
        for notice in notices:
            screen.show_notice(clean_line(notice))
        screen.finding.close()
        started = manager.shown is not None
        if started:
            left = screen.conversation
            if self._leave() and left.messages and left.id != conversation.id:
                screen.show_notice("What you typed stays with its chat.")
        screen.connections.connection = connection
        session = manager.show(conversation, connection)
        composer.write_in(conversation.id)
        draft, position = manager.shown_state.draft, manager.shown_state.reading_position
        if started or not composer.text:
            composer.take(draft.text, draft.attachments)
        elif draft.text:
            composer.remember(draft.text)
            screen.show_notice("Your unsent text is kept: press ↑ to get it back.")
        screen.sender.watch(session)
        await screen.connections.show_session(session)
        self._scroll_to(position)
        screen.run_worker(partial(self._add_up, conversation), group="sums of a chat")

    async def _add_up(self, conversation: Conversation) -> None:
        """Have the status bar count what the chat used before it was opened."""
        with suppress(HistoryError):  # the bar says since when it counts
            if (used := await self.manager.used_before(conversation)) is not None:
                self._screen.status.show_used_before(conversation, used)

    def _scroll_to(self, position: ReadingPosition | None) -> None:
        message = self._screen.conversation.messages.get(position.message) if position is not None else None
        if position is not None and message is not None and self._pane.path.index_of(message) is not None:
            self._pane.reveal(message, offset=-position.rows)

    def _leave(self) -> bool:
        """Remember what is typed in the shown chat, and where its reader is. False: nothing is typed."""
        unsent, attachments = self._composer.unsent, self._composer.attachments
        self._composer.end_edit()
        self.keep_reading_position()
        if earlier := self.manager.leave(unsent, self._screen.connections.connection, attachments):
            self._composer.remember(earlier)
        return bool(unsent.strip())

    def keep_draft(self) -> None:
        """Keep what is typed and queued in the shown chat."""
        if self._manager is not None:
            self._manager.keep_draft(self._composer.unsent, self._composer.attachments)

    def returned_to_its_chat(self, text: str, chat: str, attachments: Sequence[Attachment] = ()) -> bool:
        """Whether a text was submitted in a chat that has been left since: it is kept there, and goes nowhere else."""
        if self._manager is None or not chat or not (text or attachments) or chat == self._manager.shown_id:
            return False
        self._manager.add_to_draft(chat, text, attachments)
        self._composer.remember(text)
        self._screen.show_notice(
            "What you sent stays with its chat, which you left before it went out; ↑ brings it here."
        )
        return True

    def keep_reading_position(self) -> None:
        """Keep where the reader of the shown chat is."""
        if self._manager is None:
            return
        position: ReadingPosition | None = None
        if not self._pane.following:
            entry = self._pane.first_in_sight
            view = self._pane.view_of(entry) if entry is not None else None
            offset = self._pane.offset_of(view) if view is not None else None
            if entry is None or offset is None or entry.id not in self._screen.conversation.messages:
                return  # nothing is laid out yet
            position = ReadingPosition(entry.id, -offset)
        self._manager.keep_reading_position(position)

    # Chats that are not shown

    @property
    def running_elsewhere(self) -> str:
        """The number of replies that run in other chats, in a few words; empty: none."""
        count = self._manager.running_elsewhere if self._manager is not None else 0
        if count > 1:
            return f"{count} replies running in other chats"
        return "1 reply running in another chat" if count else ""

    def _say_reply_ended(self, session: Session) -> None:
        reply = session.conversation.last_reply
        outcome = outcome_of(reply) if reply is not None else None
        ended = {"failed": "failed", "cut-off": "was cut off", "stopped": "was stopped"}.get(outcome or "", "has come")
        title = in_quotes(session.conversation.title)
        self._screen.show_notice(
            f"The reply in {title} {ended}; {self._chats_key} leads there.", bad=ended != "has come"
        )
        self._screen.connections.show_header()
        self._screen.connections.tell(session)
        self.reply_ended()

    # At the end

    async def leave(self) -> None:
        """Whatever ends the program, and however often it is called: stop all replies, and keep what is typed for the
        next start."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave_for_good())
        await asyncio.shield(self._leaving)  # whoever waits may be cancelled, and another wait for it

    async def _leave_for_good(self) -> None:
        unsent, attachments = self._composer.unsent, self._composer.attachments
        self._composer.remember(unsent)
        if self._manager is None:
            return
        self._composer.end_edit()
        self.keep_reading_position()
        for text in self._manager.leave_for_good(unsent, self._screen.connections.connection, attachments):
            self._composer.remember(text)
        await self._manager.close()

    def interrupted(self) -> None:
        """Leave what is unfinished to the next start, because the program is ended from outside."""
        if self._manager is not None:
            self._manager.interrupted()

    @property
    def way_back(self) -> str:
        """The arguments that lead back to the shown chat once the program has ended; empty where the chat is not
        kept."""
        return self._manager.way_back if self._manager is not None and self._leaving is not None else ""


def _nothing() -> None:
    """Do nothing; stands in until a list of chats is open."""
