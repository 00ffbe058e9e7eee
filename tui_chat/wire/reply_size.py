"""How much a reply may hold."""

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
"""Bytes of a body for each byte of text: a token of four letters comes in a chunk of some hundred bytes."""

_PIECE: Final = 64
"""What a tool call, a picture or a source takes besides its text."""


MAX_NOISE: Final = 2 * MAX_BLOCK
"""Bytes of a body that bring nothing, one after the other: a ping each second makes so many in months, and an event
that is only large comes to its end before."""


class ReplySize:
    """Counts one reply, and ends it at a bound."""

    def __init__(self, mebibytes: int) -> None:
        """`mebibytes` of text, reasoning and all else that is kept; the whole body may be 32 times as large."""
        self._mebibytes = mebibytes
        self._most = mebibytes << 20
        self._size = 0
        self._brought = 0
        """Bytes of the body that had come when something was brought last."""

    def bounded(self, batch: Sequence[ChatEvent], body: int) -> Sequence[ChatEvent]:
        """The batch; or a new one, with an ending in place of what is beyond the bound. `body` is how many bytes of
        the body have come."""
        before = self._size
        for number, event in enumerate(batch):
            if isinstance(event, Ending):
                return batch
            self._size += _size_of(event)
            if self._size > self._most:
                return [*batch[:number], self._ending()]
        if self._size > before:
            self._brought = body
        if body - self._brought > MAX_NOISE:
            noise = f"{MAX_NOISE >> 20} MiB came that brought nothing"
            return [*batch, CutOff(noise) if self._size else Failed(f"No answer came: {noise}.", "Try again.")]
        if body > self._most * _FRAMING:
            return [*batch, self._ending()]
        return batch

    def _ending(self) -> CutOff:
        return CutOff(f"it is larger than a reply may be (max_reply: {self._mebibytes} MiB)")


def _size_of(event: ChatEvent) -> int:
    match event:
        case TextDelta(text) | ReasoningDelta(text) | RefusalDelta(text):
            return len(text)
        case ToolCallDelta():
            return len(event.arguments) + len(event.name) + len(event.id) + _PIECE
        case Citation(url, title):
            return len(url) + len(title) + _PIECE
        case Image(held) | Opaque(held):
            return len(held) + _PIECE
        case _:
            return 0
