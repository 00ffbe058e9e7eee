"""One message: its ordered parts, its timing and its status.

Only `Conversation.apply` changes a message; all other code only reads it.
"""

from __future__ import annotations

from dataclasses import field
from io import StringIO
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_chat.chat.events import Finished
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_chat.chat.events import Ending, Retrying, Skipped, Usage
    from tui_chat.chat.prices import Cost, Prices

Role: TypeAlias = Literal["user", "assistant"]
Purpose: TypeAlias = Literal["", "compaction"]
"""The purpose of a message: part of the conversation, or the request for a summary that takes the place of earlier
messages, and the summary."""
PartKind: TypeAlias = Literal["text", "reasoning", "refusal"]
Cursor: TypeAlias = tuple[int, ...]
"""The number of characters of each part that a view has consumed."""

BYTES_PER_TOKEN = 4
"""Approximation for estimates; English text has about four bytes a token, Chinese about three."""

MOST_TOKENS = 10**12
"""Larger counts (in an imported file) are ignored."""

AT_ONCE = 0.2
"""Seconds; no rate is computed for deltas that all arrived within this time."""


class TextPart:
    """Text that can grow: the answer, a block of reasoning, or a refusal."""

    __slots__ = ("_buffer", "began", "ended", "key", "kind")

    def __init__(self, kind: PartKind, key: int = 0, text: str = "", at: float = 0.0) -> None:
        self.kind: PartKind = kind
        self.key = key
        self.began = at
        """Monotonic second of the first delta."""
        self.ended = at
        """Monotonic second of the last delta."""
        # A StringIO takes pieces in constant time and reads from any character on; `str +=` would be quadratic.
        self._buffer: StringIO | str = text or StringIO(newline="")

    def __len__(self) -> int:
        if isinstance(self._buffer, str):
            return len(self._buffer)
        return self._buffer.seek(0, 2)

    @property
    def text(self) -> str:
        """The exact text so far."""
        return self._buffer if isinstance(self._buffer, str) else self._buffer.getvalue()

    def since(self, offset: int) -> str:
        """The text from character `offset` on; the cost depends only on its length."""
        if isinstance(self._buffer, str):
            return self._buffer[offset:]
        self._buffer.seek(offset)
        return self._buffer.read()

    def grow(self, text: str, at: float) -> None:
        """Append a piece that arrived at monotonic second `at`."""
        if isinstance(self._buffer, str):
            kept, self._buffer = self._buffer, StringIO(newline="")
            self._buffer.write(kept)
        self._buffer.seek(0, 2)
        self._buffer.write(text)
        self.ended = at

    def settle(self) -> None:
        """Store the finished text in its smallest form; no more pieces follow."""
        self._buffer = self.text


@dataclass(slots=True)
class ToolCall:
    """A tool call that the model asks for; it is shown and never run. `arguments` is the provider's JSON text,
    unchanged."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture: a `data:` or `https:` URL."""

    url: str


@dataclass(frozen=True, slots=True)
class CitationPart:
    """A source of the answer."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class OpaquePart:
    """JSON that is sent back to the provider unchanged."""

    json: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to a user message."""

    name: str
    mime: str
    """The media type, such as `image/png`."""
    data: bytes = field(repr=False)
    kept: str = ""
    """The key of a copy on disk, as long as it is not sent; empty: there is none."""


Part: TypeAlias = TextPart | ToolCall | ImagePart | CitationPart | OpaquePart


@dataclass(slots=True)
class Timing:
    """Monotonic seconds of the events of a reply; `None`: not happened."""

    asked: float | None = None
    sent: float | None = None
    """The time at which the request had been sent; work before that is not counted as the server's."""
    opened: float | None = None
    first_delta: float | None = None
    last_delta: float | None = None
    last_heard: float | None = None
    """The time at which the last byte was received, keep-alives included."""
    ended: float | None = None

    @property
    def headers(self) -> float | None:
        """Seconds from the request to the response's headers."""
        return _span(self.sent or self.asked, self.opened)

    @property
    def first_token(self) -> float | None:
        """Seconds from the request to the first delta."""
        return _span(self.sent or self.asked, self.first_delta)

    @property
    def streaming(self) -> float | None:
        """Seconds from the first delta to the last."""
        return _span(self.first_delta, self.last_delta)

    @property
    def total(self) -> float | None:
        """Seconds from the question to the end of the reply."""
        return _span(self.asked, self.ended)


def _believed(count: int | None) -> int | None:
    return count if count is None or 0 <= count <= MOST_TOKENS else None


