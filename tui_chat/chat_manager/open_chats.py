"""The sessions that run in this program: the one of the shown chat, and those whose replies go on without it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_chat.chat.history_ports import draft_of
from tui_chat.chat_manager.view_state import ChatViewState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.chat.history_ports import History
    from tui_chat.chat.session import Session


class OpenChat:
    """A chat with its running session."""

    def __init__(self, session: Session, stop_recording: Callable[[], None]) -> None:
        self.session = session
        self.stop_recording = stop_recording
        self.closing: asyncio.Task[None] | None = None
        """Once the chat is not shown: waits for its replies to end, and closes it."""


class OpenChats:
    """Keeps sessions, records their conversations, and closes those that have nothing more to do.

    A chat that is idle when another one is shown is closed. It is read again when it is wanted, with what another
    program may have added.
    """

    def __init__(self, history: History, reply_ended: Callable[[Session], None]) -> None:
        """`reply_ended` is called when the last reply of a chat that is not shown has ended."""
        self._history = history
        self._reply_ended = reply_ended
        self._open: dict[str, OpenChat] = {}
        self._view_states: dict[str, ChatViewState] = {}
        self.shown: Session | None = None
        self.unseen: set[str] = set()
        """The ids of chats with a finished reply that the person has not looked at."""

    def session(self, chat: str) -> Session | None:
        """The session of a chat that is open."""
        held = self._open.get(chat)
        return held.session if held is not None else None

    def view_state(self, chat: str) -> ChatViewState:
        """The view state of a chat; it may be changed."""
        return self._view_states.setdefault(chat, ChatViewState())

    def is_known(self, chat: str) -> bool:
        """Whether the chat has been read or shown in this run."""
        return chat in self._view_states

    @property
    def with_own_draft(self) -> list[ChatViewState]:
        """The view states of chats that another window has open, too."""
        return [state for state in self._view_states.values() if state.draft_id]

    @property
    def kept_files(self) -> set[str]:
        """The keys of copies of files that drafts and queues of this run refer to."""
        return {file.kept for state in self._view_states.values() for group in state.draft.files for file in group}

    @property
    def running(self) -> list[Session]:
        """Sessions with a reply under way whose chat is not shown."""
        return [held.session for held in self._open.values() if held.session.busy and held.session is not self.shown]

    def show(self, session: Session) -> None:
        """Show this session's chat in place of the previous one."""
        before, self.shown = self.shown, session
        chat = session.conversation.id
        if before is not None and before is not session:
            left = self._open.get(before.conversation.id)
            if left is not None and left.session is before:
                self._leave(left)
        held = self._open.get(chat)
        if held is None:
            self._open[chat] = OpenChat(session, self._history.record(session.conversation))
        elif held.closing is not None:
            held.closing.cancel()
            held.closing = None
        self.unseen.discard(chat)

    def close_shown(self) -> None:
        """End the recording of the shown chat, in which nothing runs, so that it can be read again."""
        if self.shown is not None:
            self._close(self._open[self.shown.conversation.id])

    def _leave(self, held: OpenChat) -> None:
        if held.session.at_rest:
            self._close(held)
        else:
            closing = self._close_when_idle(held, replying=held.session.busy)
            held.closing = asyncio.create_task(closing, name="closing a chat")

    async def _close_when_idle(self, held: OpenChat, *, replying: bool) -> None:
        await held.session.idle()
        held.closing = None
        self._close(held)
        if replying:
            self.unseen.add(held.session.conversation.id)
            self._reply_ended(held.session)

    def _close(self, held: OpenChat) -> None:
        session = held.session
        chat = session.conversation.id
        state = self.view_state(chat)
        state.draft = draft_of(state.draft.text, state.draft.attachments, session.queue)
        state.options = session.options
        held.stop_recording()
        del self._open[chat]

    async def close(self) -> None:
        """Stop all replies, and keep them as stopped."""
        for held in self._open.values():
            if held.closing is not None:
                held.closing.cancel()
        await asyncio.gather(*(held.session.close() for held in self._open.values()))
        for held in self._open.values():
            held.stop_recording()
        self._open.clear()
