"""One turn: ask a question, apply the events of the reply, and end it exactly once."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import field
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from tui_chat.chat.context import prompt_size
from tui_chat.chat.events import CutOff, Failed, Finished, Stopped
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import ChatEvent, Ending
    from tui_chat.chat.message import Message
    from tui_chat.chat.prices import Prices

ENDINGS: Final = (Finished, CutOff, Failed, Stopped)
"""The events that end a reply."""


@dataclass(frozen=True, slots=True)
class Question:
    """The messages sent to a model, from the first to the user's message, oldest first. If the last message is a
    reply, the model is asked to continue it."""

    messages: tuple[Message, ...]
    system: str
    model: str
    """The model name for the request; empty: the endpoint's own choice."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Sampling options by their usual names (`temperature`, `top_p`, `max_tokens`, `seed`, `stop`,
    `reasoning_effort`), which each dialect translates for its API; other options are sent unchanged. `None` takes back
    an option of the settings."""
    retry_now: asyncio.Event = field(default_factory=asyncio.Event, compare=False)
    """Set when a person does not want to wait for the next retry."""


class Model(Protocol):
    """A source of replies: an endpoint, or a list of events in a test.

    The events end with exactly one ending. Expected errors are endings, never exceptions. Cancelling the task that
    reads them closes the connection.
    """

    @property
    def endpoint(self) -> str:
        """The endpoint's name for a person: its configured name or its host."""
        ...

    def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Send the question and yield its events in batches of those that arrived together."""
        ...


class Turn:
    """One question and the reply to it."""

    def __init__(
        self,
        conversation: Conversation,
        model: Model,
        question: Question,
        bug_hint: str = "",
        prices: Callable[[], Prices | None] = lambda: None,
    ) -> None:
        """`prices` gives what the model's tokens cost; it is asked again at the end of the reply if that is not known
        at its beginning, since the server's list of models may come meanwhile."""
        self.conversation = conversation
        self.model = model
        self.question = question
        self.reply: Message | None = None
        """The reply, once it has begun."""
        self._bug_hint = bug_hint
        self._prices = prices

    async def take(self) -> None:
        """Ask the question, apply the events, and end the reply exactly once, whatever happens.

        The reply is created in here, because a task that is cancelled before its first step never runs its `finally`.
        """
        question = self.question
        reply = self.reply = self.conversation.begin_reply(
            question.messages[-1],
            model=question.model,
            endpoint=self.model.endpoint,
            at=monotonic(),
        )
        self._learn_prices(reply)
        # Only an unexpected exception leaves this value in place, because models yield expected errors as events.
        ending: Ending = Failed("A bug in tui-chat ended this reply.", hint=self._bug_hint, kind="bug")
        try:
            async with aclosing(self.model.reply(self.question)) as batches:
                async for events in batches:
                    if reply.prices is None and any(isinstance(event, ENDINGS) for event in events):
                        self._learn_prices(reply)
                    self.conversation.apply(reply, *events)
                    if reply.settled:
                        break
            ending = CutOff("the stream ended without saying that it was done")
        except asyncio.CancelledError:
            ending = Stopped()
            raise
        finally:
            self._learn_prices(reply)
            self.conversation.apply(reply, ending)  # a settled reply takes no more events

    def _learn_prices(self, reply: Message) -> None:
        if reply.settled or reply.prices is not None or (prices := self._prices()) is None:
            return
        reply.prices = prices
        reply.prompt_estimate = prompt_size(self.question.messages, self.question.system).used
