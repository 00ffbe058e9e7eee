"""The screen's view of the wire: the requests of a chat, their responses, and the frames of a body as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

FrameKind: TypeAlias = Literal["text", "reasoning", "tool", "usage", "keep-alive", "done", "error", "other"]
SaveFormat: TypeAlias = Literal["tape", "report", "bare report", "har", "csv", "curl"]
Headers: TypeAlias = tuple[tuple[str, str], ...]


class WireFrame(NamedTuple):
    """One frame of a response's body, such as a server-sent event. A tuple, because a body can have very many."""

    at: float
    """Seconds from the beginning of the request to the frame's last byte."""
    gap: float
    """Seconds since the frame before, or since the response's head."""
    kind: FrameKind
    event: str
    """The event's name; empty if it has none."""
    start: int
    """The offset of its first byte in the whole body."""
    end: int
    """The offset after its last byte."""
    shown: str
    """The beginning of what it says, with secrets masked: the text of a delta in quotes, or its data."""
    offset: int = 0
    """For text and reasoning: characters of the reply's text, or of its reasoning, before it."""
    length: int = 0
    """For text and reasoning: characters that it adds."""
    problem: str = ""
    """A clause about bytes before it, or in it, that could not be read; empty: all were."""

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return self.end - self.start


class StreamFacts(NamedTuple):
    """The outcome of a response as far as its frames tell it; it is brought up to date as they are decoded."""

    finish: str = ""
    """The provider's own word for why the reply ended; empty: none came yet."""
    usage: str = ""
    """The token counts that were reported last, in words; empty: none were."""
    keep_alives: int = 0
    """Comments and pings that keep the connection open."""
    problems: int = 0
    """Frames that report an error or could not be read."""


class TokenScore(NamedTuple):
    """A token of a delta with the probability that the server reports for it."""

    text: str
    probability: float
    """From 0 to 1."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """Other tokens that were likely there, with their probabilities."""


@dataclass(frozen=True, slots=True)
class WireExchange:
    """One request and the head of its response, with secrets masked. Times are monotonic seconds."""

    number: int
    """Counts the requests of a run from 1."""
    question: str
    """The id of the message that is answered; empty: it belongs to no chat."""
    attempt: int
    """Counts the requests that were made for one reply, from 1."""
    at: datetime
    began: float
    method: str
    url: str
    status: int | None = None
    """`None`: no response yet, or none came."""
    responded: float | None = None
    first: float | None = None
    """The time at which the first piece of the body arrived that is kept."""
    ended: float | None = None
    """`None`: it is still running."""
    how: str = ""
    """The way it ended: `end`, `stopped`, `lost` or `failed`; empty: it is still running."""
    why: str = ""
    """A clause that says why it broke off or failed."""
    size: int = 0
    """Bytes of the body so far."""
    dropped: int = 0
    """Bytes at the body's beginning that are no longer kept."""
    exact: bool = True
    """Whether each piece was noted in the moment it arrived; otherwise times are up to 30 ms late."""
    reused: bool = False
    """Whether the connection had been open before."""
    sent: float | None = None
    """The time at which the request's last byte was passed to the system."""
    proxy: str = ""
    dns: float | None = None
    """Seconds that looking up the host's name took; `None`: unknown, or the connection had been open before."""
    connect: float | None = None
    """Seconds that opening the TCP connection took."""
    tls: float | None = None
    """Seconds that the TLS handshake took."""
    content_type: str = ""
    """The kind of the body as the server names it; empty: it does not, or there is no response yet."""
    model: str = ""
    """The model that the request names; empty: it names none."""

    @property
    def running(self) -> bool:
        """Whether more may come."""
        return self.ended is None

    @property
    def wait(self) -> float | None:
        """Seconds from the sent request to the response's head, as the wait for the first token is counted; `None`:
        there is no response."""
        return None if self.responded is None else self.responded - (self.began if self.sent is None else self.sent)


class FrameLog(Protocol):
    """The frames of one response; they are decoded when they are looked at."""

    @property
    def frames(self) -> Sequence[WireFrame]:
        """The frames so far, without the oldest ones if there are too many to keep."""
        ...

    @property
    def dropped(self) -> int:
        """The number of frames at the beginning that are no longer in `frames`."""
        ...

    @property
    def facts(self) -> StreamFacts:
        """The outcome, as far as it is known."""
        ...

    def update(self, seconds: float) -> bool:
        """Decode frames that have arrived, for at most about so many seconds. Returns whether more are waiting."""
        ...

    def raw(self, frame: WireFrame) -> bytes:
        """The bytes of a frame with secrets masked; empty if they are no longer kept."""
        ...

    def body(self, most: int) -> str:
        """The beginning of the body as far as it is kept, as text with secrets masked; `most`: bytes of it."""
        ...

    def find(self, words: str) -> set[int]:
        """The indexes of the frames whose bytes or shown text contain these words, whatever their case."""
        ...

    def scores(self, frame: WireFrame) -> Sequence[TokenScore]:
        """The probabilities of a frame's tokens, if the server sent any."""
        ...


class Wire(Protocol):
    """The requests of this run as they went over the wire, as long as they are kept."""

    @property
    def kept(self) -> bool:
        """Whether anything is kept; the setting `wire_memory` may turn it off."""
        ...

    def watch(self, *, watching: bool) -> None:
        """Set whether a person is looking; while one is, the times of new responses are exact."""
        ...

    def exchanges(self) -> Sequence[WireExchange]:
        """All that are kept, oldest first."""
        ...

    def request(self, number: int) -> tuple[Headers, str]:
        """The headers and the body of a request, with secrets masked."""
        ...

    def response_headers(self, number: int) -> Headers:
        """The headers of a response, with secrets masked."""
        ...

    def frames(self, number: int) -> FrameLog:
        """The frames of a response."""
        ...

    def curl(self, number: int) -> str:
        """A shell command that sends the request again, with the key in a variable."""
        ...

    async def save(self, number: int, form: SaveFormat, folder: Path) -> Path:
        """Write a request and its response so far into a new file in a folder, and return the file. Raises
        `OSError`."""
        ...
