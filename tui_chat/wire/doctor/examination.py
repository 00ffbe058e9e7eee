"""Examine an endpoint step by step. It costs a few short replies, as `COST` says beforehand."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import Failed, Finished, ReasoningDelta, TextDelta
from tui_chat.wire.doctor.abilities import examine_abilities
from tui_chat.wire.doctor.address import examine_address
from tui_chat.wire.doctor.asking import QUESTION, Asker
from tui_chat.wire.doctor.findings import Finding, side_of
from tui_chat.wire.doctor.reply import judge
from tui_chat.wire.doctor.traces import limits, refused_fields

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from tui_chat.wire.client import Client
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.tape.tape import Tape

COST: Final = "up to 20 short requests, about 1,000 tokens"
CHEAP_COST: Final = "up to 5 requests without a reply"
SYSTEM: Final = "You answer exactly as asked."
NO_MODEL: Final = "tui-chat-doctor-no-such-model"
NO_KEY: Final = "tui-chat-doctor-no-such-key"
TOGETHER: Final = 4
"""Replies that are asked for at once."""
_OF_LENGTH: Final = ("length", "max_tokens", "max_output_tokens")
"""The endings of finish reasons that name a limit of length, in small letters."""
_SHORT: Final = 8
"""Tokens that a reply is limited to, to see whether the limit is respected."""


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
        self._sizes: dict[str, int | None] = {}
        """The context windows in the list of models."""

    async def findings(self, *, cheap: bool = False) -> AsyncGenerator[Finding, None]:
        """Yield what is found, in the order of the examination; `cheap`: nothing that costs a reply. Raises
        `SetupError`."""
        async with aclosing(examine_address(self._endpoint.base_url, self._wait)) as way:
            async for finding in way:
                yield finding
                if finding.verdict == "fail":
                    return
        asker = Asker(self._endpoint, self._model, self._tape, self._connect)
        try:
            listed = await self._models(asker)
            yield listed
            if listed.verdict == "fail" and listed.side == "you":
                return
            if asker.model:
                yield await self._context(asker)
            if cheap:
                return
            if not asker.model:
                yield Finding("reply", "skipped", "No model is chosen, so no reply was asked for: add -m NAME.")
                return
            async with aclosing(self._replies(asker)) as found:
                async for finding in found:
                    yield finding
        finally:
            await asker.close()

    async def _replies(self, asker: Asker) -> AsyncGenerator[Finding, None]:
        """Ask for replies, and yield what they show."""
        asked = await asker.ask(QUESTION, system=SYSTEM)
        if asked.exchange is not None:
            for finding in judge(asked.events, asked.exchange):
                yield finding
        if isinstance(asked.last, Failed):
            if asked.exchange is None:
                yield Finding("reply", "fail", asked.last.problem, side_of(asked.last), asked.last.hint)
            return
        if (refused := refused_fields(asked)) is not None:
            yield refused
        deltas = sum(isinstance(event, TextDelta | ReasoningDelta) for event in asked.events)
        if deltas > 2 * _SHORT:
            yield await self._limit(asker)
        yield await self._stop(asker)
        yield await self._together(asker, asked.first)
        if asked.exchange is not None:
            async with aclosing(examine_abilities(asker, asked.exchange.url)) as found:
                async for finding in found:
                    yield finding
        yield await self._unknown_model(asker)
        if self._endpoint.key:
            yield await self._wrong_key(asker)
        yield limits(self._tape.exchanges)

    async def _context(self, asker: Asker) -> Finding:
        """Report whether the server gives the size of the context window, in a list of models or otherwise."""
        size = self._sizes.get(asker.model) or (await asker.client.model_details(asker.model, {})).context
        if size is None:
            text = "The server does not report the size of the context window."
            return Finding("context", "skipped", text, advice="Set `context_window` in the settings if you know it.")
        return Finding("context", "ok", f"The context window has {size:,} tokens, as the server reports.")

    async def _models(self, asker: Asker) -> Finding:
        listed = await asker.client.models()
        if isinstance(listed, Failed):
            if listed.kind == "key":
                return Finding("key", "fail", f"{listed.problem.rstrip('.')}.", "you", listed.hint)
            text = "The server gives no list of models."
            return Finding("models", "warn", text, "server", "Clients cannot offer a choice; names have to be typed.")
        names = [each.name for each in listed]
        if not names:
            return Finding("models", "warn", "The list of models is empty.", "server", "Load or pull a model first.")
        self._sizes = {each.name: each.context for each in listed}
        if not asker.model and len(names) == 1:
            asker.model = names[0]
        shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        text = f"{len(names)} model{'' if len(names) == 1 else 's'}: {shown}."
        if asker.model and asker.model not in names:
            return Finding("models", "warn", f"{asker.model} is not among its {text}", "you", "Check the model's name.")
        return Finding("models", "ok", text)

    async def _limit(self, asker: Asker) -> Finding:
        asked = await asker.ask(QUESTION, max_tokens=_SHORT)
        last, number = asked.last, asked.number
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
        advice = "Clients cannot tell that the reply is incomplete."
        return Finding("max_tokens", "warn", text, "server", advice, number)

    async def _stop(self, asker: Asker) -> Finding:
        """Hang up after the first token, and see whether the server answers the next request as soon as before."""
        asked = await asker.ask(QUESTION, stop=True)
        if isinstance(asked.last, Failed) or asked.first is None:
            return Finding("stopping", "skipped", "No reply came that could be stopped.", tape=asked.number)
        again = await asker.ask(QUESTION, stop=True)
        if again.first is None:
            return Finding(
                "stopping", "warn", "After a reply was stopped, the next one failed.", "server", "", again.number
            )
        if again.first > 3 * asked.first + 1.0:
            text = f"After a stop the next first token took {again.first:.1f} s instead of {asked.first:.1f} s."
            advice = "The server seems to finish stopped replies: it should end them when the client hangs up."
            return Finding("stopping", "warn", text, "server", advice, again.number)
        text = f"After a stop the next first token came in {again.first:.2f} s ({asked.first:.2f} s before)."
        return Finding("stopping", "ok", text, tape=again.number)

    async def _together(self, asker: Asker, alone: float | None) -> Finding:
        all_asked = await asyncio.gather(*(asker.ask(QUESTION, stop=True) for _ in range(TOGETHER)))
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

    async def _unknown_model(self, asker: Asker) -> Finding:
        asked = await asker.ask("Hello", max_tokens=_SHORT, stop=True, model=NO_MODEL)
        last, number = asked.last, asked.number
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

    async def _wrong_key(self, asker: Asker) -> Finding:
        asked = await asker.ask_with_key(NO_KEY, "Hello", max_tokens=_SHORT, stop=True)
        last, number = asked.last, asked.number
        if isinstance(last, Failed) and last.kind == "key":
            return Finding("key", "ok", f"A wrong key is refused ({last.status}).", tape=number)
        if isinstance(last, Failed):
            text = f"A wrong key is answered with {last.status} instead of 401."
            return Finding("key", "warn", text, "server", "Clients cannot tell that the key is the reason.", number)
        return Finding("key", "warn", "A wrong key is accepted: this server does not check keys.", "server", "", number)
