"""A screen that paints the changes of a streaming reply immediately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from tui_chat.terminal import capabilities
from tui_chat.terminal.exact_layout import ExactLayout

if TYPE_CHECKING:
    from textual.geometry import Region, Size

    from tui_chat.terminal.partial_compositor import PartialCompositor


class StreamingScreen(ExactLayout[None]):
    """Textual's, but a frame of a stream is one step.

    Textual 8.2.8 takes a repaint from hand to hand: a message wakes the widget, another the screen, which resumes a
    timer, and that paints when it ticks. For a few letters this is as much work as painting them, and up to 17 ms.
    """

    def __init__(self) -> None:
        super().__init__()
        self.paints_at_once = capabilities.available(capabilities.PAINTING)
        """False: repaints go Textual's way."""
        self._laying_out = False
        self._partial: PartialCompositor | None = None
        if self.paints_at_once:
            from tui_chat.terminal.partial_compositor import PartialCompositor

            self._compositor = self._partial = PartialCompositor()  # Textual has no hook for another

    def paint(self, widget: Widget, region: Region | None, *, caches: bool = True) -> None:
        """Show now what is new in `region` of a widget of this screen; `None`: all of it, and it has another height.
        `caches`: Textual keeps what the widget has rendered, and is told that it is outdated."""
        layout = region is None
        regions = () if region is None else (region,)
        if not (self.paints_at_once and widget.is_mounted and self.is_current) or self.app._batch_count:  # noqa: SLF001
            widget.refresh(*regions, layout=layout)
            return
        with self._context():
            if caches:
                self._mark(widget, *regions)
            elif region is not None and self._partial is not None:
                self._partial.mark(widget, region)
            if layout and not self._lay_out_grown(widget):
                self._mark(widget)
                self._grown(widget)
            if self._awaits_more():
                self._on_timer_update()
            else:
                self._compositor_refresh()
        if layout:  # which has painted all of it, and marked it for the next frame once more
            widget._exchange_repaint_regions()  # noqa: SLF001

    def paint_along(self, widget: Widget) -> None:
        """Repaint a widget of this screen in the next frame, whenever that comes."""
        if self.paints_at_once:
            self._mark(widget)
        else:
            widget.refresh()

    def paint_in_layout(self, widget: Widget) -> bool:
        """Repaint a widget in the frame of the running layout; returns false if no layout runs."""
        if self._laying_out and self._partial is not None:
            self._partial.along.add(widget)
            return True
        return False

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        self._laying_out = True
        try:
            super()._refresh_layout(size, scroll)
        finally:
            self._laying_out = False

    def _awaits_more(self) -> bool:
        """Whether this frame has to show something that others have asked for."""
        return bool(
            self._layout_required
            or self._scroll_required
            or self._repaint_required
            or self._recompose_required
            or self._dirty_widgets
            or self._callbacks
        )

    # What Textual does in four messages:

    def _mark(self, widget: Widget, *regions: Region) -> None:
        widget._layout_cache.clear()  # noqa: SLF001 - what it rendered is in there
        widget._set_dirty(*regions)  # noqa: SLF001
        self._dirty_widgets.add(widget)

    def _lay_out_grown(self, widget: Widget) -> bool:
        """Lay out what the new height of a widget moves; returns false if the whole screen has to be laid out, for this
        or for another reason."""
        widget.clear_cached_dimensions()
        if self._partial is None or self._layout_required or self._scroll_required or self._layout_widgets:
            return False
        self._laying_out = True
        try:
            changed = self._partial.grow(widget)
            if changed is None:
                return False
            widget._layout_updates += 1  # noqa: SLF001
            for each, geometry in changed.items():
                if each in (widget, widget.parent):
                    each._size_updated(geometry.region.size, geometry.virtual_size, geometry.container_size)  # noqa: SLF001
        finally:
            self._laying_out = False
        self.screen_layout_refresh_signal.publish(self)
        return True

    def _grown(self, widget: Widget) -> None:
        """Have the next layout ask for the height of a widget, and no other."""
        child = widget
        child._layout_updates += 1  # noqa: SLF001
        for container in widget.ancestors:
            if not isinstance(container, Widget):
                break
            container._clear_arrangement_cache()  # noqa: SLF001
            container._layout_updates += 1  # noqa: SLF001
            self._layout_widgets.setdefault(container, set()).add(child)
            if not container.styles.auto_dimensions:
                break
            child = container
        self._layout_required = True
