"""Ask a model for a chat's title once, in the background, after the first exchange."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeAlias

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.endings import outcome_of
from tui_chat.chat.events import Finished
from tui_chat.chat.titles import title_in_reply, title_question

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.chat.session import Session

log = logging.getLogger(__name__)

Entitle: TypeAlias = "Callable[[Conversation, str], Awaitable[None]]"


class Titling:
    """Ask the model that answered a chat's first question for a title. If that fails, the title by rule stays."""

    def __init__(self, entitle: Entitle, on_asked: Callable[[Conversation, Message], None]) -> None:
        """`entitle` is called to set a conversation's title; `on_asked` with each reply to a request for one."""
        self._entitle = entitle
        self._on_asked = on_asked
        self._asking: dict[asyncio.Task[None], Session] = {}

    def watch(self, session: Session) -> None:
        """Ask for a title once the first exchange in this session has finished."""

        def changed(conversation: Conversation, reply: Message | None, change: Change) -> None:
            if not isinstance(change, Finished) or reply is None:
                return
            first = len(conversation.messages) == 2 and outcome_of(reply) in {"whole", "no-reason"}
            if first and reply.text and not conversation.named:
                self._ask(session, conversation.messages[reply.parent or ""], reply)

        session.conversation.subscribe(changed)

    def _ask(self, session: Session, question: Message, reply: Message) -> None:
        turn = session.turn  # ask the model that answered, even if another one was chosen meanwhile
        if turn is None:
            return
        asked = session.aside(Conversation())
        asked.model, asked.model_name = turn.model, turn.question.model
        asked.send(title_question(question.text, reply.text))
        task = asyncio.create_task(self._take(asked, session.conversation), name="title")
        self._asking[task] = asked
        task.add_done_callback(lambda done: self._asking.pop(done, None))

    async def _take(self, asked: Session, conversation: Conversation) -> None:
        await asked.idle()
        reply = asked.conversation.last_reply
        if reply is not None:
            self._on_asked(conversation, reply)
        title = title_in_reply(reply.text) if reply is not None and isinstance(reply.ending, Finished) else ""
        if not title:
            log.info("No title came for a chat: %s", reply.ending if reply is not None else "it was not asked for")
        elif not conversation.named:
            await self._entitle(conversation, title)

    async def idle(self) -> None:
        """Wait until no request for a title is running."""
        while self._asking:
            await asyncio.wait(set(self._asking))

    async def close(self) -> None:
        """Cancel all requests for titles."""
        asking = dict(self._asking)
        for task in asking:
            task.cancel()
        await asyncio.gather(*(asked.close() for asked in asking.values()))