def _span(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else end - start


@dataclass(slots=True, eq=False)
class Message:
    """A user message or a reply; a node in the conversation's tree."""

    id: str
    parent: str | None
    role: Role
    created: float
    """Seconds since the epoch."""
    model: str = ""
    """The model of a reply: the requested name, then the one the server reports."""
    endpoint: str = ""
    """The host of a reply, for a person."""
    parts: list[Part] = field(default_factory=list)
    attachments: Sequence[Attachment] = ()
    """The files attached to a user message, in order."""
    usage: Usage | None = None
    timing: Timing = field(default_factory=Timing)
    status: int | None = None
    """The HTTP status of a reply's response, once its headers were received."""
    url: str = ""
    retrying: Retrying | None = None
    """The pending retry of the request, until the server answers it."""
    ending: Ending | None = None
    adapted: str = ""
    """The change of the request after a refusal, as a clause; not stored on disk."""
    skipped: Skipped | None = None
    """The amount of a reply's stream that could not be read."""
    deltas: int = 0
    """The number of deltas of the reply so far."""
    content_bytes: int = 0
    """UTF-8 bytes of all text and reasoning so far, for estimates."""
    prices: Prices | None = None
    """The prices that held when a reply was asked for; `None`: unknown."""
    prompt_estimate: int | None = None
    """An estimate of a reply's prompt tokens, used where the server reports none."""
    cost: Cost | None = None
    """The cost of a reply, once it has ended; `None`: unknown."""
    purpose: Purpose = ""
    copied: bool = False
    """This is a reply of a duplicated or imported chat, so its request was not made here."""

    @property
    def settled(self) -> bool:
        """Whether the message has its ending and accepts no more events."""
        return self.role == "user" or self.ending is not None

    @property
    def text(self) -> str:
        """The exact text of the message: all text parts concatenated."""
        return self._joined("text")

    @property
    def reasoning(self) -> str:
        """The exact reasoning: all blocks concatenated."""
        return self._joined("reasoning")

    @property
    def refusal(self) -> str:
        """The text of a refusal."""
        return self._joined("refusal")

    @property
    def shown(self) -> str:
        """The text to copy as the answer: the text, or else the refusal."""
        return self.text or self.refusal

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls of the model, in order."""
        return [part for part in self.parts if isinstance(part, ToolCall)]

    def _joined(self, kind: PartKind) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, TextPart) and part.kind == kind)

    def since(self, cursor: Cursor) -> tuple[Sequence[tuple[int, str]], Cursor]:
        """Return the new text since `cursor` (`()`: from the start) as pairs of part index and text, and the next
        cursor. A part that is not text yields one empty string when it is new. The cost depends only on the new
        text."""
        fresh: list[tuple[int, str]] = []
        taken = list(cursor)
        for index, part in enumerate(self.parts):
            new_part = index >= len(taken)
            if new_part:
                taken.append(0)
            if not isinstance(part, TextPart):
                if new_part:
                    fresh.append((index, ""))
            elif (length := len(part)) > taken[index] or new_part:
                fresh.append((index, part.since(taken[index])))
                taken[index] = length
        return fresh, tuple(taken)

    @property
    def reported_input(self) -> int | None:
        """The prompt's token count as reported; 0 counts as not reported, because no prompt is empty."""
        return _believed(self.usage.input) or None if self.usage else None

    @property
    def reported_output(self) -> int | None:
        """The reply's token count as reported; 0 counts as not reported if there is text."""
        reported = _believed(self.usage.output) if self.usage else None
        return None if reported == 0 and self.deltas else reported

    @property
    def reported_total(self) -> int | None:
        """The sum of both counts as reported; 0 counts as not reported."""
        return _believed(self.usage.total) or None if self.usage else None

    @property
    def prompt_tokens(self) -> int | None:
        """All tokens of the prompt as reported, cached ones included."""
        known, usage = self.reported_input, self.usage
        apart = usage.cached if usage is not None and usage.cached_apart else None
        return known if known is None else known + (_believed(apart) or 0)

    @property
    def completion_tokens(self) -> int | None:
        """All tokens of the completion as reported, reasoning included."""
        known, usage = self.reported_output, self.usage
        apart = usage.reasoning if usage is not None and usage.reasoning_apart else None
        return known if known is None else known + (_believed(apart) or 0)

    @property
    def output_estimate(self) -> int:
        """An estimate of the completion tokens so far, used until the server reports them.

        Most servers send one token in each delta; for those that batch tokens, the number of bytes decides.
        """
        return max(self.deltas, round(self.content_bytes / BYTES_PER_TOKEN))

    def tokens_per_second(self) -> tuple[float | None, bool]:
        """The rate while streaming and whether it is an estimate. `None` if there was only one delta, or if all deltas
        arrived so close together that a buffer on the way determined their timing.

        The tokens of the first delta were generated before the streaming time starts, so they are not counted.
        """
        seconds = self.timing.streaming
        if seconds is None or seconds < AT_ONCE or self.deltas < 2:
            return None, True
        reported = self.reported_output
        whole = reported is not None and isinstance(self.ending, Finished)
        tokens = reported if whole and reported is not None else self.output_estimate
        return tokens * (self.deltas - 1) / self.deltas / seconds, not whole


class StoredMessage(Message):
    """A message whose content is read from the history when it is first accessed; only its place in the tree is in
    memory."""

    __slots__ = ("_read",)

    def __init__(self, id: str, parent: str | None, role: Role, read: Callable[[str], Message]) -> None:  # noqa: A002
        """Take `read`, which returns the whole message for its id. It is called at most once and never raises: an
        unreadable message is replaced by one that says so."""
        self.id = id
        self.parent = parent
        self.role = role
        self._read = read

    def __getattr__(self, name: str) -> object:
        """Fill all slots; Python calls this for a slot that is empty."""
        if name not in Message.__slots__:
            raise AttributeError(name)
        whole = self._read(self.id)
        for slot in Message.__slots__:
            if slot not in {"id", "parent", "role"}:
                setattr(self, slot, getattr(whole, slot))
        return getattr(self, name)
