"""Ask an endpoint for replies, and record each on a tape."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Failed, Finished, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.chat.turn import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.message import Attachment
    from tui_chat.wire.client import Client
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.tape.tape import RecordedExchange, Tape

QUESTION: Final = "Count to 30 in digits, separated by spaces, and say nothing else."
REPLY_WAIT: Final = 120.0
"""Seconds that a whole reply may take; a local server may have to load the model first."""
DELTAS: Final = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and the events of its reply."""

    events: tuple[ChatEvent, ...]
    exchanges: tuple[RecordedExchange, ...]
    """Its requests; more than one if the first was refused and changed, none if nothing was sent."""
    began: float

    @property
    def exchange(self) -> RecordedExchange | None:
        """The last request; `None`: nothing was sent."""
        return self.exchanges[-1] if self.exchanges else None

    @property
    def number(self) -> int | None:
        """The number of the last request on the tape."""
        return self.exchanges[-1].number if self.exchanges else None

    @property
    def last(self) -> ChatEvent:
        """The ending of the reply."""
        return self.events[-1]

    @property
    def first(self) -> float | None:
        """Seconds until the first token."""
        return next((event.at - self.began for event in self.events if isinstance(event, DELTAS)), None)

    @property
    def text(self) -> str:
        """The text of the reply."""
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))


class Asker:
    """Asks one model of one endpoint."""

    def __init__(self, endpoint: Endpoint, model: str, tape: Tape, connect: Callable[[Endpoint, Tape], Client]) -> None:
        """`connect` makes a client that does not retry."""
        self.endpoint = endpoint
        self.model = model
        self.tape = tape
        self._connect = connect
        self.client = connect(endpoint, tape)

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        await self.client.aclose()

    async def ask(
        self,
        text: str,
        *,
        system: str = "",
        max_tokens: int | None = None,
        stop: bool = False,
        files: Sequence[Attachment] = (),
        model: str = "",
        client: Client | None = None,
    ) -> Asked:
        """Ask for a reply; `stop`: hang up after its first token; `model`, `client`: instead of the usual ones."""
        conversation = Conversation()
        conversation.add_question(text, files)
        options = {} if max_tokens is None else {"max_tokens": max_tokens}
        question = Question(tuple(conversation.path()), system, model or self.model, options)
        events: list[ChatEvent] = []
        asking = client or self.client
        before = self.tape.exchanges[-1].number if self.tape.exchanges else 0
        began = monotonic()
        try:
            async with asyncio.timeout(REPLY_WAIT), aclosing(asking.reply(question)) as batches:
                async for batch in batches:
                    events += batch
                    if stop and any(isinstance(event, DELTAS) for event in batch):
                        break
        except TimeoutError:
            events.append(Failed(f"The reply was not over after {REPLY_WAIT:g} s.", "Try a smaller model.", "network"))
        if not events or not isinstance(events[-1], Finished | CutOff | Failed):
            events.append(CutOff("the examination hung up"))
        exchanges = tuple(exchange for exchange in self.tape.exchanges if exchange.number > before)
        return Asked(tuple(events), exchanges, began)

    async def ask_with(self, body: Mapping[str, Any], text: str, **how: Any) -> Asked:
        """Ask with some fields of the request set, as `ask` does otherwise."""
        return await self._ask_at(replace(self.endpoint, extra_body={**self.endpoint.extra_body, **body}), text, **how)

    async def ask_with_headers(self, headers: Mapping[str, str], text: str, **how: Any) -> Asked:
        """Ask with some headers set, as `ask` does otherwise."""
        return await self._ask_at(replace(self.endpoint, headers={**self.endpoint.headers, **headers}), text, **how)

    async def ask_with_key(self, key: str, text: str, **how: Any) -> Asked:
        """Ask with another key, as `ask` does otherwise."""
        return await self._ask_at(replace(self.endpoint, key=key), text, **how)

    async def _ask_at(self, endpoint: Endpoint, text: str, **how: Any) -> Asked:
        client = self._connect(endpoint, self.tape)
        try:
            return await self.ask(text, client=client, **how)
        finally:
            await client.aclose()
