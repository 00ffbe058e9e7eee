"""The dialects: one file for each API's requests and response frames, and the list of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from tui_chat.wire.dialects.anthropic_messages import AnthropicMessages
from tui_chat.wire.dialects.gemini import Gemini
from tui_chat.wire.dialects.ollama_chat import OllamaChat
from tui_chat.wire.dialects.openai_chat import OpenAIChat
from tui_chat.wire.dialects.openai_responses import OpenAIResponses
from tui_chat.wire.dialects.simple_get import SimpleGet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.secrets import Secrets
    from tui_chat.wire.framing import Frame
    from tui_chat.wire.request_fixes import RequestFix
    from tui_chat.wire.request_messages import RequestMessages
    from tui_chat.wire.skip_count import SkipCount


class ResponseDecoder(Protocol):
    """Turn the frames of one response into events. An object serves one reply and keeps its state."""

    @property
    def lines(self) -> bool:
        """Whether a stream consists of JSON lines, each a piece of the answer; otherwise a JSON document is a whole
        answer."""
        ...

    @property
    def plain(self) -> bool:
        """Whether an answer may be plain text, in events or as the whole body; otherwise such text is unexpected."""
        ...

    @property
    def begun(self) -> bool:
        """Whether displayable content was received."""
        ...

    @property
    def over(self) -> bool:
        """Whether an ending was returned; the rest of the body is ignored."""
        ...

    @property
    def finishing(self) -> bool:
        """Whether a finish reason was received."""
        ...

    @property
    def ending_announced(self) -> bool:
        """Whether a finish reason, or an empty `data:` after text, was received, so that only bookkeeping should
        follow."""
        ...

    @property
    def skipped(self) -> SkipCount:
        """Data that could not be read and was skipped."""
        ...

    def decode(self, frame: Frame) -> Sequence[ChatEvent]:
        """Return the events of one frame; the last one may be an ending."""
        ...

    def decode_document(self, document: object) -> Sequence[ChatEvent]:
        """Return the events of a JSON document received instead of a stream; the last one is an ending."""
        ...

    def close(self, lost: str = "") -> Sequence[ChatEvent]:
        """Return the last events at the end of the body, an ending last. `lost`: a clause that says how the body
        broke off."""
        ...


class Dialect(ResponseDecoder, Protocol):
    """Write the requests of one API and decode its responses."""

    secrets: Secrets
    """Secrets to mask in an error before its beginning is quoted."""

    @staticmethod
    def path(_request: RequestMessages, /) -> str:
        """The path of a request below the base URL, or the text that replaces `{message}` in it."""
        ...

    def headers(self, key: str) -> Mapping[str, str]:
        """The headers with the key (`""`: no key) and others that the API requires."""
        ...

    def body(self, request: RequestMessages) -> dict[str, Any]:
        """The JSON to send. Raises `SetupError` for attachments that the API does not accept."""
        ...

    def request_fixes(self, refusal: str, body: Mapping[str, Any], /) -> Sequence[RequestFix]:
        """Return changes to a request that was refused (400, 422) with this text; empty: none are known. Only fields
        that the person did not set are removed."""
        ...


DIALECTS: Final[Mapping[str, Callable[..., Dialect]]] = {
    "openai-chat": OpenAIChat,
    "openai-responses": OpenAIResponses,
    "anthropic-messages": AnthropicMessages,
    "gemini": Gemini,
    "ollama-chat": OllamaChat,
    "simple-get": SimpleGet,
}
"""Dialects by their names in the settings."""
