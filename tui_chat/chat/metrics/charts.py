"""Charts of a reply's timing: in block characters for a terminal, and as SVG for a page."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from math import ceil, log10
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.metrics.replies import Stall

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_ASCII: Final = " .:-=+*%#"
_WIDTH: Final = 760
_HEIGHT: Final = 150
_LEFT: Final = 56
"""Pixels for the numbers beside a chart."""
_BELOW: Final = 22
_BURST: Final = 5.0
_MOST_POINTS: Final = 2000
"""Gaps that are drawn one by one; of more, the longest of each group is."""


def block_chart(values: Sequence[float], width: int, height: int = 1, *, ascii_only: bool = False) -> list[str]:
    """Return `height` lines of at most `width` cells that show some values as columns, the largest as high as the
    chart. A value above 0 is never shown as nothing. Of several values in a column the largest is shown."""
    columns = fitted(values, width)
    top = max(columns, default=0.0)
    signs = _ASCII if ascii_only else _EIGHTHS
    steps = len(signs) - 1
    levels = [0 if value <= 0 or top <= 0 else max(1, round(value / top * height * steps)) for value in columns]
    rows = range(height - 1, -1, -1)
    return ["".join(signs[min(steps, max(0, level - row * steps))] for level in levels) for row in rows]


def fitted(values: Sequence[float], count: int) -> list[float]:
    """Return at most `count` values (at least 1): the largest of each group of neighbours."""
    if len(values) <= count:
        return list(values)
    edges = [index * len(values) // count for index in range(count + 1)]
    return [max(values[start:end]) for start, end in pairwise(edges)]


def without_bursts(rates: Sequence[float]) -> list[float]:
    """Return rates for a chart in which a short burst does not make all others invisible: at most five times the median
    of those above 0."""
    some = sorted(rate for rate in rates if rate > 0)
    most = _BURST * some[len(some) // 2] if some else 0.0
    return [min(rate, most) for rate in rates]


def pace_svg(length: float, rates: Sequence[float], stalls: Sequence[Stall], first_token: float | None) -> str:
    """Return a chart of tokens per second over time as SVG. `length`: seconds of each value of `rates`; the time before
    the first token and stalls are shaded, and a burst that is higher than the chart is marked."""
    seconds = length * len(rates)
    shown = without_bursts(rates)
    top = _nice(max(shown, default=0.0))
    bars = []
    for index, rate in enumerate(rates):
        high = shown[index] / top * _HEIGHT
        kind = "bar burst" if rate > shown[index] else "bar"
        left, right = _across(index * length, seconds), _across((index + 1) * length, seconds)
        bars.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{_HEIGHT - high:.1f}" width="{max(0.5, right - left - 0.5):.1f}" '
            f'height="{high:.1f}"><title>{index * length:.2f} s: {rate:.1f} tokens/s</title></rect>'
        )
    shades = [] if first_token is None else [_shade(0.0, first_token, seconds, "wait", "waiting for the first token")]
    shades += [_shade(each.at, each.at + each.seconds, seconds, "stall", f"{each.seconds:.2f} s") for each in stalls]
    return _chart("Tokens per second over time", "".join(shades + bars), _axes(seconds, f"{top:g}", "tok/s"))


def gaps_svg(deltas: Sequence[float], stalls: Sequence[Stall]) -> str:
    """Return a chart of the gap before each arrival as SVG, on a logarithmic scale from 1 ms. `deltas`: when each delta
    came, in seconds since the request."""
    times = [at for index, at in enumerate(deltas) if index == 0 or at > deltas[index - 1]]
    gaps = [(at, at - before) for before, at in pairwise(times)]
    seconds = deltas[-1] if deltas else 0.0
    group = ceil(len(gaps) / _MOST_POINTS) if gaps else 1
    shown = [max(gaps[at : at + group], key=lambda each: each[1]) for at in range(0, len(gaps), group)]
    top = max(3, ceil(log10(max([gap for _, gap in shown], default=0.001) * 1000)))
    late = {round(each.at + each.seconds, 6) for each in stalls}
    lines = []
    for at, gap in shown:
        high = max(1.0, min(1.0, max(0.0, log10(max(gap, 0.001) * 1000) / top)) * _HEIGHT)
        kind = "gap late" if round(at, 6) in late else "gap"
        x = _across(at, seconds)
        lines.append(
            f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{_HEIGHT}" y2="{_HEIGHT - high:.1f}">'
            f"<title>{at:.3f} s: gap {gap * 1000:.1f} ms</title></line>"
        )
    for power in range(1, top):
        y = _HEIGHT - power / top * _HEIGHT
        lines.insert(0, f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_milliseconds(10**power)}</text>')
    return _chart("The gap before each arrival", "".join(lines), _axes(seconds, _milliseconds(10**top), ""))


def _across(at: float, seconds: float) -> float:
    return _LEFT + (at / seconds if seconds else 0.0) * (_WIDTH - _LEFT)


def _shade(start: float, end: float, seconds: float, kind: str, title: str) -> str:
    left, right = _across(start, seconds), _across(min(end, seconds), seconds)
    return (
        f'<rect class="{kind}" x="{left:.1f}" y="0" width="{max(1.0, right - left):.1f}" height="{_HEIGHT}">'
        f"<title>{escape(title)}</title></rect>"
    )


def _axes(seconds: float, top: str, unit: str) -> str:
    marks = [
        f'<text x="{_across(seconds * part / 4, seconds):.1f}" y="{_HEIGHT + 16}" '
        f'text-anchor="{("start", "middle", "middle", "middle", "end")[part]}">{seconds * part / 4:.2f} s</text>'
        for part in range(5)
    ]
    return (
        f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH}" y1="{_HEIGHT}" y2="{_HEIGHT}"/>'
        f'<text x="{_LEFT - 6}" y="10" text-anchor="end">{top}</text>'
        f'<text x="{_LEFT - 6}" y="24" text-anchor="end">{unit}</text>' + "".join(marks)
    )


def _chart(title: str, content: str, axes: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH + 4} {_HEIGHT + _BELOW}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{content}{axes}</svg>"
    )


def _nice(value: float) -> float:
    """The next round number that is not smaller."""
    if value <= 0:
        return 1.0
    power: float = 10.0 ** (ceil(log10(value)) - 1)
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _milliseconds(value: float) -> str:
    return f"{value:g} ms" if value < 1000 else f"{value / 1000:g} s"
