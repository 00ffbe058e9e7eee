"""Limit the size of a reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import (
    Citation,
    CutOff,
    Ending,
    Failed,
    Image,
    Opaque,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
)
from tui_chat.wire.framing import MAX_BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.events import ChatEvent

_FRAMING: Final = 32
"""Body bytes for each byte of text: a token of four letters arrives in a chunk of some hundred bytes."""

_PIECE: Final = 64
"""Bytes counted for a tool call, a picture or a source in addition to its text."""


MAX_NOISE: Final = 2 * MAX_BLOCK
"""Maximum consecutive body bytes without content. A ping each second takes months to reach it, and a single large
event ends earlier."""


class ReplySize:
    """Measure one reply and end it at the limit."""

    def __init__(self, mebibytes: int) -> None:
        """`mebibytes` limits the text, reasoning and everything else that is kept; the whole body may be 32 times as
        large."""
        self._mebibytes = mebibytes
        self._most = mebibytes << 20
        self._size = 0
        self._brought = 0
        """Body bytes received when content last arrived."""

    def bounded(self, batch: Sequence[ChatEvent], body: int) -> Sequence[ChatEvent]:
        """Return the batch, or a new one with an ending in place of events beyond the limit. `body` is the number of
        body bytes received so far."""
        before = self._size
        for number, event in enumerate(batch):
            if type(event) is TextDelta:  # nearly all are
                self._size += len(event.text)
            elif isinstance(event, Ending):
                return batch
            else:
                self._size += _size_of(event)
            if self._size > self._most:
                return [*batch[:number], self._ending()]
        if self._size > before:
            self._brought = body
        if body - self._brought > MAX_NOISE:
            noise = f"{MAX_NOISE >> 20} MiB came without content"
            return [*batch, CutOff(noise) if self._size else Failed(f"No answer came: {noise}.", "Try again.")]
        if body > self._most * _FRAMING:
            return [*batch, self._ending()]
        return batch

    def _ending(self) -> CutOff:
        return CutOff(f"it is larger than a reply may be (max_reply: {self._mebibytes} MiB)")


def _size_of(event: ChatEvent) -> int:
    match event:
        case ReasoningDelta(text) | RefusalDelta(text):
            return len(text)
        case ToolCallDelta():
            return len(event.arguments) + len(event.name) + len(event.id) + _PIECE
        case Citation(url, title):
            return len(url) + len(title) + _PIECE
        case Image(held) | Opaque(held):
            return len(held) + _PIECE
        case _:
            return 0
