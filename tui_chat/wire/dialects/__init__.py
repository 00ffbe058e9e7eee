"""What providers mean by their frames: one file a dialect, one line in the list here."""

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
    from tui_chat.wire.framing import Frame, SkipCount
    from tui_chat.wire.request_fixes import RequestFix
    from tui_chat.wire.request_messages import RequestMessages


class ResponseDecoder(Protocol):
    """How one answer is heard. An object lives for one reply, so it may remember."""

    @property
    def lines(self) -> bool:
        """A stream is JSON lines, each a piece of the answer; else a JSON document is a whole answer."""
        ...

    @property
    def plain(self) -> bool:
        """An answer may be plain text, in events or with nothing around it; else text is a stray."""
        ...

    @property
    def begun(self) -> bool:
        """Something to show has come."""
        ...

    @property
    def over(self) -> bool:
        """An ending has been given: the rest of the body does not count."""
        ...

    @property
    def finishing(self) -> bool:
        """A finish reason has come."""
        ...

    @property
    def ending_announced(self) -> bool:
        """A finish reason has come, or an empty `data:` after text: only bookkeeping should follow."""
        ...

    @property
    def skipped(self) -> SkipCount:
        """Data that could not be read and was passed over."""
        ...

    def take(self, frame: Frame) -> Sequence[ChatEvent]:
        """What one frame says. The last one may be an ending."""
        ...

    def whole(self, document: object) -> Sequence[ChatEvent]:
        """What a JSON document in place of a stream says; the last one is an ending."""
        ...

    def close(self, lost: str = "") -> Sequence[ChatEvent]:
        """What the end of the body says, an ending last. `lost`: the body broke off, and this clause says how."""
        ...


class Dialect(ResponseDecoder, Protocol):
    """How one API is asked and heard."""

    secrets: Secrets
    """What is masked in an error before the beginning of it is quoted."""

    @staticmethod
    def path(_request: RequestMessages, /) -> str:
        """Where a question goes, below the base URL; or what stands in it in place of `{message}`."""
        ...

    def headers(self, key: str) -> Mapping[str, str]:
        """The headers that carry the key (`""`: none), and what else the API wants there."""
        ...

    def body(self, request: RequestMessages) -> dict[str, Any]:
        """The JSON to send. Raises `SetupError` for attachments that the API does not take."""
        ...

    def request_fixes(self, refusal: str, body: Mapping[str, Any], /) -> Sequence[RequestFix]:
        """What to change in a request after a refusal (400, 422) with this body; nothing: the refusal stands. Only
        fields that nobody asked for are left out."""
        ...


DIALECTS: Final[Mapping[str, Callable[..., Dialect]]] = {
    "openai-chat": OpenAIChat,
    "openai-responses": OpenAIResponses,
    "anthropic-messages": AnthropicMessages,
    "gemini": Gemini,
    "ollama-chat": OllamaChat,
    "simple-get": SimpleGet,
}
"""By the name that settings use."""
