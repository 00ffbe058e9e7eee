"""The model that answers: an endpoint with its defaults for options and model name."""

from __future__ import annotations

from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING

from tui_chat.chat.events import Failed, ModelNamed
from tui_chat.chat.message import Message
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.turn import Question
from tui_chat.chat.wording.hints import SOME_ENDPOINT, SOME_MODEL

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.message import Attachment
    from tui_chat.wire.client import Client, Request

MOST_NAMES = 20
"""The number of model names that an error message lists at most."""


class EndpointModel:
    """A `Model` behind an endpoint: adds the endpoint's sampling options, and a model name where a question has none.

    If the endpoint has one model, that is used. If it has no list, the question is sent without a name; if it has
    several, the reply fails and lists them.
    """

    def __init__(
        self,
        endpoint: str,
        connect: Callable[[], Client],
        options: Mapping[str, object] | None = None,
        on_asked: Callable[[str], None] | None = None,
    ) -> None:
        """`endpoint` is the endpoint's name for a person; `connect` creates its client on first use. A question's own
        options override `options`; `on_asked` is called with each model name that is used."""
        self.endpoint = endpoint
        self._connect = connect
        self.options = options or {}
        self._on_asked = on_asked
        self._found: str | None = None

    @cached_property
    def client(self) -> Client:
        """The client of the endpoint."""
        return self._connect()

    def request(self, question: Question) -> Request:
        """Return the first request a question would cause, as far as it is known without asking the server."""
        return self.client.request(self._completed(question))

    def refusal(self, attachment: Attachment) -> str:
        """A sentence if the endpoint's API does not take this attachment; empty: it does."""
        beginning = replace(attachment, data=attachment.data[:1000])  # the type decides, and Base64 takes its time
        message = Message("", None, "user", 0.0, attachments=[beginning])
        try:
            self.request(Question((message,), "", self._found or "", {}))
        except SetupError as error:
            return str(error)
        return ""

    def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Send a question and yield batches of events."""
        question = self._completed(question)
        if not question.model:
            return self._of_sole_model(question)
        if self._on_asked is not None:
            self._on_asked(question.model)
        return self.client.reply(question)

    def _completed(self, question: Question) -> Question:
        options = {**self.options, **question.options}
        # `None` takes back an option of the settings.
        return replace(question, options={name: value for name, value in options.items() if value is not None})

    async def several(self) -> tuple[str, ...]:
        """Return the endpoint's model names if there is more than one, so that one has to be chosen."""
        if self._found is None:
            listed = await self.client.models()
            names = () if isinstance(listed, Failed) else tuple(model.name for model in listed)
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
    """A `Model` for when no endpoint is chosen: every reply fails."""

    endpoint = "no endpoint yet"

    def __init__(self, why: str) -> None:
        """`why` is a sentence for a person."""
        self._why = why

    async def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Yield a failure that says why."""
        yield [Failed(self._why, hint=SOME_ENDPOINT, kind="setup")]
