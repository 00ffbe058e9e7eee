"""The steps in which a reply is sent: a head, pieces of the body, and an outcome."""

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
    """The first step: status and headers."""

    status: int = 200
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class BodyPiece(NamedTuple):
    """Bytes of the body that are sent together."""

    data: bytes
    delta: bool = False
    """Whether they contain a piece of the answer."""


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """The last step: how the reply ended."""

    outcome: RequestOutcome


ReplyStep: TypeAlias = ReplyHead | BodyPiece | ReplyEnd
ReplySteps: TypeAlias = AsyncGenerator[ReplyStep, None]


class BreakOffError(Exception):
    """Raised in place of the next step: the connection must be closed."""

    def __init__(self, *, reset: bool = False, last: bytes = b"") -> None:
        """`reset`: close it with a TCP reset, as after a crash. `last`: raw bytes to send first, even if they break
        HTTP."""
        super().__init__("the connection is broken off")
        self.reset = reset
        self.last = last


async def streamed(events: AsyncGenerator[ChatEvent, None], encoder: Encoder) -> ReplySteps:
    """Encode each event as it arrives."""
    yield ReplyHead(media_type=encoder.media_type)
    outcome: RequestOutcome = "finished"
    async with aclosing(events):
        async for event in events:
            if data := encoder.encode(event):
                yield BodyPiece(data, isinstance(event, DELTAS))
            outcome = _outcome_of(event)
    yield ReplyEnd(outcome)


async def gathered(events: AsyncGenerator[ChatEvent, None], encoder: Encoder) -> ReplySteps:
    """Collect all events and encode them as one document."""
    collected = await _joined(events)
    async for step in document(*encoder.whole(collected)):
        yield ReplyEnd(_outcome_of(collected[-1])) if isinstance(step, ReplyEnd) else step


async def _joined(events: AsyncGenerator[ChatEvent, None]) -> list[ChatEvent]:
    """Collect all events and join neighbouring pieces of the same text, so that encoders have fewer to process."""
    collected: list[ChatEvent] = []
    run: TextDelta | ReasoningDelta | None = None
    texts: list[str] = []
    async with aclosing(events):
        async for event in events:
            text = event if isinstance(event, TextDelta | ReasoningDelta) else None
            if run is not None and (text is None or type(text) is not type(run) or text.part != run.part):
                collected.append(replace(run, text="".join(texts)))
                run, texts = None, []
            if text is None:
                collected.append(event)
            else:
                run = run or text
                texts.append(text.text)
    if run is not None:
        collected.append(replace(run, text="".join(texts)))
    return collected


async def document(status: int, body: Json, headers: Mapping[str, str] | None = None) -> ReplySteps:
    """Send one JSON document."""
    data = to_json(body)
    yield ReplyHead(status, "application/json", {**(headers or {}), "Content-Length": str(len(data))})
    yield BodyPiece(data, delta=True)
    yield ReplyEnd("failed" if status >= 400 else "finished")


async def in_pieces_of(size: int, steps: ReplySteps) -> ReplySteps:
    """Send the same bytes in pieces of `size`, regardless of events, lines and characters."""
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
