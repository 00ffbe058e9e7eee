"""The frames of a recorded response: decoded when somebody looks, in slices, and bounded in number."""

from __future__ import annotations

import json
from bisect import bisect_right
from math import exp
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import (
    CutOff,
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from tui_chat.chat.inspection.wire_ports import TokenScore, WireFrame
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.dialects.detect import DetectedDialect
from tui_chat.wire.foreign import decoded
from tui_chat.wire.inspection.frame_cutter import FrameCutter
from tui_chat.wire.tape.api import api_of
from tui_chat.wire.tape.masking import StreamMask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.events import ChatEvent, Usage
    from tui_chat.chat.inspection.wire_ports import FrameKind
    from tui_chat.wire.dialects import Dialect
    from tui_chat.wire.framing import Frame
    from tui_chat.wire.inspection.frame_cutter import CutFrame
    from tui_chat.wire.tape.tape import RecordedExchange

MOST_FRAMES: Final = 200_000
"""Frames that are kept decoded; beyond it the oldest quarter goes."""
LONGEST_SHOWN: Final = 240
"""Characters of a frame that are kept for its row."""
_MOST_SCORES: Final = 100
"""Tokens of one frame whose probabilities are read, and alternatives of one token."""
_CLOCK: Final = 64
"""Frames that are decoded between two looks at the clock."""


class RecordedFrames:
    """The frames of one exchange of a tape."""

    def __init__(self, exchange: RecordedExchange) -> None:
        self.frames: list[WireFrame] = []
        """Those that are kept, oldest first."""
        self.dropped = 0
        """Frames at the beginning that are no longer kept."""
        self._exchange = exchange
        self._cutter: FrameCutter | None = None
        self._decoder = _decoder_for(exchange.url)
        self._pieces = 0
        """Pieces of the whole body that have been cut."""
        self._last = 0.0
        """When the frame before arrived, in seconds since the request."""
        self._text = self._reasoning = 0
        """Characters of the reply so far."""
        self._closed = False
        self._whole = False
        """Whether the body should be one JSON document, which is an answer by itself."""

    def update(self, seconds: float) -> bool:
        """Decode what has come, for at most about so many seconds. Returns whether more is waiting."""
        exchange = self._exchange
        if exchange.responded is None or self._closed:
            return False
        until = monotonic() + seconds
        if self._cutter is None or self._pieces < exchange.dropped_pieces:
            self._restart()
        since = 0
        for at, data in exchange.pieces(self._pieces - exchange.dropped_pieces):
            if since >= _CLOCK:
                since = 0
                if monotonic() > until:
                    return True
            self._pieces += 1
            since += 1 + self._take(at, self._cutter.feed(data) if self._cutter is not None else ())
        if exchange.ended is not None:
            self._closed = True
            if self._cutter is not None:
                self._take(self._last_arrival, self._cutter.close())
        return False

    def raw(self, frame: WireFrame) -> bytes:
        """The bytes of a frame with secrets masked; empty if they are no longer kept."""
        mask = StreamMask(self._exchange.secrets)
        return mask.feed(self._exchange.part(frame.start, frame.end)) + mask.close()

    def find(self, words: str) -> set[int]:
        """The indexes of the frames whose bytes or shown text contain these words, whatever their case."""
        wanted = words.lower()
        found = {index for index, frame in enumerate(self.frames) if wanted in frame.shown.lower()}
        needle = wanted.encode("utf-8", "replace")
        first = self._exchange.dropped_bytes
        body = self._exchange.part(first, self._exchange.size).lower()
        starts = [frame.start for frame in self.frames]
        at = body.find(needle)
        while at >= 0:
            index = bisect_right(starts, first + at) - 1
            if index < 0:
                at = body.find(needle, at + 1)
                continue
            # Frames of one event have the same bytes.
            start = starts[index]
            same = index
            while same >= 0 and starts[same] == start:
                if first + at < self.frames[same].end:
                    found.add(same)
                same -= 1
            after = max(at + 1, self.frames[index].end - first)
            at = body.find(needle, after)
        return found

    def scores(self, frame: WireFrame) -> Sequence[TokenScore]:
        """The probabilities of a frame's tokens, if the server sent any (`logprobs` of chat completions)."""
        text = self.raw(frame).decode("utf-8", "replace")
        start = text.find("{")
        if '"logprobs"' not in text or start < 0:
            return ()
        try:
            document = decoded(text[start:].strip().splitlines()[0])
        except (ValueError, IndexError):
            return ()
        return tuple(_scores_in(document))

    # ---- decoding

    @property
    def _last_arrival(self) -> float:
        """When the last piece arrived."""
        exchange = self._exchange
        last = max(0, exchange.count - 1)
        return next((at for at, _ in exchange.pieces(last)), exchange.ended or exchange.began)

    def _restart(self) -> None:
        """Begin to cut where the kept bytes begin."""
        exchange = self._exchange
        headers = dict(exchange.response_headers)
        self._cutter = FrameCutter(headers.get("content-type", ""), exchange.dropped_bytes)
        self._pieces = exchange.dropped_pieces
        self._whole = headers.get("content-type", "").startswith("application/json")
        self._last = max(self._last, (exchange.responded or exchange.began) - exchange.began)

    def _take(self, at: float, cuts: Iterable[CutFrame]) -> int:
        count = 0
        for cut in cuts:
            count += 1
            self.frames.append(self._read(at - self._exchange.began, cut))
        if len(self.frames) > MOST_FRAMES:
            self.dropped += MOST_FRAMES // 4
            del self.frames[: MOST_FRAMES // 4]
        return count

    def _read(self, at: float, cut: CutFrame) -> WireFrame:
        frame, start, end = cut
        gap, self._last = at - self._last, at
        finishing = self._decoder.finishing
        events = self._events(frame)
        masked = self._exchange.secrets.masked
        kind, shown = _meaning(frame, events, finished=self._decoder.finishing and not finishing)
        text = "".join(event.text for event in events if isinstance(event, TextDelta))
        reasoning = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
        offset, length = (self._reasoning, len(reasoning)) if kind == "reasoning" else (self._text, len(text))
        self._text += len(text)
        self._reasoning += len(reasoning)
        if kind not in {"text", "reasoning"}:
            offset = length = 0
        return WireFrame(at, gap, kind, masked(frame.event), start, end, masked(shown), offset, length)

    def _events(self, frame: Frame) -> Sequence[ChatEvent]:
        if frame.kind == "text":
            return [TextDelta(frame.data)]
        if not self.frames and frame.complete and self._whole and not self._decoder.lines:
            try:
                return self._decoder.decode_document(decoded(frame.data))
            except ValueError:
                return ()
        return self._decoder.decode(frame)


def _decoder_for(url: str) -> DetectedDialect:
    name = api_of(url) or "openai-chat"

    def make(other: str) -> Dialect:
        return DIALECTS[other]()

    return DetectedDialect(make(name), name, make)


def _meaning(frame: Frame, events: Sequence[ChatEvent], *, finished: bool) -> tuple[FrameKind, str]:
    """What kind of frame it is, and what is shown of it."""
    data = frame.data[:LONGEST_SHOWN]
    for event in events:
        if isinstance(event, Failed | CutOff):
            return "error", data
    deltas = [event for event in events if isinstance(event, TextDelta | RefusalDelta)]
    if deltas:
        return "text", _quoted("".join(event.text for event in deltas))
    thoughts = [event for event in events if isinstance(event, ReasoningDelta)]
    if thoughts:
        return "reasoning", _quoted("".join(event.text for event in thoughts))
    calls = [event for event in events if isinstance(event, ToolCallDelta)]
    if calls:
        return "tool", " ".join(f"{call.name} {call.arguments}".strip() for call in calls)[:LONGEST_SHOWN]
    usage = [event.usage for event in events if isinstance(event, UsageReport)]
    if usage:
        return "usage", _usage_words(usage[-1])
    if finished or any(isinstance(event, Finished) for event in events):
        return "done", data
    if frame.kind == "comment":
        return "keep-alive", f": {data}"
    if frame.kind == "error":
        return "error", data
    if not events and frame.event in {"ping", "keepalive", "heartbeat"}:
        return "keep-alive", data
    return "other", data


def _quoted(text: str) -> str:
    return json.dumps(text[:LONGEST_SHOWN], ensure_ascii=False)


def _usage_words(usage: Usage) -> str:
    counts = [(usage.input, "in"), (usage.output, "out"), (usage.reasoning, "reasoning"), (usage.cached, "cached")]
    return ", ".join(f"{count:,} {word}" for count, word in counts if count is not None)


def _scores_in(document: object) -> Iterable[TokenScore]:
    choices = document.get("choices") if isinstance(document, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    found = first.get("logprobs") if isinstance(first, dict) else None
    content = found.get("content") if isinstance(found, dict) else None
    for token in content[:_MOST_SCORES] if isinstance(content, list) else ():
        score = _score(token)
        if score is not None:
            others = token.get("top_logprobs")
            near = [_score(other) for other in others[:_MOST_SCORES]] if isinstance(others, list) else []
            text, probability = score
            yield TokenScore(text, probability, tuple(each for each in near if each is not None and each[0] != text))


def _score(token: object) -> tuple[str, float] | None:
    if not isinstance(token, dict):
        return None
    text, value = token.get("token"), token.get("logprob")
    if not isinstance(text, str) or isinstance(value, bool) or not isinstance(value, int | float) or value > 0:
        return None
    return text, exp(value)
