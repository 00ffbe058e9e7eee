"""Examine an endpoint step by step. It costs a few short replies, which `COST` tells beforehand."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Failed, Finished, ReasoningDelta, TextDelta
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.chat.turn import Question
from tui_chat.wire.doctor.address import examine_address
from tui_chat.wire.doctor.findings import Finding, side_of
from tui_chat.wire.doctor.reply import judge

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.client import Client
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.tape.tape import RecordedExchange, Tape

COST: Final = "up to 9 requests, about 600 tokens"
CHEAP_COST: Final = "1 request without a reply"
QUESTION: Final = "Count to 30 in digits, separated by spaces, and say nothing else."
SYSTEM: Final = "You answer exactly as asked."
NO_MODEL: Final = "tui-chat-doctor-no-such-model"
NO_KEY: Final = "tui-chat-doctor-no-such-key"
REPLY_WAIT: Final = 120.0
"""Seconds that a whole reply may take; a local server may have to load the model first."""
TOGETHER: Final = 4
"""Replies that are asked for at once."""
_OF_LENGTH: Final = ("length", "max_tokens", "max_output_tokens")
"""How the finish reasons end that name a limit of length, in small letters."""
_SHORT: Final = 8
"""Tokens that a reply is limited to, to see whether the limit is heeded."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and what came of it."""

    events: tuple[ChatEvent, ...]
    exchange: RecordedExchange | None
    """`None`: nothing was sent."""
    began: float

    @property
    def last(self) -> ChatEvent:
        """The ending."""
        return self.events[-1]

    @property
    def first(self) -> float | None:
        """Seconds until the first token."""
        deltas = (event.at for event in self.events if isinstance(event, TextDelta | ReasoningDelta))
        return next((at - self.began for at in deltas), None)


