"""Puts a frame together from what it touches, and from nothing else."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region

from tui_chat.terminal.streaming_scroll import StreamingScroll

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, ConsoleOptions, RenderResult
    from textual._compositor import CompositorMap, ReflowResult
    from textual.geometry import Size
    from textual.strip import Strip
    from textual.widget import Widget


class Piece(NamedTuple):
    """A part of a row, and where it stands."""

    y: int
    x: int
    strip: Strip


class PartialCompositor(Compositor):
    """Textual's, but widgets render only what a frame touches of them.

    Textual 8.2.8 has each frame render every widget of the screen, with all its visible rows and also where others lie
    over it, and takes from them the few rows that have changed: a quarter of all work while a reply streams.
    """

    def __init__(self) -> None:
        super().__init__()
        self.along: set[Widget] = set()
        """Widgets that the next frame repaints."""

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out, and mark what has changed. A scrolling container whose content has another height is not marked: it
        shows nothing but its content, and its scrollbar asks for a frame by itself."""
        dirty, before = set(self._dirty_regions), self._full_map
        result = super().reflow(parent, size)
        changed = {widget for widget, _ in self._full_map.items() ^ before.items()}
        unmoved = {
            widget for widget in changed if isinstance(widget, StreamingScroll) and self._unmoved(widget, before)
        }
        if unmoved:
            others = {
                geometry.clip.intersection(geometry.region)
                for each in (before, self._full_map)
                for widget in changed - unmoved
                if (geometry := each.get(widget)) is not None
            }
            for widget in unmoved:
                geometry = self._full_map[widget]
                if (region := geometry.clip.intersection(geometry.region)) not in others | dirty:
                    self._dirty_regions.discard(region)
        return result

    def _unmoved(self, widget: Widget, before: CompositorMap) -> bool:
        """Whether a widget stands where it stood in the layout before, with what lies over it."""
        old, new = before.get(widget), self._full_map.get(widget)
        return old is not None and new is not None and old[:3] == new[:3]

    def mark(self, widget: Widget, region: Region) -> None:
        """Have the next frame render a region of a widget, as far as it is visible."""
        if (place := self.visible_widgets.get(widget)) is not None:
            whole, clip = place
            if shown := clip.intersection(region.translate(whole.offset)):
                self._dirty_regions.add(shown)

    def grow(self, child: Widget) -> CompositorMap | None:
        """Lay out and mark what the new height of a child changes in its scrolling container. Returns the widgets that
        have another place or size; `None` if the whole screen has to be laid out."""
        container, before = child.parent, self._full_map
        if not isinstance(container, StreamingScroll) or container.styles.auto_dimensions:
            return None
        place = before.get(container)
        if place is None or self._visible_map is not None:
            return None
        inside = place.region.shrink(container.styles.gutter)
        area = container._get_scrollable_region(inside)  # noqa: SLF001
        if not container.arrange_grown(child, area.size):
            return None
        arrangement = container.arrange(area.size)  # which sets the scroll position
        if any(widget.is_scrollable or widget not in before for widget in arrangement.widgets):
            return None
        offset = inside.offset - container.scroll_offset
        changed: CompositorMap = {}
        for placement in arrangement.placements:
            old, region = before[placement.widget], placement.region + offset
            if (region, placement.region) == (old.region, old.virtual_region):
                continue
            size = old.container_size
            if region.size != old.region.size:
                size = region.shrink(placement.widget.styles.gutter).size
            changed[placement.widget] = old._replace(
                region=region, virtual_size=region.size, container_size=size, virtual_region=placement.region
            )
            regions = old.clip.intersection(old.region), old.clip.intersection(region)
            self._dirty_regions.update(shown for shown in regions if shown)
        total = area.reset_offset.union(arrangement.total_region)
        changed[container] = place._replace(virtual_size=total.size)
        self._full_map = before | changed
        self._cuts = self._layers = self._layers_visible = self._visible_widgets = None
        return changed

    def render_partial_update(self) -> PartialUpdate | None:  # type: ignore[override]
        """Render the dirty regions; `None` if there are none."""
        screen = self.size.region
        visible = self.visible_widgets
        self._dirty_regions.update(visible[widget][0] for widget in self.along if widget in visible)
        dirty = [shown for region in self._dirty_regions if (shown := region.intersection(screen))]
        self._dirty_regions.clear()
        self.along.clear()
        if not dirty:
            return None
        widgets = [
            (widget, region, shown)
            for widget, (region, clip) in visible.items()
            if (shown := region.intersection(clip))
        ]
        blocks = _blocks(self._regions_to_spans(dirty))
        return PartialUpdate(sorted(piece for block in blocks for piece in _pieces(block, widgets)))


class PartialUpdate(CompositorUpdate):
    """Pieces, from the top down and from left to right, without an object for each move of the cursor."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        """As it is written to the terminal."""
        return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for y, x, strip in self.pieces)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Not asked for by Textual, which takes the text above."""
        for piece in self.pieces:
            yield from piece.strip


def _blocks(spans: Iterable[tuple[int, int, int]]) -> Iterator[Region]:
    """Spans of rows (row, left edge, right edge), those that make a rectangle in one."""
    for (_, left, right), group in groupby(enumerate(spans), lambda pair: (pair[1][0] - pair[0], *pair[1][1:])):
        rows = [span[0] for _, span in group]
        yield Region(left, rows[0], right - left, len(rows))


def _pieces(block: Region, widgets: list[tuple[Widget, Region, Region]]) -> Iterator[Piece]:
    """The visible widgets in `block`, the one in front first: each with its region, and as much of that as its
    containers leave."""
    for index, (widget, region, left) in enumerate(widgets):
        if shown := left.intersection(block):
            strips = widget.render_lines(shown.translate(-region.offset))
            for y, strip in enumerate(strips, shown.y):
                yield Piece(y, shown.x, strip)
            if shown != block:
                for rest in _around(shown, block):
                    yield from _pieces(rest, widgets[index + 1 :])
            return


def _around(hole: Region, block: Region) -> Iterator[Region]:
    """The parts of `block` that remain without a piece of it."""
    yield from (
        rest
        for rest in (
            Region.from_corners(block.x, block.y, block.right, hole.y),
            Region.from_corners(block.x, hole.y, hole.x, hole.bottom),
            Region.from_corners(hole.right, hole.y, block.right, hole.bottom),
            Region.from_corners(block.x, hole.bottom, block.right, block.bottom),
        )
        if rest
    )
