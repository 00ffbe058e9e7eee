"""What can happen to a reply, as frozen values.

A model (an endpoint, a tape, a list in a test) gives these; `Conversation.apply` takes them. Each carries `at`, the
monotonic second it was heard, which equality leaves out. A stream is any number of events and then exactly one
`Ending`; an expected trouble (network, HTTP, provider) is an ending too, never an exception.
"""

from __future__ import annotations

from dataclasses import field
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

EndSignal: TypeAlias = Literal["done-sentinel", "empty-data", "terminal-event", "eof", "error"]
"""How a body ended: its sentinel (`[DONE]`), an empty `data:` as the only sign, the dialect's last event, the end of
the bytes, or an error."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as one server reported them; `None` is "not reported". Nothing is summed or derived."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    reasoning: int | None = None
    cached: int | None = None
    cost: float | None = None
    """In US dollars, where the server says it (OpenRouter's `usage.cost`)."""
    input_audio: int | None = None
    output_audio: int | None = None
    """Those of the two counts that are audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What all events share."""

    at: float = field(default_factory=monotonic, compare=False, repr=False)
    """Monotonic seconds when it was heard."""


@dataclass(frozen=True, slots=True)
class ResponseStarted(Event):
    """The response's head has come."""

    status: int
    url: str
    sent: float | None = field(default=None, compare=False, repr=False)
    """Monotonic second at which its request was on its way; `None`: it is not known."""


@dataclass(frozen=True, slots=True)
class ModelNamed(Event):
    """The server says which model answers; it may differ from the one asked for."""

    name: str


@dataclass(frozen=True, slots=True)
class KeepAlive(Event):
    """Bytes came that hold nothing to show: a comment, a ping, an event without content."""


@dataclass(frozen=True, slots=True)
class TextDelta(Event):
    """A piece of the answer. Deltas with another `part` belong to another block of text."""

    text: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta(Event):
    """A piece of the model's reasoning."""

    text: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class RefusalDelta(Event):
    """A piece of a refusal, which some providers send in a field of its own."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta(Event):
    """A piece of a tool call. The first `id` and `name` that are not empty count; `arguments` are joined."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Citation(Event):
    """A source the answer rests on."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Image(Event):
    """A picture in the answer: a `data:` or `https:` URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Opaque(Event):
    """Something that means nothing to us and has to go back in the next request (signatures, encrypted reasoning)."""

    json: str


@dataclass(frozen=True, slots=True)
class UsageReport(Event):
    """Token counts. The last report counts; reports are never added up."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Skipped(Event):
    """Some of the stream could not be read and was passed over: so many events (or lines outside of any), so many
    bytes. Reports add up."""

    events: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Adapted(Event):
    """The server refused the shape of the request, so it is sent again in another; `how` is a clause for a person."""

    how: str


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """The request failed before its first delta and is sent again after `wait` seconds: attempt `attempt` of `of`."""

    attempt: int
    of: int
    wait: float
    why: str


@dataclass(frozen=True, slots=True)
class Finished(Event):
    """The server said it was done. `reason` is the provider's own word; `None`: there was only a sign of the end."""

    reason: str | None
    sign: EndSignal
    detail: str | None = None
    """What else the provider says about it: Anthropic's explanation of a refusal, why Gemini blocked a prompt."""


@dataclass(frozen=True, slots=True)
class CutOff(Event):
    """The answer broke off: neither a finish reason nor a sign of the end came. `why` is a short clause."""

    why: str
    sign: EndSignal = "eof"


FailureKind: TypeAlias = Literal["setup", "key", "rate-limit", "network", "server", "request", "bug"]
"""Whose turn it is to act: the settings' owner, the key's owner, patience, the network, the server's owner, the asker,
or us."""


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """The request or the stream failed.

    `problem` says what happened and `hint` what to try, a sentence each, for a person. The rest is what the server
    said, exactly, where it said something.
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
    """The finish reason, where one had come before the failure."""


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """The person stopped the reply. Comes from the session, never from a model."""


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
    """Deltas that were heard at once, in order; one, at the pace of most models."""

    deltas: Sequence[Delta]


@dataclass(frozen=True, slots=True)
class Added(Event):
    """The message is new in the conversation."""


@dataclass(frozen=True, slots=True)
class Selected(Event):
    """Another branch is shown now: the path from the root to the current leaf has changed."""


@dataclass(frozen=True, slots=True)
class Removed(Event):
    """The message and all below it are taken out of the conversation."""


@dataclass(frozen=True, slots=True)
class Restored(Event):
    """The message and all below it that were removed are back."""


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    """The conversation's title or system prompt has changed."""


Change: TypeAlias = Grown | OtherEvent | Stopped | Added | Selected | Removed | Restored | Renamed
"""What observers of a conversation are told: deltas only together, as `Grown`."""
