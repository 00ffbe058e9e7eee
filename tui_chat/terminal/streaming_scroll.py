"""A scrolling container that costs almost nothing in a frame.

Textual 8.2.8 spends more on the container than on its rows while text streams: it lays out twice for each growth,
rebuilds the container's covered blank lines, and draws the scrollbar through Rich.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.color import Color as RichColor
from rich.segment import Segment, Segments
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scrollbar import ScrollBar, ScrollBarRender, ScrollDown, ScrollTo, ScrollUp
from textual.strip import Strip
from textual.widget import Widget

from tui_chat.terminal import capabilities
from tui_chat.terminal.streaming_screen import StreamingScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.color import Color


TRACK = RichColor.parse("#555555")
"""The colour with which Textual paints a scrollbar that has none; every scrollbar has one."""


THUMB = "█"
"""A cell of the thumb in the terminal's own colours."""


class Thumb(NamedTuple):
    """Everything that the picture of a scrollbar depends on."""

    start: int
    length: int
    grabbed: bool
    hovered: bool


class StreamingScrollBar(ScrollBar):
    """A thumb of whole cells on a plain track; nothing but track while everything fits."""

    _painted: Thumb | None = None
    _colours: tuple[Color, Color] | None = None
    """Of the track and of the thumb, as they were painted last."""

    def notify_style_update(self) -> None:
        """Repaint, since the colours may have changed."""
        self._painted = self._colours = None
        super().notify_style_update()

    def _thumb(self, owner: Widget) -> Thumb:
        state, height = (self.grabbed is not None, self.mouse_over), self.size.height
        hidden = self.window_virtual_size - self.window_size
        if hidden <= 0 or not height:
            return Thumb(height, 0, *state)
        length = max(1, round(height * self.window_size / self.window_virtual_size))
        start = round((height - length) * min(1.0, owner.scroll_y / hidden))
        return Thumb(start, length, *state)

    def _mixed(self, owner: Widget) -> tuple[Color, Color]:
        """Finding the background takes a walk up to the screen, so this is not done for each frame."""
        styles = owner.styles
        track = owner.background_colors[1] + styles.scrollbar_background
        if self.grabbed:
            return track, track + styles.scrollbar_color_active
        return track, track + (styles.scrollbar_color_hover if self.mouse_over else styles.scrollbar_color)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> StreamingScrollBar:
        """Repaint when the picture changes: in a long text most frames of a stream do not move it."""
        owner = self.parent
        if not isinstance(owner, Widget) or layout or recompose or self._needs_frame(owner):
            super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self

    def _needs_frame(self, owner: Widget) -> bool:
        """Whether the picture has changed and the running layout, if any, does not show it in its own frame."""
        if self._thumb(owner) == self._painted:
            return False
        screen = owner.screen
        return not (isinstance(screen, StreamingScreen) and screen.paint_in_layout(self))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Three strips, made once for each look."""
        owner = self.parent
        if not isinstance(owner, Widget):
            return [Strip.blank(crop.width)] * crop.height
        thumb = self._thumb(owner)
        if self._colours is None or self._painted is None or self._painted[2:] != thumb[2:]:
            self._colours = self._mixed(owner)
        self._painted = thumb
        track, colour = self._colours
        above, below = _strip(crop.width, track, "scroll_up"), _strip(crop.width, track, "scroll_down")
        native = self.app.native_ansi_color
        grip = _strip(crop.width, track if native else colour, "grab", drawn=native)
        end = thumb.start + thumb.length
        strips = [above if y < thumb.start else grip if y < end else below for y in range(crop.y, crop.bottom)]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, track) for strip in strips]
        return strips


@lru_cache(maxsize=32)
def _strip(width: int, colour: Color, press: str, *, drawn: bool = False) -> Strip:
    return Strip([_segment(width, colour.rich_color, press, drawn=drawn)], width)


def _segment(width: int, colour: RichColor, press: str, *, drawn: bool = False) -> Segment:
    """Cells of a scrollbar. The terminal's own colours cannot be blended: there the thumb is `drawn` with a character,
    dim, as a reversed block would be the brightest thing on the screen."""
    return Segment((THUMB if drawn else " ") * width, Style(bgcolor=colour, dim=drawn, meta={"@mouse.down": press}))


class WholeCells(ScrollBarRender):
    """The same picture for Textual's own scrollbars, wherever there are some."""

    @classmethod
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: RichColor = TRACK,
        bar_color: RichColor = TRACK,
    ) -> Segments:
        """A segment for each row; Textual gives no window size while everything fits."""
        if not vertical:
            return super().render_bar(
                size, virtual_size, window_size, position, thickness, vertical, back_color, bar_color
            )
        start, length = size, 0
        if window_size and size and virtual_size > window_size:
            length = max(1, round(size * window_size / virtual_size))
            start = round((size - length) * min(1.0, position / (virtual_size - window_size)))
        native = back_color.is_default
        above, below = (_segment(thickness, back_color, press) for press in ("scroll_up", "scroll_down"))
        grip = _segment(thickness, back_color if native else bar_color, "grab", drawn=native)
        cells = [above if y < start else grip if y < start + length else below for y in range(size)]
        return Segments(cells, new_lines=True)


