"""Encode events as bytes: one file and one encoder class per API, all listed here.

To add an API, add a file here, a reader for its requests in `requests.py`, and a route in `chat_routes.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from tui_chat.server.formats.anthropic_messages import AnthropicMessagesEncoder
from tui_chat.server.formats.gemini import GeminiEncoder
from tui_chat.server.formats.ollama_chat import OllamaChatEncoder
from tui_chat.server.formats.openai_chat import OpenAIChatEncoder
from tui_chat.server.formats.openai_responses import OpenAIResponsesEncoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_chat.chat.events import ChatEvent
    from tui_chat.server.formats.style import Style
    from tui_chat.server.formats.writing import Json


class Encoder(Protocol):
    """Encodes one reply, and keeps state between its events.

    Scripts use OpenAI's finish reasons (`stop`, `length`), which are translated into the API's own; others stay
    unchanged.
    """

    media_type: str
    """The Content-Type of a streamed reply."""

    def encode(self, event: ChatEvent) -> bytes:
        """The bytes for `event`; empty if there is nothing to send yet."""
        ...

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """The HTTP status and body of a reply that is not streamed, from all its events."""
        ...


EncoderFactory: TypeAlias = "Callable[[str, Style], Encoder]"
"""Makes the encoder of one reply from the model's name and a style."""

ENCODERS: dict[str, EncoderFactory] = {
    "openai-chat": OpenAIChatEncoder,
    "openai-responses": OpenAIResponsesEncoder,
    "anthropic-messages": AnthropicMessagesEncoder,
    "gemini": GeminiEncoder,
    "ollama-chat": OllamaChatEncoder,
}
"""By the API's name, which is also the name of the dialect that reads it."""
