"""Differences between servers of the same API: framing, usage and the end."""

from __future__ import annotations

from random import Random
from time import monotonic, time
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.server.formats.writing import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.server.formats.writing import Json

UsageTelling: TypeAlias = Literal["asked", "last", "every", "never"]
Newline: TypeAlias = Literal["own", "lf", "crlf", "cr"]
EventLines: TypeAlias = Literal["own", "message", "none"]

_NEWLINES = {"lf": b"\n", "crlf": b"\r\n", "cr": b"\r"}
_SEEDED_MOMENT = 1_700_000_000.0
"""The time in replies made with a seed, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Style:
    """The options by which a reply is encoded."""

    usage: UsageTelling = "asked"
    """When to send token counts: as the API does (chat completions: in a last chunk if the request asks for it), always
    in that last chunk, in every event, or never.

    With `every`, chat completions also imitate DeepSeek's models at SiliconFlow in all other respects: the role is in
    every delta, and text and reasoning are both present, one of them null.
    """
    finish: Literal["given", "never"] = "given"
    """Whether a finish reason is sent."""
    end: Literal["done", "empty", "none"] = "done"
    """Chat completions end with `[DONE]`, an empty `data:` or nothing; in the other APIs, `none` leaves out the last
    event."""
    newline: Newline = "own"
    """The line ends; `own`: those of the API itself."""
    space: bool = True
    """Whether a space follows the colon of a field."""
    event: EventLines = "own"
    """`event:` lines: as the API has them, `message` for events without a name (as Go's Gin writes), or none at all."""
    seed: str | None = None
    """Seed for ids and times, to get the same bytes again; `None`: new ones for each reply."""


PLAIN = Style()
"""The style of the API's own documentation."""


class EventWriter:
    """Writes server-sent events in a given style."""

    def __init__(self, style: Style, own: Newline = "lf") -> None:
        """`own`: the line ends of the API itself."""
        self.newline = _NEWLINES[own if style.newline == "own" else style.newline]
        self._colon = b": " if style.space else b":"
        self._event = style.event

    def event(self, value: Json, name: str = "") -> bytes:
        """One event with JSON data and an optional name."""
        return self.raw(to_json(value), name)

    def raw(self, data: bytes, name: str = "") -> bytes:
        """One event with one line of data."""
        return self.lines([data], name)

    def lines(self, data: Sequence[bytes], name: str = "") -> bytes:
        """One event with a `data` field for each line."""
        if self._event != "own":
            name = "" if self._event == "none" else name or "message"
        named = self.field(b"event", name.encode()) if name else b""
        return named + b"".join(self.field(b"data", line) for line in data) + self.newline

    def field(self, name: bytes, value: bytes) -> bytes:
        """One field on a line."""
        return name + self._colon + value + self.newline

    def comment(self) -> bytes:
        """Return a keep-alive comment."""
        return b": keep-alive" + 2 * self.newline


class Stamps:
    """The made-up ids and times of a reply; with a seed they are always the same."""

    def __init__(self, style: Style) -> None:
        self._random = Random(style.seed)
        self._seeded = style.seed is not None
        self._began = monotonic()

    def identity(self) -> str:
        """An id of 32 hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"

    def now(self) -> float:
        """The current time in seconds since 1970."""
        return _SEEDED_MOMENT if self._seeded else time()

    def elapsed(self) -> int:
        """Nanoseconds since the reply began."""
        return 0 if self._seeded else int((monotonic() - self._began) * 1e9)
