"""The half of the screen that keeps chats: which are open, what was left in each, and how one comes back to them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from textual import on
from textual.widgets import TextArea

from tui_chat.chat.clean import clean_line
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.endings import outcome_of
from tui_chat.chat.ports import OPEN_ELSEWHERE, Draft, HistoryError, ReadingPosition
from tui_chat.ui.chat.branching_screen import BranchingScreen
from tui_chat.ui.chat.open_chats import OpenChats
from tui_chat.ui.chat.unfinished_chats import leave_to_a_new_chat, read_left
from tui_chat.ui.transcript.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.chat.conversation import Removal
    from tui_chat.chat.ports import Backend, Connection, History, Setup
    from tui_chat.chat.session import Session
    from tui_chat.chat.titling import Titling

log = logging.getLogger(__name__)

SHORT_ID = 8
"""Characters of an id that are enough to find a chat by."""


class KeepingScreen(BranchingScreen):
    """A conversation among others that are kept."""

    history: History
    """Where chats are kept, as soon as the settings have come: in memory where nothing is wanted on disk."""
    open_chats: OpenChats

    def __init__(self, backend: Backend, prompt: str = "") -> None:
        super().__init__(backend, prompt)
        self.unfinished_chats: set[str] = set()
        """The ids of chats that an earlier run could not close, and nobody has looked at since."""
        self.way_back = ""
        """When the program ends: what to call it with to come back to the shown chat; empty where that is not kept."""
        self._unbegun: Conversation | None = None
        """An empty chat that was left with something typed in it."""
        self._kept_place: ReadingPosition | None = None
        self._titling: Titling | None = None
        self._has_left = False
        self._leaving: asyncio.Task[None] | None = None

    # At the start.

    async def begin(self, setup: Setup) -> None:
        """Take what the settings gave; what was typed meanwhile stays, and is sent if Enter was pressed."""
        await super().begin(setup)
        self.history = setup.history or _in_memory()
        self.open_chats = OpenChats(self.history, self.ended_elsewhere)
        if setup.title_by_model:
            from tui_chat.chat.titling import Titling

            self._titling = Titling(self._entitle)
        self.history.watch(partial(_tell_from_thread, asyncio.get_running_loop(), self.status.warn))
        if not (setup.chat and await self.open_chat(setup.chat)):
            await self.open_conversation(Conversation(setup.system))
        if setup.connection.undecided:
            self.action_model()
        wanted = self.send_waiting() or setup.chat
        if setup.history is not None:
            self.run_worker(self._look_for_what_was_left(reopen=not wanted), group="left behind")

    async def _look_for_what_was_left(self, *, reopen: bool) -> None:
        """Chats that an earlier run could not close, and what was typed in one that had not begun."""
        try:
            left = await asyncio.to_thread(read_left, self.history, for_new_chat=reopen)
            first = await self._read(left.chats[0]) if left.chats and reopen else None
        except HistoryError as error:
            self.say(clean_line(str(error)), bad=True)
            return
        for text in left.typed:
            self._history.add(text)
        self.unfinished_chats.update(left.chats)
        untouched = reopen and not self.prompt.text and not self.conversation.messages
        if first is not None and untouched:
            self.unfinished_chats.discard(first.id)
            await self.open_conversation(first)
            others = len(self.unfinished_chats)
            more = f" {others} more {'was' if others == 1 else 'were'} left so; Ctrl+S lists them." if others else ""
            self.say(f"tui-chat ended without closing this chat; it is as it was.{more}", seconds=10)
        elif left.chats:
            chats = "a chat" if len(left.chats) == 1 else f"{len(left.chats)} chats"
            self.say(f"tui-chat ended without closing {chats}; Ctrl+S leads there.", seconds=10)
        elif left.typed and untouched:
            self.prompt.take(left.typed[-1])
        elif left.typed:
            self.say("What was typed and not sent before is among the earlier prompts: ↑ brings it.")

    def new_session(self, conversation: Conversation) -> Session:
        """A session in which the turns of a conversation can run; where it is wanted, its model gives the title."""
        session = super().new_session(conversation)
        if self._titling is not None and self._connection is not None and not self._connection.demo:
            self._titling.watch(session)
        return session

    async def _entitle(self, conversation: Conversation, title: str) -> None:
        if self.open_chats.session(conversation.id) is not None:
            conversation.rename(title)
            return
        try:
            await asyncio.to_thread(_rename_unnamed, self.history, conversation.id, title)
        except HistoryError as error:
            log.info("A chat did not get its title: %s", error)

    # Opening and leaving.

    async def open_chat(self, chat: str) -> bool:
        """Show a kept chat as it was left; one that is shown, with what another program has added. False: it cannot be
        read; it is said why."""
        session = self.open_chats.session(chat)
        if session is not None and session.at_rest and session is self.session:
            self._leave_chat()
            self.open_chats.close_shown()
        elif session is not None:
            await self.open_conversation(session.conversation)
            return True
        try:
            conversation = await self._read(chat)
        except HistoryError as error:
            self.say(clean_line(str(error)), bad=True)
            return False
        self.unfinished_chats.discard(chat)
        await self.open_conversation(conversation)
        return True

    async def _read(self, chat: str) -> Conversation:
        """A chat from the history, and what was left in it where this run does not know that better."""
        known = self.open_chats.known(chat)
        conversation, draft, place, elsewhere = await asyncio.to_thread(_all_of, self.history, chat)
        trace = self.open_chats.trace(chat)
        if not known:
            trace.draft, trace.place = draft, place
        if elsewhere:
            trace.draft_id = trace.draft_id or uuid4().hex
            self.say(f"{OPEN_ELSEWHERE} What is typed here stays here.", seconds=10)
        return conversation

    async def open_conversation(self, conversation: Conversation) -> None:
        """Show a conversation in place of the one that is shown, whose replies go on. Who answered there answers
        again."""
        connection = await self._connection_of(conversation)
        self.close_find()
        started = self.session is not None
        if started:
            typed = self._leave_chat()
            if typed and self.conversation.messages and self.conversation.id != conversation.id:
                self.say("What you typed stays with its chat.")
        self._connection = connection
        self._backend.use(connection)
        trace = self.open_chats.trace(conversation.id)
        session = self.open_chats.session(conversation.id)
        if session is None:
            session = self.new_session(conversation)
            session.options = trace.options
            session.hold(trace.draft.queue)
        self.open_chats.show(session)
        if started or not self.prompt.text:
            self.prompt.take(trace.draft.text)
        elif trace.draft.text:
            self._history.add(trace.draft.text)
            self.say("What was typed and not sent in this chat is among the earlier prompts: ↑ brings it.")
        self._kept_place = trace.place
        await self.show_session(session)
        self._go_to(trace.place)

    async def _connection_of(self, conversation: Conversation) -> Connection:
        """Who answers in a chat: as it was left in this run, else whom it was with; in a new one whoever answers in the
        shown one."""
        trace, shown = self.open_chats.trace(conversation.id), self._connection
        begins_with = self._setup.chat if self._setup is not None else ""
        if shown is not None and self.session is None and begins_with in ("", conversation.id):
            return shown  # the settings came with the connection for the first chat
        if trace.connection is None and not conversation.messages and shown is not None and not shown.undecided:
            return shown
        if trace.connection is None:
            recipient = conversation.recipient
            trace.connection = await asyncio.to_thread(self._backend.connection_for, recipient)
            for notice in trace.connection.notices if conversation.messages else ():
                self.say(clean_line(notice))
        return trace.connection

    def _go_to(self, place: ReadingPosition | None) -> None:
        message = self.conversation.messages.get(place.message) if place is not None else None
        if place is not None and message is not None and self.pane.path.index_of(message) is not None:
            self.pane.reveal(message, offset=-place.rows)

    def _leave_chat(self) -> bool:
        """Remember what is typed in the shown chat, and where its reader is. False: nothing is typed."""
        unsent, chat = self.unsent, self.conversation.id
        self.end_edit()
        self._note_place()
        trace = self.open_chats.trace(chat)
        trace.draft, trace.place = self._draft(unsent), self._kept_place
        trace.connection = self._connection
        self.history.keep_draft(trace.draft_id or chat, trace.draft)
        if unsent.strip() and not self.conversation.messages:
            before, self._unbegun = self._unbegun, self.conversation
            if before is not None and before is not self.conversation:
                self._history.add(self.open_chats.trace(before.id).draft.text)
        return bool(unsent.strip())

    def _draft(self, unsent: str) -> Draft:
        queue = self.session.queue if self.session is not None else ()
        return Draft(unsent, tuple(queued.text for queued in queue))

    @on(TextArea.Changed, "#prompt")
    def keep_draft(self) -> None:
        """What is typed is kept with its chat."""
        if self.ready and not self._has_left:
            chat = self.conversation.id
            self.history.keep_draft(self.open_chats.trace(chat).draft_id or chat, self._draft(self.unsent))

    def queue_changed(self) -> None:
        """What waits is kept, too."""
        super().queue_changed()
        self.keep_draft()

    @on(Transcript.BelowChanged)
    @on(Transcript.FollowChanged)
    def reader_moved(self) -> None:
        """Where one reads is kept."""
        self._note_place()

    def _note_place(self) -> None:
        place: ReadingPosition | None = None
        if not self.pane.following:
            entry = self.pane.first_in_sight
            view = self.pane.view_of(entry) if entry is not None else None
            offset = self.pane.offset_of(view) if view is not None else None
            if entry is None or offset is None or entry.id not in self.conversation.messages:
                return  # nothing is laid out yet
            place = ReadingPosition(entry.id, -offset)
        if self.ready and place != self._kept_place:
            self._kept_place = place
            self.history.keep_reading_position(self.conversation.id, place)

    # Chats that are not on the screen.

    def running_elsewhere(self) -> str:
        """How many replies go on in other chats."""
        count = len(self.open_chats.running)
        return f"{count} more running" if count else ""

    def ended_elsewhere(self, session: Session) -> None:
        """The last reply of a chat that is not on the screen has ended."""
        reply = session.conversation.last_reply
        outcome = outcome_of(reply) if reply is not None else None
        ended = {"failed": "failed", "cut-off": "was cut off", "stopped": "was stopped"}.get(outcome or "", "has come")
        title = in_quotes(session.conversation.title)
        self.say(f"The reply in {title} {ended}; Ctrl+S leads there.", bad=ended != "has come")
        self.show_who()

    @property
    def removals(self) -> list[Removal]:
        """What was deleted in the shown chat and can be brought back, the newest last."""
        return self.open_chats.trace(self.conversation.id).removals

    # At the end.

    async def leave(self) -> None:
        """Whatever ends the program, and however often it is told to: stop all replies, and keep what is typed for the
        next start."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())
        await asyncio.shield(self._leaving)  # whoever waits may be cancelled, and another wait for it

    async def _leave(self) -> None:
        self._has_left = True
        self._history.add(self.unsent)
        if self.ready:
            self._leave_chat()
            self.way_back = self._line_back()
            for trace in self.open_chats.drafts_beside:  # the chat's own draft is the other window's
                for text in (*trace.draft.queue, trace.draft.text):
                    self._history.add(text)
                self.history.keep_draft(trace.draft_id, Draft())
            if self._unbegun is not None:  # nothing leads back to a chat without a message: the next new one takes it
                chat = self._unbegun.id
                await asyncio.to_thread(leave_to_a_new_chat, self.history, chat, self.open_chats.trace(chat).draft)
            await self.open_chats.close()
        if self._titling is not None:
            await self._titling.close()

    def _line_back(self) -> str:
        if self._setup is None or self._setup.history is None or not self.conversation.messages:
            return ""
        return f"--cid {self.conversation.id[:SHORT_ID]}   # {clean_line(self.conversation.title)}".rstrip(" #")


def _rename_unnamed(history: History, chat: str, title: str) -> None:
    if not history.open(chat).named:
        history.rename(chat, title)


def _in_memory() -> History:
    from tui_chat.chat.memory_history import MemoryHistory

    return MemoryHistory()


def _all_of(history: History, chat: str) -> tuple[Conversation, Draft, ReadingPosition | None, bool]:
    """A chat, what was typed in it, where its reader was, and whether it is open in another window."""
    conversation, elsewhere = history.open(chat), history.enter(chat)
    return conversation, Draft() if elsewhere else history.draft(chat), history.reading_position(chat), elsewhere


def _tell_from_thread(loop: asyncio.AbstractEventLoop, tell: Callable[[str], None], sentence: str) -> None:
    with suppress(RuntimeError):  # the loop is closed: the program has ended
        loop.call_soon_threadsafe(tell, sentence)


def in_quotes(title: str) -> str:
    """A chat by its title, for a sentence."""
    return f"“{clean_line(title)}”" if title else "a chat without a title"
