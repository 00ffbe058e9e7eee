"""The widget for one message, which keeps its rendered rows."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Literal

from textual.geometry import Offset, Region, Size
from textual.message import Message as TextualMessage
from textual.reactive import Reactive
from textual.selection import Selection
from textual.widget import Widget

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.keymap import Keymap
from tui_chat.terminal.streaming_screen import StreamingScreen
from tui_chat.ui.column import WIDEST, column_of
from tui_chat.ui.dates import time_of_day as written_time
from tui_chat.ui.key_hints import keymap_of
from tui_chat.ui.transcript.message_actions import message_actions
from tui_chat.ui.transcript.message_body import LINES_PER_PART, MessageBody
from tui_chat.ui.transcript.message_rows import openable
from tui_chat.ui.transcript.row_painter import ColumnPlace, RowPainter
from tui_chat.ui.transcript.text.selection import word_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual import events
    from textual.color import Color
    from textual.strip import Strip

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.entry import TranscriptEntry
    from tui_chat.ui.transcript.frame_clock import FrameClock
    from tui_chat.ui.transcript.message_styles import MessageStyles
    from tui_chat.ui.transcript.section_stack import RowAnchor
    from tui_chat.ui.transcript.text.text_matcher import SearchPattern
    from tui_chat.ui.transcript.text.text_tint import TextTint

SCROLLBAR = 1
"""Cells of the scrollbar, which lies over the last cell of the column."""

SHOWN_WHILE_SETTLING = 0.1
"""Seconds between two repaints while text is rendered in slices, since each causes a layout of the transcript."""


class MessageView(Widget, can_focus=True):
    """A message, or a reply and those that continue it, as rows that are rendered once and kept.

    It reads the message through a cursor: a change only marks the view, and in the clock's next frame it renders what
    is new, however many deltas that were. Its margin is the space between messages.
    """

    DEFAULT_CSS = """
    MessageView { width: 1fr; height: auto; margin: 0 0 1 0; }
    """
    FOCUS_ON_CLICK = False  # a drag over text must not take the focus from the prompt; a plain click does

    # The layout that reports a new size must not ask for another layout; rows that changed are repainted by name.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False, repaint=False)

    @dataclass
    class ActionRequested(TextualMessage):
        """Posted when the user clicks what can be done about a reply."""

        view: MessageView
        action: Literal["retry", "continue", "copy code"]
        number: int = 0
        """Of the block of code, from 1."""

        @property
        def control(self) -> MessageView:
            """The view of the reply."""
            return self.view

    @dataclass
    class Folded(TextualMessage):
        """Posted when the user has folded or unfolded something."""

        view: MessageView

        @property
        def control(self) -> MessageView:
            """The message view that posted it; Textual selects handlers by it."""
            return self.view

    def __init__(
        self,
        entry: TranscriptEntry,
        clock: FrameClock,
        styles: MessageStyles,
        *,
        now: Callable[[], float] = monotonic,
        time_of_day: Callable[[float], str] = written_time,
        widest: int = WIDEST,
        keys: Keymap | None = None,
        in_chat: bool = True,
    ) -> None:
        """`now`: the monotonic clock of events. `time_of_day`: formats the time of a message (may return an empty
        text). `widest`: the most cells of the column; 0 for the whole width. `keys`: those that endings
        name; `None`: those of the table of commands. `in_chat`: whether a reply ends with a row of figures and
        offers all that a chat can do."""
        super().__init__()
        self.messages = entry.messages
        """The shown messages, oldest first."""
        self._clock = clock
        self._body = MessageBody(
            entry, styles, now=now, time_of_day=time_of_day, keys=keys or Keymap(), in_chat=in_chat
        )
        self._painter = RowPainter(self._body)
        self._widest = widest
        self._pane_width = self._column_left = 0
        """Of the pane, and of the column in it."""
        self._background: Color | None = None
        """The colour behind the text; `None`: unknown, because finding it takes a walk up to the screen."""
        self._painted_delta = False
        self._settling = False
        self._gone = False

    # --- for the transcript and the screen

    @property
    def message(self) -> Message:
        """The newest of the shown messages; it may still grow, and its ending is shown."""
        return self.messages[-1]

    def append_message(self, message: Message) -> None:
        """Show one more message as part of this view."""
        self.messages.append(message)
        self.wake()

    def show_branch(self, branch: str) -> None:
        """Set the position among alternatives: `2/3`; empty if there are none."""
        if branch != self._body.branch:
            self._body.show_branch(branch)
            self.catch_up()

    def wake(self) -> None:
        """Catch up with the changed message in the next frame; the first delta and the end are shown at once."""
        first = not self._painted_delta and self.message.deltas > 0
        self._clock.mark(self, at_once=first or self.message.settled)

    def fit_width(self, width: int) -> int:
        """Render the message for a pane's width in cells, unless its column is as wide already; returns its height in
        rows."""
        if width != self._pane_width:
            self._pane_width = width
            self._fit_column()
        return self._body.height

    def set_widest(self, widest: int) -> None:
        """Set the most cells of the column; 0 for the whole width."""
        self._widest = widest
        self._fit_column()
        self.refresh(layout=True)

    def _fit_column(self) -> None:
        """Render the message if its column has another width; if it only stands elsewhere, painting is enough."""
        self._column_left, cells = column_of(self._pane_width + SCROLLBAR, self._widest)
        if cells - SCROLLBAR != self._body.canvas.width:
            self._body.render(self._body.canvas._replace(width=cells - SCROLLBAR))
            self._schedule()

    def restyle(self, styles: MessageStyles) -> None:
        """Use the styles of another theme."""
        self._background = None
        self._body.canvas = self._body.canvas._replace(styles=styles)
        if self._body.canvas.width:
            self._body.render(self._body.canvas)
            self._schedule()
            self.refresh(layout=True)

    def toggle_fold(self) -> bool:
        """Fold everything that can fold, or unfold it if all of it is folded. Returns false if nothing can fold."""
        folds = self._body.fold_all()
        self.catch_up()
        self.post_message(self.Folded(self))
        return folds

    def find(self, pattern: SearchPattern | None, occurrence: tuple[int, int] | None = None) -> None:
        """Highlight search matches. `occurrence`: the index of the current match, and the number of matches in the
        source."""
        if (pattern, occurrence) != (None, None) or self._body.highlights.pattern is not None:
            self._body.find(pattern, occurrence)
            self.refresh()

    @property
    def match_is_known(self) -> bool:
        """Whether the row of the current match is known."""
        return self._body.highlights.match is not None

    def row_of_match(self) -> int:
        """The row of the current match; the first row if it is not known yet."""
        return self._body.row_of_match()

    def tint(self, heat: TextTint | None, place: TextTint | None) -> None:
        """Show levels of heat and a marked place; `None`: none."""
        highlights = self._body.highlights
        if (heat, place) != (highlights.heat, highlights.place):
            highlights.heat, highlights.place = heat, place
            self.refresh()

    def row_of_place(self) -> int:
        """The row of the marked place; the first row if it is not shown."""
        return self._body.row_of_place()

    def anchor_at(self, y: int) -> RowAnchor:
        """The position of row `y`."""
        return self._body.anchor_at(y)

    def row_of(self, anchor: RowAnchor) -> int:
        """The row of a position, or the nearest row before it if it no longer exists."""
        return self._body.row_of(anchor)

    @property
    def key_words(self) -> list[tuple[str, str]]:
        """The commands that make sense for this message: their ids, most used first, each with a word or two."""
        body = self._body
        return message_actions(self.message, blocks=body.blocks, can_fold=body.can_fold, has_versions=bool(body.branch))

    # --- called by the clock

    def catch_up(self) -> None:
        """Render everything new and request a repaint of the rows that changed."""
        body = self._body
        if not body.canvas.width:
            return
        before = body.height
        first = body.update()
        self._painted_delta = self.message.deltas > 0
        if body.height != before:
            self._show(None)
        elif first is not None:
            self._show(Region(0, first, self.outer_size.width, body.height - first))
        self._schedule()

    def _show(self, region: Region | None) -> None:
        """Repaint rows; `None`: repaint all, and their number has changed."""
        screen = self.screen if self.is_attached else None
        if isinstance(screen, StreamingScreen):
            screen.paint(self, region, caches=False)
        elif region is None:
            self.refresh(layout=True)
        else:
            self.refresh(region)

    def tick(self) -> bool:
        """Show the seconds while nothing has arrived; returns whether to continue."""
        if self._body.waiting:
            self.catch_up()
        return self._body.waiting

    def _schedule(self) -> None:
        """Let the clock count seconds or settle the text if necessary."""
        if self._body.waiting:
            self._clock.count_seconds(self)
        if self._body.behind:
            self._clock.mark(self)
        if self._body.to_settle and not self._settling:
            self._settling = True
            self._clock.settle(self._settle())

    def _settle(self) -> Iterator[None]:
        body = self._body
        shown = monotonic()
        for _ in body.settle():
            if self._gone:
                return
            if monotonic() - shown > SHOWN_WHILE_SETTLING or not self.size.height:
                self.refresh(layout=body.height != self.size.height)
                shown = monotonic()
            yield
        self.refresh(layout=body.height != self.size.height)
        self._settling = False
        self._schedule()

    # --- the widget's interface to Textual

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Use all available width."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The height in rows for a width; renders the message if the width is new."""
        return self.fit_width(width) if width > 0 else 0

    def render_lines(self, crop: Region) -> list[Strip]:
        """The stored strips, unmodified, so that Textual's caches in them stay valid."""
        # Textual may have reused the height for an earlier width without asking.
        self.fit_width(self.outer_size.width or self._pane_width)
        place = ColumnPlace(self._column_left, self._pane_width)
        selection = self.text_selection if self.is_attached else None  # a frame may come between removal and layout
        strips = self._painter.paint(range(crop.y, crop.bottom), place, selection, has_focus=self.has_focus)
        if filters := self.get_line_filters():
            background = self._background = self._background or self.background_colors[1]
            for line_filter in filters:
                strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.x or crop.width != place.pane_width:
            strips = [strip.crop_extend(crop.x, crop.right, self._body.canvas.styles.marks.text) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """A row with the logical position of every character, which Textual only requests under the mouse pointer."""
        return self._painter.with_positions(y, ColumnPlace(self._column_left, self._pane_width))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected logical text in whole graphemes, without wraps and gutters."""
        text = self._body.selected(selection)
        return (text, "\n\n") if text else None

    def notify_style_update(self) -> None:
        """Look for the background again."""
        self._background = None
        super().notify_style_update()

    def selection_updated(self, selection: Selection | None) -> None:
        """Repaint with the new selection."""
        self.refresh()

    # --- actions of the user

    def on_mount(self) -> None:
        """Turn off hover updates, which are not needed because links carry their action in their style."""
        self.auto_links = False

    def on_unmount(self) -> None:
        """Remove the view from the clock."""
        self._gone = True
        self._clock.forget(self)

    def watch_has_focus(self, focused: bool) -> None:
        """Paint the bar of the focus, or take it away."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Focus on a click, select a word on a double click and a line on a triple click."""
        if "@click" in event.style.meta:
            return
        if event.chain == 1:
            if not self.screen.selections:
                self.focus(scroll_visible=False)
            return
        event.prevent_default()  # Textual's own would take the whole message, and further up the whole screen
        event.stop()
        _, offset = self.screen.get_widget_and_offset_at(event.screen_x, event.screen_y)
        if offset is None:
            return
        line = self._body.line(*divmod(offset.y, LINES_PER_PART))
        start, end = word_at(line, offset.x) if event.chain == 2 else (0, len(line))
        self.screen.selections = {self: Selection(Offset(start, offset.y), Offset(end, offset.y))}

    async def on_key(self, event: events.Key) -> None:
        """Run the command of a key that works on a focused message."""
        command = keymap_of(self.app).command(event.key, "message")
        if command is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(f"screen.press('{command.id}')")

    def action_toggle_part(self, key: int) -> None:
        """Fold or unfold one part."""
        if self._body.fold(key):
            self.catch_up()
            self.post_message(self.Folded(self))

    def action_retry(self) -> None:
        """Ask the chat screen for another reply to the same question."""
        self.post_message(self.ActionRequested(self, "retry"))

    def action_continue(self) -> None:
        """Ask the chat screen for the rest of a reply that was cut off."""
        self.post_message(self.ActionRequested(self, "continue"))

    def action_copy_code(self, number: int) -> None:
        """Copy a block of code, by its number."""
        self.post_message(self.ActionRequested(self, "copy code", number))

    def action_link(self, url: str) -> None:
        """Open a web or mail link; ignore any other."""
        if openable(url):
            self.app.open_url(url)
