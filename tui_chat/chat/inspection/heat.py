"""The heat of each piece of a reply: by the silence before it, or by its improbability."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_chat.chat.metrics.replies import STALL_FACTOR, STALL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_chat.chat.inspection.wire_ports import TokenScore, WireFrame

LEVELS: Final = 4
"""Levels of heat, from 1 on; 0 is none."""
_SLOW: Final = (2.0, 4.0, STALL_FACTOR)
"""Multiples of the median gap from which a piece has the levels 1, 2 and 3; a stall has 4."""
_UNLIKELY: Final = (0.9, 0.6, 0.3, 0.1)
"""Probabilities below which a token has the levels 1, 2, 3 and 4."""
_TOGETHER: Final = 0.001
"""Seconds below which frames came together, so that their gap says nothing."""


class HeatSpan(NamedTuple):
    """A piece of a reply's text or reasoning, in characters of its source, and its level."""

    start: int
    end: int
    level: int


class ReplyHeat(NamedTuple):
    """The heat of a reply's text and of its reasoning, in order; pieces without heat are left out."""

    text: list[HeatSpan]
    reasoning: list[HeatSpan]


def gap_heat(frames: Sequence[WireFrame]) -> ReplyHeat:
    """Return the heat of each delta by the gap before it, relative to the median gap of the reply."""
    deltas = [frame for frame in frames if frame.length]
    gaps = [frame.gap for frame in deltas[1:] if frame.gap >= _TOGETHER]
    usual = median(gaps) if gaps else 0.0
    heat = ReplyHeat([], [])
    for frame in deltas[1:]:
        level = sum(frame.gap > usual * factor for factor in _SLOW)
        if frame.gap > max(STALL_SECONDS, STALL_FACTOR * usual):
            level = LEVELS
        if level and frame.gap >= _TOGETHER:
            spans = heat.text if frame.kind == "text" else heat.reasoning
            spans.append(HeatSpan(frame.offset, frame.offset + frame.length, level))
    return heat


def probability_heat(
    frames: Sequence[WireFrame], scores: Callable[[WireFrame], Sequence[TokenScore]]
) -> ReplyHeat | None:
    """Return the heat of each token of the text by its probability, which `scores` gives for a frame; `None` if the
    server sent no probabilities."""
    heat = ReplyHeat([], [])
    known = False
    for frame in frames:
        if frame.kind != "text" or not frame.length:
            continue
        at = frame.offset
        for score in scores(frame):
            known = True
            if level := sum(score.probability < least for least in _UNLIKELY):
                heat.text.append(HeatSpan(at, min(at + len(score.text), frame.offset + frame.length), level))
            at += len(score.text)
    return heat if known else None
