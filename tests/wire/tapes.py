"""Tapes of the built-in endpoint and of byte servers, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.turn import Question
from tui_chat.server.testing import ChatEndpoint
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.tape.tape import Tape

if TYPE_CHECKING:
    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.tape.tape import RecordedExchange

CANARY = "sk-canary-0123456789-wire"
"""A key that must be nowhere in what is exported."""


async def asked(
    endpoint: Endpoint, text: str = "Hello", model: str = "count", tape: Tape | None = None
) -> tuple[RecordedExchange, list[ChatEvent]]:
    """Ask an endpoint, and return what was recorded and the events that the client made of it."""
    tape = Tape() if tape is None else tape
    client = Client(endpoint, max_retries=0, idle_timeout=20, tape=tape)
    conversation = Conversation()
    conversation.add_question(text)
    events: list[ChatEvent] = []
    try:
        async for batch in client.reply(Question(tuple(conversation.path()), "", model, {})):
            events += batch
    finally:
        await client.aclose()
    return tape.exchanges[-1], events


async def recorded(
    options: str, api: str = "openai-chat", text: str = "Hello"
) -> tuple[RecordedExchange, list[ChatEvent]]:
    """Ask the built-in endpoint with these options, with `CANARY` as the key."""
    with ChatEndpoint(options, key=CANARY) as server:
        url = server.base_url if api.startswith("openai") else server.root_url
        return await asked(Endpoint(url, CANARY, dialect=api), text)
