"""One message: its ordered parts, and what is known about how it came.

Only `Conversation.apply` changes a message; everybody else reads.
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

Role: TypeAlias = Literal["user", "assistant"]
PartKind: TypeAlias = Literal["text", "reasoning", "refusal"]
Cursor: TypeAlias = tuple[int, ...]
"""How many characters of each part of a message a view has taken."""

BYTES_PER_TOKEN = 4
"""A rule of thumb for estimates; English text runs at about four bytes a token, Chinese at three."""

MOST_TOKENS = 10**12
"""A larger count, of an imported file, is no count."""

AT_ONCE = 0.2
"""Seconds; deltas that all came within them have no pace."""


class TextPart:
    """Text that may still grow: the answer, a block of reasoning, or a refusal."""

    __slots__ = ("_buffer", "began", "ended", "key", "kind")

    def __init__(self, kind: PartKind, key: int = 0, text: str = "", at: float = 0.0) -> None:
        self.kind: PartKind = kind
        self.key = key
        self.began = at
        """Monotonic second of its first delta."""
        self.ended = at
        """Monotonic second of its last delta."""
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
        """The text from character `offset` on; costs what it returns, not what came before."""
        if isinstance(self._buffer, str):
            return self._buffer[offset:]
        self._buffer.seek(offset)
        return self._buffer.read()

    def grow(self, text: str, at: float) -> None:
        """Take one more piece, heard at monotonic second `at`."""
        if isinstance(self._buffer, str):
            kept, self._buffer = self._buffer, StringIO(newline="")
            self._buffer.write(kept)
        self._buffer.seek(0, 2)
        self._buffer.write(text)
        self.ended = at

    def settle(self) -> None:
        """No more pieces are expected: keep the text in its smallest form."""
        self._buffer = self.text


@dataclass(slots=True)
class ToolCall:
    """A call the model asks for; shown, not run. `arguments` is the provider's JSON text, exactly as it was put
    together."""

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
    """A source the answer rests on."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class OpaquePart:
    """JSON that has to go back to the provider unchanged."""

    json: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a person sends along."""

    name: str
    mime: str
    """Its media type, such as `image/png`."""
    data: bytes = field(repr=False)


Part: TypeAlias = TextPart | ToolCall | ImagePart | CitationPart | OpaquePart


@dataclass(slots=True)
class Timing:
    """Monotonic seconds of what has happened so far to a reply; `None` has not happened."""

    asked: float | None = None
    sent: float | None = None
    """The request was on its way: what this program does before that is no matter of the server's."""
    opened: float | None = None
    first_delta: float | None = None
    last_delta: float | None = None
    last_heard: float | None = None
    """Any byte at all, keep-alives too."""
    ended: float | None = None

    @property
    def headers(self) -> float | None:
        """Seconds from the request to the response's head."""
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
        """Seconds from when it was asked to the end."""
        return _span(self.asked, self.ended)


def _believed(count: int | None) -> int | None:
    return count if count is None or 0 <= count <= MOST_TOKENS else None


def _span(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else end - start


@dataclass(slots=True, eq=False)
class Message:
    """A user's message or a reply, a node in the conversation's tree."""

    id: str
    parent: str | None
    role: Role
    created: float
    """Seconds since the epoch."""
    model: str = ""
    """A reply's model: as asked for, then as the server names it."""
    endpoint: str = ""
    """A reply's host, for a person."""
    parts: list[Part] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    """What goes along with a user's message, in order."""
    usage: Usage | None = None
    timing: Timing = field(default_factory=Timing)
    status: int | None = None
    """The HTTP status of a reply's response, once its head has come."""
    url: str = ""
    retrying: Retrying | None = None
    """The request is waiting to be sent again; cleared when that is answered."""
    ending: Ending | None = None
    adapted: str = ""
    """How the request was changed because the server refused its shape, a clause; known while the program runs."""
    skipped: Skipped | None = None
    """What of a reply's stream could not be read."""
    deltas: int = 0
    """How many deltas made the reply so far."""
    content_bytes: int = 0
    """UTF-8 bytes of all text and reasoning so far, for estimates."""

    @property
    def settled(self) -> bool:
        """No more events are taken."""
        return self.role == "user" or self.ending is not None

    @property
    def text(self) -> str:
        """The exact text of the message: all text parts joined with nothing between."""
        return self._joined("text")

    @property
    def reasoning(self) -> str:
        """All reasoning, blocks joined with nothing between."""
        return self._joined("reasoning")

    @property
    def refusal(self) -> str:
        """The text of a refusal."""
        return self._joined("refusal")

    @property
    def shown(self) -> str:
        """What a person would copy as the answer: the text, or the refusal in its place."""
        return self.text or self.refusal

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The calls the model asked for, in order."""
        return [part for part in self.parts if isinstance(part, ToolCall)]

    def _joined(self, kind: PartKind) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, TextPart) and part.kind == kind)

    def since(self, cursor: Cursor) -> tuple[Sequence[tuple[int, str]], Cursor]:
        """What has come since `cursor` (`()` is the beginning): pairs of a part's index and its new text, and the
        next cursor. Parts that are no text give an empty string once, when they are new. Costs the new text only."""
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
        """The prompt's tokens as the server counted them; no prompt has none, so that 0 is no count."""
        return _believed(self.usage.input) or None if self.usage else None

    @property
    def reported_output(self) -> int | None:
        """The reply's tokens as the server counted them; where words came, 0 is no count."""
        reported = _believed(self.usage.output) if self.usage else None
        return None if reported == 0 and self.deltas else reported

    @property
    def reported_total(self) -> int | None:
        """Both together as the server counted them; 0 is no count."""
        return _believed(self.usage.total) or None if self.usage else None

    @property
    def output_estimate(self) -> int:
        """A guess at the completion tokens so far, for while (or where) the server has reported none.

        Most servers send a delta a token; those that batch are caught by the byte rule.
        """
        return max(self.deltas, round(self.content_bytes / BYTES_PER_TOKEN))

    def tokens_per_second(self) -> tuple[float | None, bool]:
        """The pace over the streaming part, and whether it is an estimate; `None` where there is nothing to tell: one
        delta, or all of them so close together that they came at once and their time is that of a buffer on the way.

        The first delta's tokens were made before the clock of the streaming part started, so they do not count.
        """
        seconds = self.timing.streaming
        if seconds is None or seconds < AT_ONCE or self.deltas < 2:
            return None, True
        reported = self.reported_output
        whole = reported is not None and isinstance(self.ending, Finished)
        tokens = reported if whole and reported is not None else self.output_estimate
        return tokens * (self.deltas - 1) / self.deltas / seconds, not whole


class StoredMessage(Message):
    """A message of which only the place in the tree is in memory until somebody asks for more of it."""

    __slots__ = ("_read",)

    def __init__(self, id: str, parent: str | None, role: Role, read: Callable[[str], Message]) -> None:  # noqa: A002
        """`read` gives the whole message for its id; it is called at most once, by whoever first looks, and never
        raises: what cannot be read is a message that says so."""
        self.id = id
        self.parent = parent
        self.role = role
        self._read = read

    def __getattr__(self, name: str) -> object:
        """Python asks here for a slot that is not filled: fill them all."""
        if name not in Message.__slots__:
            raise AttributeError(name)
        whole = self._read(self.id)
        for slot in Message.__slots__:
            if slot not in {"id", "parent", "role"}:
                setattr(self, slot, getattr(whole, slot))
        return getattr(self, name)
