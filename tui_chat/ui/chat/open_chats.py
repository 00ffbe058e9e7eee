"""The chats that live in this program: the one on the screen, and those whose replies go on without it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_chat.chat.ports import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.chat.conversation import Removal
    from tui_chat.chat.ports import Connection, History, ReadingPosition
    from tui_chat.chat.session import Session


class Trace:
    """What a person left in a chat, for when they come back in this run."""

    def __init__(self) -> None:
        self.draft = Draft()
        self.draft_id = ""
        """The id under which the draft is on disk, where another window has the chat open and keeps its own draft under
        the chat's; empty: the chat's."""
        self.place: ReadingPosition | None = None
        self.options: Mapping[str, object] = {}
        self.connection: Connection | None = None
        """Who answers there; `None`: that has not been asked in this run."""
        self.removals: list[Removal] = []
        """What was deleted and can be brought back, the newest last."""


class OpenChat:
    """A chat with its running session."""

    def __init__(self, session: Session, stop_recording: Callable[[], None]) -> None:
        self.session = session
        self.stop_recording = stop_recording
        self.letting_go: asyncio.Task[None] | None = None
        """Waits for its replies to end, once it is not on the screen."""


class OpenChats:
    """Keeps sessions, records their conversations, and lets go of those that have nothing more to do.

    A chat that is idle when it leaves the screen is closed: it is read again when it is wanted, with what another
    program may have added.
    """

    def __init__(self, history: History, ended: Callable[[Session], None]) -> None:
        """`ended` hears when the last reply of a chat that is not on the screen has ended."""
        self._history = history
        self._ended = ended
        self._open: dict[str, OpenChat] = {}
        self._shown: Session | None = None
        self._traces: dict[str, Trace] = {}
        self.unseen: set[str] = set()
        """The ids of chats in which a reply has ended that nobody has looked at."""

    def session(self, chat: str) -> Session | None:
        """The session of a chat that is open."""
        held = self._open.get(chat)
        return held.session if held is not None else None

    def trace(self, chat: str) -> Trace:
        """What was left in a chat; it may be changed."""
        return self._traces.setdefault(chat, Trace())

    @property
    def drafts_beside(self) -> list[Trace]:
        """What was left in chats that are open in another window, too."""
        return [trace for trace in self._traces.values() if trace.draft_id]

    def known(self, chat: str) -> bool:
        """Whether the chat has been on the screen in this run."""
        return chat in self._traces

    @property
    def running(self) -> list[Session]:
        """Those with a reply under way that are not on the screen."""
        return [held.session for held in self._open.values() if held.session.busy and held.session is not self._shown]

    def show(self, session: Session) -> None:
        """This session's chat is on the screen from here on, in place of the one before."""
        before, self._shown = self._shown, session
        chat = session.conversation.id
        if before is not None and before is not session:
            self._leave(self._open[before.conversation.id])
        held = self._open.get(chat)
        if held is None:
            self._open[chat] = OpenChat(session, self._history.record(session.conversation))
        elif held.letting_go is not None:
            held.letting_go.cancel()
            held.letting_go = None
        self.unseen.discard(chat)

    def close_shown(self) -> None:
        """Let go of the chat on the screen, in which nothing runs: it is to be read again."""
        if self._shown is not None:
            self._close(self._open[self._shown.conversation.id])
            self._shown = None

    def _leave(self, held: OpenChat) -> None:
        if held.session.at_rest:
            self._close(held)
        else:
            going = self._let_go(held, replying=held.session.busy)
            held.letting_go = asyncio.create_task(going, name="letting go of a chat")

    async def _let_go(self, held: OpenChat, *, replying: bool) -> None:
        await held.session.idle()
        held.letting_go = None
        self._close(held)
        if replying:
            self.unseen.add(held.session.conversation.id)
            self._ended(held.session)

    def _close(self, held: OpenChat) -> None:
        session = held.session
        chat = session.conversation.id
        if any(queued.attachments for queued in session.queue):
            return  # a draft on disk has no room for them
        trace = self.trace(chat)
        trace.draft = Draft(trace.draft.text, tuple(queued.text for queued in session.queue))
        trace.options = session.options
        held.stop_recording()
        del self._open[chat]

    async def close(self) -> None:
        """Stop all replies, and keep them as stopped."""
        for held in self._open.values():
            if held.letting_go is not None:
                held.letting_go.cancel()
        await asyncio.gather(*(held.session.close() for held in self._open.values()))
        for held in self._open.values():
            held.stop_recording()
        self._open.clear()
