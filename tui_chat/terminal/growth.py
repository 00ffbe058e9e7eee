"""The layout of one widget that has grown inside of a scrolling container.

Textual 8.2.8 lays out the whole screen for it: each child of the container is asked for its size, each widget gets a
place and is told of it. While a reply streams nothing but the growing message and what is below it moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.layout import DockArrangeResult

if TYPE_CHECKING:
    from textual.geometry import Region, Size
    from textual.layout import WidgetPlacement
    from textual.widget import Widget


class GrownArrangement(DockArrangeResult):
    """An arrangement of children below each other, after one of them has got another height."""

    def __init__(self, before: DockArrangeResult, index: int, rows: int) -> None:
        """The child with this index gets so many rows more, or fewer; those after it move."""
        grown = before.placements[index]
        region = grown.region
        placements = before.placements[:index]
        placements.append(grown._replace(region=region.grow((0, 0, rows, 0))))
        placements += [
            placement._replace(region=placement.region.translate((0, rows)))
            for placement in before.placements[index + 1 :]
        ]
        super().__init__(placements, before.widgets, before.scroll_spacing)
        self._total = before.total_region.grow((0, 0, rows, 0))

    @property
    def total_region(self) -> Region:
        """The area of all children with their margins."""
        return self._total


def grown(before: DockArrangeResult, child: Widget, size: Size) -> DockArrangeResult | None:
    """The arrangement of a container with this size after `child` has got another height; `None` if all children have
    to be arranged."""
    placements = before.placements
    index = len(placements) - 1
    while index >= 0 and placements[index].widget is not child:
        index -= 1
    styles = child.styles
    limited = styles.has_any_rules("min_height", "max_height")
    if index < 0 or limited or styles.gutter.height or styles.height is None or not styles.height.is_auto:
        return None
    if not all(map(_stands_below_others, placements)):
        return None
    region = placements[index].region
    height = child.get_content_height(size, child.app.size, region.width)
    return GrownArrangement(before, index, height - region.height)


def _stands_below_others(placement: WidgetPlacement) -> bool:
    """Whether a child has its place by nothing but the heights of those before it."""
    return not (placement.offset or placement.fixed or placement.overlay or placement.absolute)
