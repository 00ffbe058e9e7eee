"""What providers mean by their frames: one file a dialect, one line in the list here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from tui_chat.wire.dialects.openai_chat import OpenAIChat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.turn import Question
    from tui_chat.wire.framing import Frame


class Dialect(Protocol):
    """How one API is asked and heard. An object lives for one reply, so it may remember."""

    path: ClassVar[str]
    """Where questions go, below the base URL."""
    droppable: ClassVar[frozenset[str]]
    """Fields of a request that an answer does not depend on: left out once a server refuses them."""

    @property
    def over(self) -> bool:
        """An ending has been given: the rest of the body does not count."""
        ...

    @property
    def finishing(self) -> bool:
        """A finish reason has come: only bookkeeping can follow."""
        ...

    @property
    def begun(self) -> bool:
        """A delta has been given: from here on a failure is no longer cured by asking again."""
        ...

    def body(self, question: Question, *, stream: bool) -> dict[str, Any]:
        """The JSON to send."""
        ...

    def headers(self, key: str) -> Mapping[str, str]:
        """The headers that carry the key (`""`: none)."""
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


DIALECTS: Final[Mapping[str, Callable[..., Dialect]]] = {
    "openai-chat": OpenAIChat,
}
"""By the name that settings use."""
