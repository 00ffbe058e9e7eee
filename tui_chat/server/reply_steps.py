"""A reply as it goes out: its head, its pieces, and what became of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tui_chat.chat.events import CutOff, Failed, ReasoningDelta, TextDelta
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.server.formats.writing import to_json
from tui_chat.server.scripted.pacing import DELTAS

if TYPE_CHECKING:
    from tui_chat.chat.events import ChatEvent
    from tui_chat.server.formats import Encoder
    from tui_chat.server.formats.writing import Json
    from tui_chat.server.http.access_log import RequestOutcome


@dataclass(frozen=True, slots=True)
class ReplyHead:
    """Comes first."""

    status: int = 200
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class BodyPiece(NamedTuple):
    """Bytes of the body that are sent at once."""

    data: bytes
    delta: bool = False
    """Whether a piece of the answer is among them."""


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """Comes last."""

    outcome: RequestOutcome


ReplyStep: TypeAlias = ReplyHead | BodyPiece | ReplyEnd
ReplySteps: TypeAlias = AsyncGenerator[ReplyStep, None]


class BreakOffError(Exception):
    """Instead of the next step, the connection is broken off."""

    def __init__(self, *, reset: bool = False, last: bytes = b"") -> None:
        """`reset`: with a TCP reset, as a crashed machine's network stack would do. `last`: what is sent before it,
        whatever HTTP has to say about it."""
        super().__init__("the connection is broken off")
        self.reset = reset
        self.last = last


async def streamed(events: AsyncGenerator[ChatEvent, None], encoder: Encoder) -> ReplySteps:
    """Each event as it happens."""
    yield ReplyHead(media_type=encoder.media_type)
    outcome: RequestOutcome = "finished"
    async with aclosing(events):
        async for event in events:
            if data := encoder.encode(event):
                yield BodyPiece(data, isinstance(event, DELTAS))
            outcome = _outcome_of(event)
    yield ReplyEnd(outcome)


async def gathered(events: AsyncGenerator[ChatEvent, None], encoder: Encoder) -> ReplySteps:
    """All events as one document, when the last has happened."""
    heard = await _joined(events)
    async for step in document(*encoder.whole(heard)):
        yield ReplyEnd(_outcome_of(heard[-1])) if isinstance(step, ReplyEnd) else step


async def _joined(events: AsyncGenerator[ChatEvent, None]) -> list[ChatEvent]:
    """All events, with neighbouring pieces of one text joined: encoders go through them without a pause."""
    heard: list[ChatEvent] = []
    run: TextDelta | ReasoningDelta | None = None
    texts: list[str] = []
    async with aclosing(events):
        async for event in events:
            text = event if isinstance(event, TextDelta | ReasoningDelta) else None
            if run is not None and (text is None or type(text) is not type(run) or text.part != run.part):
                heard.append(replace(run, text="".join(texts)))
                run, texts = None, []
            if text is None:
                heard.append(event)
            else:
                run = run or text
                texts.append(text.text)
    if run is not None:
        heard.append(replace(run, text="".join(texts)))
    return heard


async def document(status: int, body: Json, headers: Mapping[str, str] | None = None) -> ReplySteps:
    """One JSON document."""
    data = to_json(body)
    yield ReplyHead(status, "application/json", {**(headers or {}), "Content-Length": str(len(data))})
    yield BodyPiece(data, delta=True)
    yield ReplyEnd("failed" if status >= 400 else "finished")


async def in_pieces_of(size: int, steps: ReplySteps) -> ReplySteps:
    """The same bytes in pieces of `size`, which pay no heed to events, lines and characters."""
    kept = b""
    async with aclosing(steps):
        async for step in steps:
            if not isinstance(step, BodyPiece):
                if kept:
                    yield BodyPiece(kept)
                    kept = b""
                yield step
                continue
            kept += step.data
            whole = len(kept) - len(kept) % size
            for start in range(0, whole, size):
                yield BodyPiece(kept[start : start + size])
            kept = kept[whole:]


def _outcome_of(last: ChatEvent) -> RequestOutcome:
    match last:
        case CutOff():
            return "cut-off"
        case Failed():
            return "failed"
        case _:
            return "finished"