class Examination:
    """The examination of one endpoint, whose requests are kept on a tape."""

    def __init__(
        self, endpoint: Endpoint, model: str, tape: Tape, connect: Callable[[Endpoint, Tape], Client], wait: float
    ) -> None:
        """`connect` makes a client that does not retry; `wait`: seconds for each step of the way to the host."""
        self._endpoint = endpoint
        self._model = model
        self._tape = tape
        self._connect = connect
        self._wait = wait

    async def findings(self, *, cheap: bool = False) -> AsyncGenerator[Finding, None]:
        """Yield what is found, in the order of the examination; `cheap`: nothing that costs a reply. Raises
        `SetupError`."""
        async with aclosing(examine_address(self._endpoint.base_url, self._wait)) as way:
            async for finding in way:
                yield finding
                if finding.verdict == "fail":
                    return
        client = self._connect(self._endpoint, self._tape)
        try:
            listed = await self._models(client)
            yield listed
            if cheap or (listed.verdict == "fail" and listed.side == "you"):
                return
            if not self._model:
                yield Finding("reply", "skipped", "No model is chosen, so no reply was asked for: add -m NAME.")
                return
            asked = await self._ask(client, QUESTION, system=SYSTEM)
            if asked.exchange is not None:
                for finding in judge(asked.events, asked.exchange):
                    yield finding
            if isinstance(asked.last, Failed):
                if asked.exchange is None:
                    yield Finding("reply", "fail", asked.last.problem, side_of(asked.last), asked.last.hint)
                return
            deltas = sum(isinstance(event, TextDelta | ReasoningDelta) for event in asked.events)
            if deltas > 2 * _SHORT:
                yield await self._limit(client)
            yield await self._stop(client)
            yield await self._together(client, asked.first)
            yield await self._unknown_model(client)
        finally:
            await client.aclose()
        if self._endpoint.key:
            yield await self._wrong_key()

    async def _models(self, client: Client) -> Finding:
        listed = await client.models()
        if isinstance(listed, Failed):
            if listed.kind == "key":
                return Finding("key", "fail", f"{listed.problem.rstrip('.')}.", "you", listed.hint)
            text = "The server gives no list of models."
            return Finding("models", "warn", text, "server", "Clients cannot offer a choice; names have to be typed.")
        names = [each.name for each in listed]
        if not names:
            return Finding("models", "warn", "The list of models is empty.", "server", "Load or pull a model first.")
        if not self._model and len(names) == 1:
            self._model = names[0]
        shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        text = f"{len(names)} model{'' if len(names) == 1 else 's'}: {shown}."
        if self._model and self._model not in names:
            return Finding("models", "warn", f"{self._model} is not among its {text}", "you", "Check the model's name.")
        return Finding("models", "ok", text)

    async def _limit(self, client: Client) -> Finding:
        asked = await self._ask(client, QUESTION, max_tokens=_SHORT)
        last, number = asked.last, _number(asked)
        if isinstance(last, Failed):
            return Finding("max_tokens", "warn", f"With max_tokens: {last.problem}", "server", last.hint, number)
        length = sum(len(event.text) for event in asked.events if isinstance(event, TextDelta | ReasoningDelta))
        if isinstance(last, Finished) and (last.reason or "").lower().endswith(_OF_LENGTH):
            return Finding(
                "max_tokens", "ok", f"A limit of {_SHORT} tokens ends the reply as “{last.reason}”.", tape=number
            )
        if length > _SHORT * 8:
            return Finding("max_tokens", "warn", f"A limit of {_SHORT} tokens is ignored.", "server", "", number)
        reason = last.reason if isinstance(last, Finished) else "none"
        text = f"A limit of {_SHORT} tokens ends the reply, with the reason “{reason}” and not “length”."
        return Finding("max_tokens", "warn", text, "server", "Clients cannot tell that the reply is not whole.", number)

    async def _stop(self, client: Client) -> Finding:
        """Hang up after the first token, and see whether the server answers the next request as soon as before."""
        asked = await self._ask(client, QUESTION, stop=True)
        if isinstance(asked.last, Failed) or asked.first is None:
            return Finding("stopping", "skipped", "No reply came that could be stopped.", tape=_number(asked))
        again = await self._ask(client, QUESTION, stop=True)
        if again.first is None:
            return Finding(
                "stopping", "warn", "After a reply was stopped, the next one failed.", "server", "", _number(again)
            )
        if again.first > 3 * asked.first + 1.0:
            text = f"After a stop the next first token took {again.first:.1f} s instead of {asked.first:.1f} s."
            advice = "The server seems to finish stopped replies: it should end them when the client hangs up."
            return Finding("stopping", "warn", text, "server", advice, _number(again))
        text = f"After a stop the next first token came in {again.first:.2f} s ({asked.first:.2f} s before)."
        return Finding("stopping", "ok", text, tape=_number(again))

    async def _together(self, client: Client, alone: float | None) -> Finding:
        all_asked = await asyncio.gather(*(self._ask(client, QUESTION, stop=True) for _ in range(TOGETHER)))
        failed = [asked for asked in all_asked if isinstance(asked.last, Failed)]
        if failed:
            last = failed[0].last
            why = last.problem if isinstance(last, Failed) else ""
            text = f"{len(failed)} of {TOGETHER} replies at once failed: {why}"
            return Finding("concurrency", "warn", text, "server", "Ask one after the other.")
        firsts = sorted(asked.first for asked in all_asked if asked.first is not None)
        if not firsts:
            return Finding("concurrency", "warn", f"None of {TOGETHER} replies at once began.", "server")
        text = f"{TOGETHER} replies at once: first tokens after {firsts[0]:.2f} to {firsts[-1]:.2f} s."
        if alone is not None and firsts[-1] > TOGETHER * alone + 1.0:
            return Finding(
                "concurrency", "warn", f"{text} They wait for each other.", "server", "Allow it more at once."
            )
        return Finding("concurrency", "ok", text)

    async def _unknown_model(self, client: Client) -> Finding:
        before, self._model = self._model, NO_MODEL
        try:
            asked = await self._ask(client, "Hello", max_tokens=_SHORT, stop=True)
        finally:
            self._model = before
        last, number = asked.last, _number(asked)
        if not isinstance(last, Failed):
            text = "A model that does not exist is answered all the same."
            return Finding("errors", "warn", text, "server", "A mistyped model will not be noticed.", number)
        if last.message is None:
            text = f"A model that does not exist is refused with {last.status}, without a reason that can be read."
            return Finding("errors", "warn", text, "server", "Errors should be JSON with a message.", number)
        if last.status is not None and last.status >= 500:
            text = f"A model that does not exist is refused with {last.status}, as if the server were broken."
            return Finding("errors", "warn", text, "server", "Clients will retry; 404 would tell them not to.", number)
        return Finding(
            "errors", "ok", f"A model that does not exist is refused with {last.status} and a reason.", tape=number
        )

    async def _wrong_key(self) -> Finding:
        client = self._connect(replace(self._endpoint, key=NO_KEY), self._tape)
        try:
            asked = await self._ask(client, "Hello", max_tokens=_SHORT, stop=True)
        finally:
            await client.aclose()
        last, number = asked.last, _number(asked)
        if isinstance(last, Failed) and last.kind == "key":
            return Finding("key", "ok", f"A wrong key is refused ({last.status}).", tape=number)
        if isinstance(last, Failed):
            text = f"A wrong key is answered with {last.status} instead of 401."
            return Finding("key", "warn", text, "server", "Clients cannot tell that the key is the reason.", number)
        return Finding("key", "warn", "A wrong key is accepted: this server does not check keys.", "server", "", number)

    async def _ask(
        self, client: Client, text: str, *, system: str = "", max_tokens: int | None = None, stop: bool = False
    ) -> Asked:
        """Ask for a reply; `stop`: hang up after its first token."""
        conversation = Conversation()
        conversation.add_question(text)
        options = {} if max_tokens is None else {"max_tokens": max_tokens}
        question = Question(tuple(conversation.path()), system, self._model, options)
        events: list[ChatEvent] = []
        kept = len(self._tape.exchanges)
        began = monotonic()
        try:
            async with asyncio.timeout(REPLY_WAIT), aclosing(client.reply(question)) as batches:
                async for batch in batches:
                    events += batch
                    if stop and any(isinstance(event, TextDelta | ReasoningDelta) for event in batch):
                        break
        except TimeoutError:
            events.append(Failed(f"The reply was not over after {REPLY_WAIT:g} s.", "Try a smaller model.", "network"))
        if not events or not isinstance(events[-1], Finished | CutOff | Failed):
            events.append(CutOff("the examination hung up"))
        exchange = self._tape.exchanges[-1] if len(self._tape.exchanges) > kept else None
        return Asked(tuple(events), exchange, began)


def _number(asked: Asked) -> int | None:
    return None if asked.exchange is None else asked.exchange.number
