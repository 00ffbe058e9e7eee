"""Everything that can happen to a reply, as immutable values.

A model (an endpoint, a recording, a list in a test) yields events and `Conversation.apply` consumes them. Each has
`at`, the monotonic second of its arrival, which equality ignores. A stream is any number of events followed by exactly
one `Ending`; expected errors (network, HTTP, provider) are endings too, never exceptions.
"""

from __future__ import annotations

from dataclasses import field
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

EndSignal: TypeAlias = Literal["done-sentinel", "empty-data", "terminal-event", "eof", "error"]
"""The sign by which a response body ended: its sentinel (`[DONE]`), an empty `data:` as the only signal, the dialect's
last event, the end of the bytes, or an error."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as one server reported them; `None`: not reported. Nothing is added up or derived."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    reasoning: int | None = None
    cached: int | None = None
    cost: float | None = None
    """US dollars, if the server reports them (OpenRouter's `usage.cost`)."""
    input_audio: int | None = None
    output_audio: int | None = None
    """The part of `output` that is audio, as `input_audio` is of `input`."""
    cached_apart: bool | None = None
    """True: `input` does not include `cached` (Anthropic)."""
    reasoning_apart: bool | None = None
    """True: `output` does not include `reasoning` (Gemini)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base class of all events."""

    at: float = field(default_factory=monotonic, compare=False, repr=False)
    """Monotonic seconds of its arrival."""


@dataclass(frozen=True, slots=True)
class ResponseStarted(Event):
    """The status line and headers of the response were received."""

    status: int
    url: str
    sent: float | None = field(default=None, compare=False, repr=False)
    """Monotonic second at which the request had been sent; `None`: unknown."""


@dataclass(frozen=True, slots=True)
class ModelNamed(Event):
    """The server names the model that answers, which may differ from the requested one."""

    name: str


@dataclass(frozen=True, slots=True)
class KeepAlive(Event):
    """Bytes without content were received: a comment, a ping, an empty event."""


@dataclass(frozen=True, slots=True)
class TextDelta(Event):
    """A piece of the answer. Deltas with a different `part` belong to a different block of text."""

    text: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta(Event):
    """A piece of the model's reasoning."""

    text: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class RefusalDelta(Event):
    """A piece of a refusal, which some providers send in a separate field."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta(Event):
    """A piece of a tool call. The first non-empty `id` and `name` count; `arguments` are concatenated."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Citation(Event):
    """A source of the answer."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Image(Event):
    """A picture in the answer: a `data:` or `https:` URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Opaque(Event):
    """Data that only the provider understands and that the next request has to send back (signatures, encrypted
    reasoning)."""

    json: str


@dataclass(frozen=True, slots=True)
class UsageReport(Event):
    """Token counts. The last report replaces earlier ones."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Skipped(Event):
    """Number of events (or lines outside of events) and bytes of the stream that could not be read and were skipped.
    Reports add up."""

    events: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Adapted(Event):
    """The server refused the request's shape, so a changed one is sent; `how` says what changed, as a clause for a
    person."""

    how: str


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """The request failed before its first delta and will be sent again after `wait` seconds, as attempt `attempt` of
    `of`."""

    attempt: int
    of: int
    wait: float
    why: str


@dataclass(frozen=True, slots=True)
class Finished(Event):
    """The server completed the reply. `reason` is the provider's finish reason; `None`: it only marked the end."""

    reason: str | None
    sign: EndSignal
    detail: str | None = None
    """The provider's explanation: of a refusal (Anthropic), or of why a prompt was blocked (Gemini)."""


@dataclass(frozen=True, slots=True)
class CutOff(Event):
    """The reply ended without a finish reason or end marker. `why` is a short clause."""

    why: str
    sign: EndSignal = "eof"


FailureKind: TypeAlias = Literal["setup", "key", "rate-limit", "network", "server", "request", "bug"]
"""A failure by who can resolve it: the owner of the settings or the key, time (a rate limit), the network, the server's
owner, the author of the request, or the developers of this program (a bug)."""


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """The request or the stream failed.

    `problem` says what happened and `hint` what to do, one sentence each, for a person. The other fields hold what the
    server sent, unchanged.
    """

    problem: str
    hint: str = ""
    kind: FailureKind = "server"
    url: str = ""
    status: int | None = None
    message: str | None = None
    type: str | None = None
    code: str | None = None
    reason: str | None = None
    """The finish reason, if one was received before the failure."""


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """The person stopped the reply. The session creates it, never a model."""


Ending: TypeAlias = Finished | CutOff | Failed | Stopped
Delta: TypeAlias = TextDelta | ReasoningDelta | RefusalDelta | ToolCallDelta
OtherEvent: TypeAlias = (
    ResponseStarted
    | ModelNamed
    | KeepAlive
    | Citation
    | Image
    | Opaque
    | UsageReport
    | Skipped
    | Adapted
    | Retrying
    | Finished
    | CutOff
    | Failed
)
ChatEvent: TypeAlias = Delta | OtherEvent


@dataclass(frozen=True, slots=True)
class Grown(Event):
    """Consecutive deltas that arrived together, in order; usually only one."""

    deltas: Sequence[Delta]


@dataclass(frozen=True, slots=True)
class Added(Event):
    """The message was added to the conversation."""


@dataclass(frozen=True, slots=True)
class Selected(Event):
    """Another branch is shown; the path from the root to the current leaf changed."""


@dataclass(frozen=True, slots=True)
class Removed(Event):
    """The message and its descendants were removed from the conversation."""


@dataclass(frozen=True, slots=True)
class Restored(Event):
    """The removed message and its descendants are back."""


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    """The conversation's title, system prompt or choices changed."""


Change: TypeAlias = Grown | OtherEvent | Stopped | Added | Selected | Removed | Restored | Renamed
"""A change that the observers of a conversation hear of; deltas come only combined, as `Grown`."""
