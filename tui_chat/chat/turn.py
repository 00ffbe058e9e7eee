"""One turn: ask, let events happen, end exactly once."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import field
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.events import CutOff, Failed, Stopped
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import ChatEvent, Ending
    from tui_chat.chat.message import Message


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a model: the path to the user's message, oldest first; a path that ends with a reply asks to go
    on with that reply."""

    messages: tuple[Message, ...]
    system: str
    model: str
    """The model's name for the request; empty: the endpoint's own choice."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Sampling options by their usual names (`temperature`, `top_p`, `max_tokens`, `seed`, `stop`,
    `reasoning_effort`), which each API's dialect puts where they belong there; others go through as they are."""
    retry_now: asyncio.Event = field(default_factory=asyncio.Event, compare=False)
    """Set by a person who does not want to wait for the next retry."""


class Model(Protocol):
    """Whatever answers: an endpoint, or a list of events in a test.

    The events end with exactly one ending. Expected troubles are endings, never exceptions. Cancelling the task that
    reads closes the connection.
    """

    @property
    def endpoint(self) -> str:
        """Who answers, for a person: a host, or a name."""
        ...

    def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Ask, and give what happens as it happens: together what was heard at once."""
        ...


class Turn:
    """One question on its way to one reply."""

    def __init__(self, conversation: Conversation, model: Model, question: Question, bug_hint: str = "") -> None:
        self.conversation = conversation
        self.model = model
        self.question = question
        self.reply: Message | None = None
        """The reply, once it has begun."""
        self._bug_hint = bug_hint

    async def take(self) -> None:
        """Ask and apply what comes until the reply has ended, and end it exactly once, whatever happens.

        The reply begins in here: a task that is cancelled before its first step never runs its `finally`.
        """
        reply = self.reply = self.conversation.begin_reply(
            self.question.messages[-1], model=self.question.model, endpoint=self.model.endpoint, at=monotonic()
        )
        # Only an exception that nobody expects leaves this value in place: models give expected troubles as events.
        ending: Ending = Failed("A bug in tui-chat ended this reply.", hint=self._bug_hint, kind="bug")
        try:
            async with aclosing(self.model.reply(self.question)) as batches:
                async for events in batches:
                    self.conversation.apply(reply, *events)
                    if reply.settled:
                        break
            ending = CutOff("the stream ended without saying that it was done")
        except asyncio.CancelledError:
            ending = Stopped()
            raise
        finally:
            self.conversation.apply(reply, ending)  # a settled reply takes no more events