ScrollBar.renderer = WholeCells


class StreamingScroll(VerticalScroll, inherit_bindings=False):
    """A vertical scroll for widgets that paint all of their cells."""

    DEFAULT_CSS = """
    StreamingScroll {
        overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1;
        scrollbar-background: $background; scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $foreground 20%; scrollbar-color-hover: $foreground 40%;
        scrollbar-color-active: $foreground 55%;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Scroll up", show=False),
        Binding("down", "scroll_down", "Scroll down", show=False),
    ]
    BLANK = True  # blank cells come without the style machinery

    # The layout that reports a new size must not ask for another layout.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False, repaint=False)

    def run_soon(self, callback: Callable[[], None]) -> None:
        """Run a callback in the next turn of the event loop. Its errors reach the app, as if a message had called it,
        which takes as much work as some frames."""
        if capabilities.available(capabilities.PAINTING):
            asyncio.get_running_loop().call_soon(self._run, callback)
        else:
            self.call_next(callback)

    def _run(self, callback: Callable[[], None]) -> None:
        if self.is_running:
            with self._context():
                try:
                    callback()
                except Exception as error:  # noqa: BLE001 - what Textual does for a message
                    self.app._handle_exception(error)  # noqa: SLF001

    def arrange_grown(self, child: Widget, size: Size) -> bool:
        """Have `arrange` for this size say that `child` has got another height, without asking the other children.
        Returns false if all have to be asked."""
        from tui_chat.terminal.growth import grown  # after the first frame

        key = (size, self._nodes._updates, False)  # noqa: SLF001 - Textual's own key
        before = self._arrangement_cache.get(key)
        after = None if before is None else grown(before, child, size)
        if after is None:
            return False
        self._clear_arrangement_cache()
        self._arrangement_cache[key] = after
        return True

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blank cells, which Textual would not pass through its line filters (`NO_COLOR` is one)."""
        strips = super().render_lines(crop)
        for line_filter in self.get_line_filters():
            strips = [strips[0].apply_filter(line_filter, self.background_colors[1])] * crop.height
        return strips

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scrollbar (created if necessary)."""
        if not capabilities.available(capabilities.SCROLLBAR):
            return super().vertical_scrollbar
        if self._vertical_scrollbar is None:
            bar = StreamingScrollBar(vertical=True, name="vertical", thickness=self.scrollbar_size_vertical)
            bar.display = False
            self._vertical_scrollbar = bar
            self.app._start_widget(self, bar)  # noqa: SLF001 - Textual has no hook for another scrollbar
        return self._vertical_scrollbar

    # Nothing is animated: a layout in the middle of it would leave the reader between two places. And nothing waits for
    # the next refresh, as it would by default: of two quick keys the later one would begin where the first one began.

    def scroll_by(self, rows: float) -> None:
        """Scroll by some rows at once, negative ones towards the beginning."""
        self.scroll_relative(y=rows, animate=False, immediate=True)

    def on_scroll_up(self, event: ScrollUp) -> None:
        """A page towards the beginning."""
        self._page(event, -1)

    def on_scroll_down(self, event: ScrollDown) -> None:
        """A page towards the end."""
        self._page(event, 1)

    def _page(self, event: ScrollUp | ScrollDown, pages: int) -> None:
        self.scroll_by(pages * self.scrollable_content_region.height)
        event.prevent_default()
        event.stop()

    def on_scroll_to(self, event: ScrollTo) -> None:
        """To where the thumb was dragged."""
        self.scroll_to(y=event.y, animate=False, immediate=True)
        event.prevent_default()
        event.stop()

    def action_scroll_up(self) -> None:
        """A row towards the beginning."""
        self.scroll_by(-1)

    def action_scroll_down(self) -> None:
        """A row towards the end."""
        self.scroll_by(1)
