"""A picture of what a delta costs: against the length of its message, and against the length of its chat."""

from __future__ import annotations

from math import log10
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.rows.growth import CHATS, LENGTHS, PLAIN

if TYPE_CHECKING:
    from tests.benchmarks.table import Figures

WIDTH, HEIGHT = 860, 420
LEFT, TOP, PANEL, DEEP = 58, 56, 330, 220
GAP = 110
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #444c56; }
.title { font-weight: 600; fill: #1f2328; }
.grid { stroke: #8b949e; stroke-opacity: .3; }
.line { fill: none; stroke-width: 2; }
.prose { stroke: #0969da; fill: #0969da; } .mixed { stroke: #1a7f37; fill: #1a7f37; }
.fence { stroke: #9a6700; fill: #9a6700; } .paragraph { stroke: #8250df; fill: #8250df; }
.list { stroke: #1b7c83; fill: #1b7c83; } .quote { stroke: #bf3989; fill: #bf3989; }
.stream { stroke: #cf222e; fill: #cf222e; stroke-dasharray: 5 4; } .chat { stroke: #1a7f37; fill: #1a7f37; }
.loop { stroke: #6e7781; stroke-dasharray: 2 4; }
polyline { fill: none !important; } circle { stroke: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #adbac7; } .title { fill: #e6edf3; }
  .prose { stroke: #58a6ff; fill: #58a6ff; } .mixed, .chat { stroke: #3fb950; fill: #3fb950; }
  .fence { stroke: #d29922; fill: #d29922; } .paragraph { stroke: #bc8cff; fill: #bc8cff; }
  .list { stroke: #39c5cf; fill: #39c5cf; } .quote { stroke: #f778ba; fill: #f778ba; }
  .stream { stroke: #ff7b72; fill: #ff7b72; }
}
"""


def picture(figures: Figures) -> str:
    """An SVG for light and dark pages. What was not measured is not drawn."""
    messages = {name: _points(figures, name, LENGTHS) for name in (*PLAIN, "stream")}
    chats = {"chat": _points(figures, "chat", CHATS)}
    highest = max((cost for line in (*messages.values(), *chats.values()) for cost in line.values()), default=1.0)
    scale = _Scale(highest)
    loop = [figure.floor for figure in figures.get("fast", []) if figure.floor is not None]
    floor = median(loop) if loop else None
    legends = {**PLAIN, "stream": "MarkdownStream"}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>CPU milliseconds per delta against the length of the message and of the chat</title>",
        f"<style>{STYLE}</style>",
        *_panel(LEFT, "by characters already in the message", LENGTHS, messages, legends, scale, floor),
        *_panel(
            LEFT + PANEL + GAP, "by messages already in the chat", CHATS, chats, {"chat": "tui-chat"}, scale, floor
        ),
        f'<text class="title" x="{LEFT - 44}" y="22">CPU milliseconds per delta, 500 deltas/s, whole program</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Scale:
    """Logarithmic, from a tenth of a millisecond up."""

    def __init__(self, highest: float) -> None:
        self.decades = [0.1, 1.0]
        while self.decades[-1] < highest:
            self.decades.append(self.decades[-1] * 10)

    def y(self, cost: float) -> float:
        """Where a cost is drawn."""
        share = log10(max(cost, 0.1) / 0.1) / log10(self.decades[-1] / 0.1)
        return TOP + DEEP * (1 - share)


def _points(figures: Figures, name: str, at: tuple[int, ...]) -> dict[int, float]:
    return {
        length: median(figure.value for figure in figures[f"point-{name}-{length}"])
        for length in at
        if f"point-{name}-{length}" in figures
    }


def _panel(
    left: float,
    title: str,
    ticks: tuple[int, ...],
    lines: dict[str, dict[int, float]],
    legends: dict[str, str],
    scale: _Scale,
    floor: float | None,
) -> list[str]:
    step = PANEL / (len(ticks) - 1)
    x = {tick: left + step * number for number, tick in enumerate(ticks)}
    parts = [f'<text x="{left}" y="{TOP - 12}">{title}</text>']
    for decade in scale.decades:
        y = scale.y(decade)
        parts.append(f'<line class="grid" x1="{left}" x2="{left + PANEL}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{decade:g}</text>')
    parts += [f'<text x="{x[tick]:.1f}" y="{TOP + DEEP + 20}" text-anchor="middle">{tick:,}</text>' for tick in ticks]
    if floor is not None:
        y = scale.y(floor)
        parts.append(f'<line class="line loop" x1="{left}" x2="{left + PANEL}" y1="{y:.1f}" y2="{y:.1f}"/>')
    drawn = [name for name in lines if lines[name]]
    for name in drawn:
        spots = [(x[tick], scale.y(cost)) for tick, cost in lines[name].items()]
        parts.append(f'<polyline class="line {name}" points="{" ".join(f"{px:.1f},{py:.1f}" for px, py in spots)}"/>')
        parts += [f'<circle class="{name}" cx="{px:.1f}" cy="{py:.1f}" r="3"/>' for px, py in spots]
    entries = [(name, legends[name]) for name in drawn] + ([("loop", "bare httpx loop")] if floor is not None else [])
    for number, (name, words) in enumerate(entries):
        px, py = left + number % 2 * (PANEL / 2 + 10), TOP + DEEP + 52 + number // 2 * 20
        parts.append(f'<line class="line {name}" x1="{px}" x2="{px + 22}" y1="{py - 4}" y2="{py - 4}"/>')
        parts.append(f'<text x="{px + 28}" y="{py}">{words}</text>')
    return parts
