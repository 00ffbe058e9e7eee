"""Find the first thing in a recorded reply that is not as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import CutOff, Failed
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from tui_chat.chat.metrics.replies import ReplyMetrics
    from tui_chat.tape_file import TapeFile
    from tui_chat.wire.tape.frames import TapedFrame, TapedReply

LATE: Final = 10.0
"""Seconds from which the wait for the first frame counts as an anomaly."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something that is not as it should be, and where."""

    at: float
    """Seconds since the request."""
    text: str
    """The anomaly, as a sentence."""
    frame: int | None
    """The index of the frame that it was seen at; `None`: at none."""


def first_anomaly(tape: TapeFile, reply: TapedReply, metrics: ReplyMetrics) -> Anomaly | None:
    """Return the earliest anomaly; `None`: there is none."""
    found = [*_late(reply), *_stalls(reply, metrics), *_broken_frames(reply), *_end(tape, reply)]
    return min(found, key=lambda each: each.at, default=None)


def _late(reply: TapedReply) -> list[Anomaly]:
    if not reply.frames or reply.frames[0].at <= LATE:
        return []
    return [Anomaly(0.0, f"Nothing came for {reply.frames[0].at:.1f} s after the request.", 0)]


def _stalls(reply: TapedReply, metrics: ReplyMetrics) -> list[Anomaly]:
    if not metrics.stalls or metrics.gaps is None:
        return []
    stall = metrics.stalls[0]
    came = reply.deltas[stall.delta].at
    began = reply.deltas[stall.delta - 1].at
    frame = next((index for index, each in enumerate(reply.frames) if each.at >= came), None)
    usual = metrics.gaps.p50 * 1000
    text = f"{stall.seconds:.2f} s of silence; usually {usual:.1f} ms lie between two arrivals."
    between = [each for each in reply.frames if began < each.at < came]
    if between:
        text += f" Other frames that came meanwhile: {len(between)} ({between[0].kind})."
    return [Anomaly(began, text, frame)]


def _broken_frames(reply: TapedReply) -> list[Anomaly]:
    for index, frame in enumerate(reply.frames):
        failed = next((event for event in frame.events if isinstance(event, Failed)), None)
        if failed is not None:
            return [Anomaly(frame.at, f"An error came in the stream: {failed.problem}", index)]
        if frame.kind in {"error", "rest"} or (frame.kind == "data" and not frame.events and _unread(frame)):
            return [Anomaly(frame.at, "A frame could not be read.", index)]
    return []


def _unread(frame: TapedFrame) -> bool:
    """Whether a frame that means nothing begins like JSON and is none."""
    if not frame.data.startswith("{"):
        return False
    return frame.data.count("{") != frame.data.count("}")


def _end(tape: TapeFile, reply: TapedReply) -> list[Anomaly]:
    last = tape.ended if tape.ended is not None else (reply.frames[-1].at if reply.frames else 0.0)
    at = len(reply.frames) - 1 if reply.frames else None
    if tape.status is None:
        return [
            Anomaly(last, f"There was no response: {tape.why or tape.how or 'the recording was interrupted'}.", None)
        ]
    if not 200 <= tape.status < 300:
        return [Anomaly(tape.responded or 0.0, f"The server answered with the status {tape.status}.", at)]
    if tape.how == "lost":
        return [Anomaly(last, f"The response broke off: {tape.why}.", at)]
    if isinstance(reply.ending, CutOff):
        return [Anomaly(last, f"The reply was not complete: {reply.ending.why}.", at)]
    return []
