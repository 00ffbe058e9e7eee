"""The frames of a recorded response: decoded when they are looked at, in slices, and bounded in number."""

from __future__ import annotations

import json
import re
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
from tui_chat.chat.inspection.wire_ports import StreamFacts, TokenScore, WireFrame
from tui_chat.chat.secrets import MASK
from tui_chat.wire.foreign import decoded
from tui_chat.wire.tape.frames import FrameReader, TapedFrame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.events import Usage
    from tui_chat.chat.inspection.wire_ports import FrameKind
    from tui_chat.wire.tape.tape import RecordedExchange

MOST_FRAMES: Final = 200_000
"""Frames that are kept decoded; beyond it the oldest quarter goes."""
LONGEST_SHOWN: Final = 240
"""Characters of a frame that are kept for its row."""
_MOST_SCORES: Final = 100
"""Tokens of one frame whose probabilities are read, and alternatives of one token."""
_MASK: Final = MASK.encode()
_CLOCK: Final = 64
"""Frames that are decoded between two looks at the clock."""
_REFUSED: Final = 300
"""Statuses from which a body is not an answer."""
_FINISHING: Final = re.compile(r'"(finish_reason|finishReason|stop_reason|done_reason)": ?"([^"]{1,40})"')
"""The parts of a frame that say why the reply ends."""
_LONGEST_LOOKED_AT: Final = 4096


