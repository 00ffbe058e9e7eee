"""Events to bytes: one encoder object writes one reply in one API's shape; one file an API, one line in the list here.

To add an API: a file here, how its requests are read in `requests.py`, its route in `chat_routes.py`.
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
    """Writes one reply; holds what has to be remembered from event to event.

    A script's reasons for the end are OpenAI's words (`stop`, `length`), and become the API's own; others stay.
    """

    media_type: str
    """The Content-Type of a streamed reply."""

    def encode(self, event: ChatEvent) -> bytes:
        """The bytes that say `event`; empty when there is nothing to say (yet)."""
        ...

    def whole(self, events: Iterable[ChatEvent]) -> tuple[int, Json]:
        """The reply that is not streamed: an HTTP status and a body, of all events of a reply."""
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
"""By the API's name, the same as the dialect that reads it."""
