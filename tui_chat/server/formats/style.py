"""Where servers of the same API differ in what they write: framing, usage, and the end."""

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
"""The time in all replies that a seed makes reproducible, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a reply is written."""

    usage: UsageTelling = "asked"
    """Token counts as the API has them (chat completions: in a last chunk, when the request asks for it), in that last
    chunk unasked, in every event, or not at all.

    `every` makes chat completions look as DeepSeek's models do at SiliconFlow in all other respects too: the role in
    every delta, and text and reasoning both named, one of them null."""
    finish: Literal["given", "never"] = "given"
    """Whether a finish reason is given."""
    end: Literal["done", "empty", "none"] = "done"
    """Chat completions end with `[DONE]`, an empty `data:` or nothing; for the other APIs, `none` leaves out their
    last event."""
    newline: Newline = "own"
    """What ends a line; `own` is what the API itself sends."""
    space: bool = True
    """Whether a space follows the colon of a field."""
    event: EventLines = "own"
    """`event:` lines: as the API has them, `message` where it has none (Go's Gin writes that), or none at all."""
    seed: str | None = None
    """What ids and times are made from, so that the same bytes come again; `None`: they are new each time."""


PLAIN = Style()
"""As the API's own documentation has it."""


class EventWriter:
    """Writes server-sent events in a style."""

    def __init__(self, style: Style, own: Newline = "lf") -> None:
        """`own` is what the API itself ends its lines with."""
        self.newline = _NEWLINES[own if style.newline == "own" else style.newline]
        self._colon = b": " if style.space else b":"
        self._event = style.event

    def event(self, value: Json, name: str = "") -> bytes:
        """One event with JSON in it, named where the API names its events."""
        return self.raw(to_json(value), name)

    def raw(self, data: bytes, name: str = "") -> bytes:
        """One event with any line of data."""
        return self.lines([data], name)

    def lines(self, data: Sequence[bytes], name: str = "") -> bytes:
        """One event with a `data` field for each line."""
        if self._event != "own":
            name = "" if self._event == "none" else name or "message"
        named = self.field(b"event", name.encode()) if name else b""
        return named + b"".join(self.field(b"data", line) for line in data) + self.newline

    def field(self, name: bytes, value: bytes) -> bytes:
        """One line."""
        return name + self._colon + value + self.newline

    def comment(self) -> bytes:
        """A sign of life."""
        return b": keep-alive" + 2 * self.newline


class Stamps:
    """The ids and times in a reply; made up, and the same again where there is a seed."""

    def __init__(self, style: Style) -> None:
        self._random = Random(style.seed)
        self._seeded = style.seed is not None
        self._began = monotonic()

    def identity(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"

    def now(self) -> float:
        """Seconds since 1970."""
        return _SEEDED_MOMENT if self._seeded else time()

    def elapsed(self) -> int:
        """Nanoseconds since the reply began."""
        return 0 if self._seeded else int((monotonic() - self._began) * 1e9)