class RecordedFrames:
    """The frames of one exchange of a tape."""

    def __init__(self, exchange: RecordedExchange) -> None:
        self.frames: list[WireFrame] = []
        """Those whose bytes are kept, oldest first."""
        self.dropped = 0
        """Frames at the beginning that are no longer kept."""
        self._exchange = exchange
        self._reader: FrameReader | None = None
        self._pieces = 0
        """Pieces of the whole body that have been cut."""
        self._last = 0.0
        """The arrival of the frame before, in seconds since the request."""
        self._text = self._reasoning = 0
        """Characters of the reply so far."""
        self._end = 0
        """Bytes of the body that belong to a frame."""
        self._closed = False
        self._finish = self._usage = ""
        self._keep_alives = self._problems = 0

    @property
    def facts(self) -> StreamFacts:
        """The outcome, as far as the frames that were decoded tell it."""
        return StreamFacts(self._finish, self._usage, self._keep_alives, self._problems)

    def update(self, seconds: float) -> bool:
        """Decode frames that have arrived, for at most about so many seconds. Returns whether more are waiting."""
        exchange = self._exchange
        if exchange.responded is None or self._closed:
            return False
        until = monotonic() + seconds
        if self._reader is None or self._pieces < exchange.dropped_pieces:
            self._reader = self._restart()
        since = 0
        for at, data in exchange.pieces(self._pieces - exchange.dropped_pieces):
            if since >= _CLOCK:
                since = 0
                if monotonic() > until:
                    return True
            self._pieces += 1
            since += 1 + self._take(self._reader.feed(at, data))
        if self.frames and self.frames[0].end <= exchange.dropped_bytes:
            forgotten = bisect_right(self.frames, exchange.dropped_bytes, key=lambda frame: frame.end)
            self.dropped += forgotten
            del self.frames[:forgotten]
        if exchange.ended is not None:
            self._closed = True
            self._close(self._reader)
        return False

    def raw(self, frame: WireFrame) -> bytes:
        """The bytes of a frame with secrets masked; empty if they are no longer kept."""
        return self._masked(self._exchange.part(frame.start, frame.end))

    def body(self, most: int) -> str:
        """The beginning of the body as far as it is kept, as text with secrets masked; `most`: bytes of it."""
        exchange = self._exchange
        data = self._masked(exchange.part(exchange.dropped_bytes, exchange.dropped_bytes + most))
        if exchange.size > exchange.dropped_bytes + most:  # it may end inside a secret
            longest = max((len(each) for each in exchange.secrets.spellings), default=0)
            data = data[: max(0, len(data) - 4 * longest)]
        return data.decode("utf-8", "replace")

    def _masked(self, data: bytes) -> bytes:
        for spelling in self._exchange.secrets.spellings:
            data = data.replace(spelling.encode("utf-8", "surrogatepass"), _MASK)
        return data

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
        """The arrival of the last piece, in seconds since the request."""
        exchange = self._exchange
        last = max(0, exchange.count - 1)
        return next((at for at, _ in exchange.pieces(last)), exchange.ended or exchange.began)

    def _restart(self) -> FrameReader:
        """Begin to read where the kept bytes begin."""
        exchange = self._exchange
        headers = {name.lower(): value for name, value in exchange.response_headers}
        last = exchange.began + self._last if self.frames else exchange.responded or exchange.began
        self._pieces, self._end = exchange.dropped_pieces, exchange.dropped_bytes
        return FrameReader(exchange.url, exchange.status or 0, headers, last)

    def _close(self, reader: FrameReader) -> None:
        exchange = self._exchange
        left, events = reader.close(self._last_arrival, exchange.why if exchange.how == "lost" else "")
        self._take(left)
        finished = next((event for event in events if isinstance(event, Finished)), None)
        if finished is not None and finished.reason:
            self._finish = finished.reason
        whole = len(self.frames) == 1 and not reader.is_stream
        if whole and any(isinstance(event, TextDelta | Failed) for event in events):
            # A whole answer in one document is only understood at the end of the body.
            frame = self.frames.pop()
            self._problems = 0
            text = self.raw(frame).decode("utf-8", "replace")
            document = TapedFrame(
                1, exchange.began + frame.at, frame.gap, "data", frame.event, text, b"", tuple(events)
            )
            self._end = frame.start
            self._text = self._reasoning = 0
            self.frames.append(self._read(document)._replace(end=frame.end))
            self._end = frame.end

    def _take(self, taped: Sequence[TapedFrame]) -> int:
        self.frames += [self._read(each) for each in taped]
        if len(self.frames) > MOST_FRAMES:
            self.dropped += MOST_FRAMES // 4
            del self.frames[: MOST_FRAMES // 4]
        return len(taped)

    def _read(self, taped: TapedFrame) -> WireFrame:
        start, self._end = self._end, self._end + len(taped.raw)
        self._last = at = taped.at - self._exchange.began
        masked = self._exchange.secrets.masked
        kind, shown = _meaning(taped, refused=(self._exchange.status or 0) >= _REFUSED)
        problem = _problem(taped, hung_up=self._exchange.how == "stopped")
        self._note(taped, kind, problem)
        text = "".join(event.text for event in taped.events if isinstance(event, TextDelta))
        reasoning = "".join(event.text for event in taped.events if isinstance(event, ReasoningDelta))
        offset, length = (self._reasoning, len(reasoning)) if kind == "reasoning" else (self._text, len(text))
        self._text += len(text)
        self._reasoning += len(reasoning)
        if kind not in {"text", "reasoning"}:
            offset = length = 0
        return WireFrame(
            at, taped.gap, kind, masked(taped.event), start, self._end, masked(shown), offset, length, problem
        )

    def _note(self, taped: TapedFrame, kind: FrameKind, problem: str) -> None:
        """Note what a frame tells of the outcome."""
        self._keep_alives += kind == "keep-alive"
        self._problems += kind == "error" or bool(problem)
        for event in taped.events:
            if isinstance(event, UsageReport):
                self._usage = self._exchange.secrets.masked(_usage_words(event.usage)) or self._usage
            elif isinstance(event, Finished) and event.reason:
                self._finish = self._exchange.secrets.masked(event.reason)
        if not taped.events and kind == "done" and (reason := _FINISHING.search(taped.data[:_LONGEST_LOOKED_AT])):
            self._finish = self._exchange.secrets.masked(reason[2])


def _problem(frame: TapedFrame, *, hung_up: bool) -> str:
    """A clause about bytes that could not be read. `hung_up`: the client did, so the last event's end is not missed."""
    ends = any(isinstance(event, Finished) for event in frame.events)
    if not hung_up and (frame.kind == "rest" or not (frame.complete or ends)):
        return "the body ends inside this event"
    if not frame.skipped:
        return ""
    size = f"{frame.skipped:,} byte{'' if frame.skipped == 1 else 's'}"
    return f"{size} here cannot be read"


def _meaning(frame: TapedFrame, *, refused: bool) -> tuple[FrameKind, str]:
    """The kind of a frame, and the text that is shown of it. `refused`: it belongs to the body of an error."""
    data, events = frame.data[:LONGEST_SHOWN], frame.events
    for event in events:
        if isinstance(event, Failed):
            return "error", (event.message or event.problem)[:LONGEST_SHOWN]
    if refused or any(isinstance(event, CutOff) for event in events):
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
        reason = _FINISHING.search(frame.data[:_LONGEST_LOOKED_AT])
        return "usage", _usage_words(usage[-1]) + (f", {reason[1]}: {reason[2]}" if reason else "")
    if reason := _FINISHING.search(frame.data[:_LONGEST_LOOKED_AT]):
        return "done", f"{reason[1]}: {reason[2]}"
    if any(isinstance(event, Finished) for event in events):
        return "done", data
    if frame.kind == "comment":
        return "keep-alive", f": {data}"
    if frame.kind == "error":
        return "error", data
    if not events and frame.event in {"ping", "keepalive", "heartbeat"}:
        return "keep-alive", data
    return "other", _without_frame(frame.data)


def _without_frame(data: str) -> str:
    """The part of a chunk of a chat completion that differs, without the fields that are the same in all of them."""
    if len(data) <= _LONGEST_LOOKED_AT and '"delta"' in data:
        try:
            delta = decoded(data)["choices"][0]["delta"]
        except (ValueError, LookupError, TypeError):
            return data[:LONGEST_SHOWN]
        return json.dumps({"delta": delta}, ensure_ascii=False)[:LONGEST_SHOWN]
    return data[:LONGEST_SHOWN]


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
