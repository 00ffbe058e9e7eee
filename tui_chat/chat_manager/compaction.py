"""Asks the model for a summary that takes the place of a chat's messages, as a branch beside them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.endings import outcome_of
from tui_chat.chat.events import Finished

if TYPE_CHECKING:
    from tui_chat.chat.message import Message
    from tui_chat.chat.session import Session

REQUEST: Final = (
    "Summarise our conversation so far, so that you can continue it from your summary alone, without the messages "
    "above. Keep everything that may still be needed: what I want, what was decided and why, facts, names, numbers, "
    "code and file contents that are still in use, what is unfinished, and what I asked last. "
    "Write only the summary, in the language of the conversation."
)
LEAST: Final = 3
"""A chat with fewer messages is not worth a summary."""

CompactionOutcome: TypeAlias = Literal["compacted", "stopped", "failed", "shortened", "changed"]
"""The result of a compaction: the summary is there; the person stopped it; the request failed or nothing came; the
summary hit its length limit; or the chat went on meanwhile. In all cases but the first the chat is as it was."""


class Compaction:
    """One request for a summary of a session's current branch."""

    def __init__(self, session: Session) -> None:
        self.session = session
        conversation = session.conversation
        self._leaf = conversation.leaf
        self._asked = session.aside(Conversation(conversation.system))
        self._asked.conversation.load(conversation.path(), self._leaf.id if self._leaf is not None else None)

    @staticmethod
    def possible(session: Session) -> bool:
        """Whether the chat is long enough and no reply is running."""
        conversation = session.conversation
        leaf = conversation.leaf
        return len(conversation.path()) >= LEAST and leaf is not None and leaf.settled and not session.busy

    @property
    def reply(self) -> Message | None:
        """The summary so far; `None` before the request began."""
        leaf = self._asked.conversation.leaf
        return leaf if leaf is not None and leaf.role == "assistant" and leaf is not self._leaf else None

    def stop(self) -> None:
        """Stop the request; the chat stays as it is."""
        self._asked.stop()

    async def run(self) -> CompactionOutcome:
        """Ask for the summary and add it to the chat. If this is cancelled, the request is stopped."""
        with self.session.occupied():
            return await self._run()

    async def _run(self) -> CompactionOutcome:
        self._asked.send(REQUEST)
        try:
            await self._asked.idle()
        except asyncio.CancelledError:
            await self._asked.close()
            raise
        reply, conversation = self.reply, self.session.conversation
        if reply is None:
            return "failed"
        outcome = outcome_of(reply)
        if outcome == "stopped":
            return "stopped"
        if outcome == "length":
            return "shortened"
        if not isinstance(reply.ending, Finished) or outcome not in {"whole", "no-reason"} or not reply.text.strip():
            return "failed"
        if conversation.leaf is not self._leaf or self.session.busy:
            return "changed"
        question = self._asked.conversation.messages[reply.parent or ""]
        conversation.add_summary(question, reply)
        return "compacted"
