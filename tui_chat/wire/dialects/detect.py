"""Detect the dialect of a response when the settings do not name it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tui_chat.wire.foreign import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.dialects import Dialect
    from tui_chat.wire.framing import Frame
    from tui_chat.wire.skip_count import SkipCount


def dialect_in(document: object) -> str | None:
    """The dialect of a JSON document; `None`: it fits several (an error, a keep-alive)."""
    if not isinstance(document, dict):
        return None
    kind = document.get("type")
    kind = kind if isinstance(kind, str) else ""
    if kind.startswith("response."):
        return "openai-responses"
    if kind in {"message_start", "content_block_start", "content_block_delta"}:
        return "anthropic-messages"
    if kind == "message" and isinstance(document.get("content"), list):
        return "anthropic-messages"
    if document.get("object") == "response":
        return "openai-responses"
    if isinstance(document.get("choices"), list):
        return "openai-chat"
    inner = document.get("response")
    for place in (document, inner if isinstance(inner, dict) else {}):  # Google's Code Assist API wraps its answers
        if "candidates" in place or "promptFeedback" in place:
            return "gemini"
    return "ollama-chat" if isinstance(document.get("message"), dict) and "done" in document else None


class DetectedDialect:
    """Decode a response in the dialect of the request, or in that of its first document if it differs."""

    def __init__(self, asked: Dialect, name: str, make: Callable[[str], Dialect]) -> None:
        """`name` is the name of `asked`; `make` creates a decoder for another dialect."""
        self.lines = asked.lines
        self.plain = asked.plain
        self._dialect = asked
        self._name = name
        self._make = make
        self._certain = False

    @property
    def over(self) -> bool:
        """Whether an ending was returned."""
        return self._dialect.over

    @property
    def begun(self) -> bool:
        """Whether displayable content was received."""
        return self._dialect.begun

    @property
    def finishing(self) -> bool:
        """Whether a finish reason was received."""
        return self._dialect.finishing

    @property
    def ending_announced(self) -> bool:
        """Whether only bookkeeping should follow."""
        return self._dialect.ending_announced

    @property
    def skipped(self) -> SkipCount:
        """Data that could not be read and was skipped."""
        return self._dialect.skipped

    def decode(self, frame: Frame) -> Sequence[ChatEvent]:
        """Return the events of one frame."""
        if not (self._certain or self._dialect.begun) and frame.kind == "data" and frame.data.lstrip()[:1] == "{":
            with suppress(ValueError):  # the dialect reports invalid JSON itself
                self._settle(decoded(frame.data))
        return self._dialect.decode(frame)

    def decode_document(self, document: object) -> Sequence[ChatEvent]:
        """Return the events of a whole answer."""
        if not self._certain:
            self._settle(document)
        return self._dialect.decode_document(document)

    def close(self, lost: str = "") -> Sequence[ChatEvent]:
        """Return the events at the end of the body."""
        return self._dialect.close(lost)

    def _settle(self, document: object) -> None:
        name = dialect_in(document)
        if name is not None and not self._dialect.over:  # a reply that has ended is not decoded again
            self._certain = True
            if name != self._name:
                before, self._dialect = self._dialect, self._make(name)
                self._dialect.skipped.include(before.skipped)
