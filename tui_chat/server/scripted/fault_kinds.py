"""The parts of a fault: the request for one, the reply that it applies to, and a row of the table."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, TypeAlias

from tui_chat.chat.events import Failed
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.server.reply_steps import ReplySteps, document, gathered, streamed

if TYPE_CHECKING:
    from tui_chat.chat.events import ChatEvent
    from tui_chat.server.formats import Encoder
    from tui_chat.server.scripted.scripts import Script


@dataclass(frozen=True, slots=True)
class Fault:
    """One requested fault with its options; `None` means the fault's default."""

    name: str
    """A key of `FAULTS`, or a status from 400 to 599."""
    times: int | None = None
    """The number of requests it affects; later ones are answered normally. `None`: all."""
    wait: float | None = None
    """Seconds before the response's head."""
    after: int | None = None
    """Number of deltas before the fault. A reply that is not streamed counts as two."""
    bytes: int | None = None
    """Number of body bytes before the fault, instead of deltas."""
    size: int | None = None
    """Number of bytes to insert."""
    pause: float | None = None
    """Length of a pause, in seconds."""
    retry: str | None = None
    """Value of the `Retry-After` header."""
    message: str | None = None
    type: str | None = None
    code: str | None = None
    """Message, type and code of the error; for a wrong Content-Type, `type` is the content type."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply that a fault applies to."""

    events: AsyncGenerator[ChatEvent, None]
    encoder: Encoder
    stream: bool
    """Whether the client requested a stream."""
    asks_usage: bool
    """Whether a chat completions request has `stream_options`."""
    recorded: ReplySteps | None = None
    """A recording to send instead of the events."""

    def steps(self) -> ReplySteps:
        """The reply as it is sent without a fault."""
        if self.recorded is not None:
            return self.recorded
        return streamed(self.events, self.encoder) if self.stream else gathered(self.events, self.encoder)

    def refused(self, status: int, message: str, fault: Fault) -> ReplySteps:
        """An error response in the API's own format."""
        failed = Failed(fault.message or message, type=fault.type, code=fault.code, status=status)
        return document(*self.encoder.whole([failed]), {"Retry-After": fault.retry} if fault.retry else None)


Sending: TypeAlias = Callable[[Fault, Reply], ReplySteps]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the table of faults."""

    about: str
    send: Sending
    options: tuple[str, ...] = ()
    """Options besides `times` and `wait`, which all faults have."""
    script: Script | None = None
    """A script that replaces the model's own."""
