"""Who is asked when nothing more is said than the settings say."""

from __future__ import annotations

from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING

from tui_chat.chat.events import Failed, ModelNamed
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.wording.hints import SOME_ENDPOINT, SOME_MODEL

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.turn import Question
    from tui_chat.wire.client import Client, Request

MOST_NAMES = 20
"""How many models a sentence lists."""


class EndpointModel:
    """A `Model` behind an endpoint: fills in the endpoint's own sampling options, and a model where none is named.

    That is the endpoint's only one. Where it has no list, it gets the question without a model's name and decides;
    where there are several, the reply fails with their names.
    """

    def __init__(
        self,
        endpoint: str,
        connect: Callable[[], Client],
        options: Mapping[str, object] | None = None,
        on_asked: Callable[[str], None] | None = None,
    ) -> None:
        """`endpoint` is who answers, for a person; `connect` gives its client, when it is first needed. `options` give
        way to those of a question; `on_asked` hears of each model that is asked."""
        self.endpoint = endpoint
        self._connect = connect
        self._options = options or {}
        self._on_asked = on_asked
        self._found: str | None = None

    @cached_property
    def client(self) -> Client:
        """Who asks the endpoint."""
        return self._connect()

    def request(self, question: Question) -> Request:
        """What a question would send first, as far as that can be told without asking anybody."""
        return self.client.request(self._completed(question))

    def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Ask."""
        question = self._completed(question)
        if not question.model:
            return self._of_sole_model(question)
        if self._on_asked is not None:
            self._on_asked(question.model)
        return self.client.reply(question)

    def _completed(self, question: Question) -> Question:
        return replace(question, options={**self._options, **question.options})

    async def several(self) -> tuple[str, ...]:
        """The endpoint's models where it has several, of which one has to be chosen."""
        if self._found is None:
            told = await self.client.models()
            names = () if isinstance(told, Failed) else tuple(model.name for model in told)
            if len(names) > 1:
                return names
            self._found = names[0] if names else ""
        return ()

    async def _of_sole_model(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        if names := await self.several():
            yield [self._several(names)]
            return
        if self._found:
            yield [ModelNamed(self._found)]
            question = replace(question, model=self._found)
        async with aclosing(self.client.reply(question)) as batches:
            async for batch in batches:
                yield batch

    def _several(self, names: tuple[str, ...]) -> Failed:
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        return Failed(
            f"No model is chosen, and {self.endpoint} has several: {', '.join(names[:MOST_NAMES])}{more}",
            hint=SOME_MODEL,
            kind="setup",
        )


class UndecidedModel:
    """Answers that nobody is chosen yet."""

    endpoint = "nobody yet"

    def __init__(self, why: str) -> None:
        """`why`: a sentence for a person."""
        self._why = why

    async def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Fail."""
        yield [Failed(self._why, hint=SOME_ENDPOINT, kind="setup")]
