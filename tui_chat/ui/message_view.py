"""One message on the screen: a light widget with rows of its own."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from time import localtime, monotonic, strftime
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message as TextualMessage
from textual.reactive import Reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from tui_chat.chat.clean import clean
from tui_chat.chat.events import Failed
from tui_chat.chat.message import CitationPart, ImagePart, TextPart, ToolCall
from tui_chat.ui import message_rows
from tui_chat.ui.message_sections import (
    Canvas,
    Fold,
    Notes,
    Section,
    Text,
    call_body,
    call_preview,
    call_title,
    has_line,
    reasoning_title,
)
from tui_chat.ui.rows import graphemes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual import events

    from tui_chat.chat.message import Cursor, Message, Part
    from tui_chat.ui.frame_clock import FrameClock
    from tui_chat.ui.message_look import MessageLook
    from tui_chat.ui.rows import Row

LINES_PER_PART = 1 << 24
"""Selection knows a place by one line number; this leaves each part so many of its own, so that a part that grows or
folds does not move the selection in another."""


class Spot(NamedTuple):
    """A place in a message that outlives another width: a logical position, or a row of a section without any."""

    section: int
    line: int
    start: int


def clock_time(created: float) -> str:
    """The local time of day of a moment in seconds since the epoch: `09:31`."""
    return strftime("%H:%M", localtime(created))


class MessageView(Widget, can_focus=True):
    """A message, as rows that are laid out once and kept.

    It reads the message through a cursor: a change only wakes it, and in the clock's next frame it takes what is new,
    however many deltas that were. Its margin is the space between messages.
    """

    DEFAULT_CSS = """
    MessageView { width: 1fr; height: auto; margin: 0 0 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "toggle_fold", "Fold or unfold", id="message_fold", show=False),
    ]
    FOCUS_ON_CLICK = False  # a drag over text must not take the focus from the prompt; a plain click does

    # The layout that reports a new size must not ask for another layout; rows that changed are repainted by name.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False, repaint=False)

    @dataclass
    class RetryRequested(TextualMessage):
        """The person clicked Retry on a reply that did not come to its end."""

        view: MessageView

        @property
        def control(self) -> MessageView:
            """The view of the reply."""
            return self.view

    def __init__(
        self,
        message: Message,
        clock: FrameClock,
        look: MessageLook,
        *,
        now: Callable[[], float] = monotonic,
        time_of_day: Callable[[float], str] = clock_time,
    ) -> None:
        """`now` is the monotonic clock of events; `time_of_day` writes when a question was asked (empty: nothing)."""
        super().__init__()
        self.message = message
        self._clock = clock
        self._canvas = Canvas(0, look)
        self._now = now
        self._time_of_day = time_of_day
        self._cursor: Cursor = ()
        self._parts: dict[int, Section] = {}
        self._streamed: set[Text] = set()
        self._folded_by_hand: dict[int, bool] = {}
        self._header = Notes([])
        self._header_key: object = None
        self._tail = Notes([])
        self._tail_settled = False
        self._sections: list[Section] = []
        self._keys: list[int] = []
        self._tops: list[int] = []
        self._height = 0
        self._painted_delta = False

    # What the pane and the screen use

    def wake(self) -> None:
        """The message has changed: catch up in the next frame; the first delta and the end are shown at once."""
        first = not self._painted_delta and self.message.deltas > 0
        self._clock.mark(self, at_once=first or self.message.settled)

    def lay(self, width: int) -> int:
        """Lay the message out for a width in cells; gives the height in rows. Does nothing for the same width."""
        if width != self._canvas.width:
            self._canvas = Canvas(width, self._canvas.look)
            self._rebuild()
        return self._height

    def restyle(self, look: MessageLook) -> None:
        """Take the colours of another theme."""
        self._canvas = Canvas(self._canvas.width, look)
        if self._canvas.width:
            self._rebuild()
            self.refresh(layout=True)

    def copy_text(self) -> str:
        """What a person copies as this message: the answer as written, without control characters; of a reply that
        failed before its first word, the failure."""
        ending = self.message.ending
        if not self.message.shown and isinstance(ending, Failed):
            return "\n".join(message_rows.failure_lines(ending, self.message))
        return clean(self.message.shown)

    def code_blocks(self) -> list[str]:
        """The code of each fenced block, in order."""
        self.lay(self._canvas.width or 80)
        texts = [section for section in self._parts.values() if isinstance(section, Text)]
        return [block for text in texts for block in text.code_blocks]

    def toggle_fold(self) -> bool:
        """Fold everything that folds, or unfold it if all of it is folded. False: nothing in here folds."""
        folds = [section for section in self._parts.values() if isinstance(section, Fold)]
        folded = not all(fold.folded for fold in folds)
        for fold in folds:
            self._folded_by_hand[fold.key] = folded
        if folds:
            self._changed_by_hand()
        return bool(folds)

    def spot_at(self, y: int) -> Spot:
        """What stands in row `y`."""
        index = self._section_at(y)
        row = self._sections[index].row(min(max(0, y - self._tops[index]), self._sections[index].height - 1))
        if has_line(row):
            return Spot(self._keys[index], row.line, row.start)
        return Spot(self._keys[index], message_rows.NO_LINE, y - self._tops[index])

    def row_of(self, spot: Spot) -> int:
        """The row in which a spot stands; the nearest one if it is gone."""
        index = max(0, bisect_right(self._keys, spot.section) - 1)
        if not self._sections or self._keys[index] != spot.section:
            return self._tops[index] if self._tops else 0
        top, section = self._tops[index], self._sections[index]
        if spot.line == message_rows.NO_LINE:
            return top + max(0, min(spot.start, section.height - 1))
        rows = range(section.height)
        found = bisect_right(rows, (spot.line, spot.start), key=lambda y: _position(section.row(y)))
        return top + max(0, found - 1)

    # What the clock drives

    def catch_up(self) -> None:
        """Take all that is new and ask for a repaint of what changed."""
        if not self._canvas.width:
            return
        before = self._height
        first = self._take()
        self._stack()
        if self._height != before:
            self.refresh(layout=True)
        elif first is not None:
            self.refresh(Region(0, first, self.size.width, self._height - first))

    def tick(self) -> bool:
        """Count the seconds while nothing has come."""
        if not self._waiting or not self.is_attached:
            return False
        self.catch_up()
        return True

    # Layout

    @property
    def _waiting(self) -> bool:
        return not self.message.settled and not self.message.parts

    def _rebuild(self) -> None:
        self._cursor = ()
        self._parts.clear()
        self._streamed.clear()
        self._header_key = None
        self._tail_settled = False
        self._take()
        self._stack()

    def _take(self) -> int | None:
        """Take what is new; the first row that changed, where heights stayed the same."""
        fresh, self._cursor = self.message.since(self._cursor)
        for index, text in fresh:
            self._take_part(index, self.message.parts[index], text)
        changed = [row for row in (self._take_header(), self._take_tail()) if row is not None]
        last_answer = max((index for index, part in enumerate(self.message.parts) if _is_answer(part)), default=-1)
        for index, section in self._parts.items():
            first: int | None = None
            if isinstance(section, Text):
                first = section.flush()
            elif isinstance(section, Fold):
                first = self._take_fold(index, section, last_answer)
            if first is not None:
                changed.append(self._top_of(section) + first)
        self._painted_delta = self.message.deltas > 0
        return min(changed, default=None)

    def _take_part(self, index: int, part: Part, text: str) -> None:
        section = self._parts.get(index)
        if isinstance(section, Text):
            section.append(text)
            self._streamed.add(section)
        elif isinstance(section, Fold):
            section.append(text)
        elif isinstance(part, TextPart) and part.kind != "reasoning":
            self._parts[index] = text_section = Text(self._canvas, text, asked=self.message.role == "user")
            if not self.message.settled:
                self._streamed.add(text_section)
        elif isinstance(part, TextPart | ToolCall):
            self._parts[index] = Fold(self._canvas, index)
        elif isinstance(part, CitationPart | ImagePart):
            self._parts[index] = Notes([message_rows.source(part, self._canvas.width, self._canvas.look.marks)])

    def _take_fold(self, index: int, fold: Fold, last_answer: int) -> int | None:
        part = self.message.parts[index]
        if isinstance(part, TextPart):
            newest = index == len(self.message.parts) - 1
            title = reasoning_title(part, live=newest and not self.message.settled)
            preview, folded = "", last_answer > index
        elif isinstance(part, ToolCall):
            title, preview, folded = call_title(part), call_preview(part), True
        else:
            return None
        folded = self._folded_by_hand.get(index, folded)
        first: int | None = None
        if folded != fold.folded:
            if folded:
                fold.fold()
            else:
                fold.show(part.text if isinstance(part, TextPart) else call_body(part))
            first = 0
        elif not folded and isinstance(part, ToolCall) and not self.message.settled:
            fold.show(call_body(part))
            first = 0
        retitled = fold.entitle(title, preview)
        flushed = fold.flush()
        return 0 if retitled else first if first is not None else flushed

    def _take_header(self) -> int | None:
        message = self.message
        key = (message.model, message.endpoint, message.settled, self.has_focus)
        if key == self._header_key:
            return None
        self._header_key = key
        time_of_day = self._time_of_day(message.created) if message.role == "user" else ""
        width, marks = self._canvas.width, self._canvas.look.marks
        self._header = Notes(
            [message_rows.header(message, width, marks, focused=self.has_focus, time_of_day=time_of_day)]
        )
        return 0

    def _take_tail(self) -> int | None:
        message, width, marks = self.message, self._canvas.width, self._canvas.look.marks
        if self._waiting:
            self._tail = Notes(message_rows.waiting(message, width, marks, self._now()))
            self._clock.count_seconds(self)
        elif message.ending is None:
            if not self._tail.rows:
                return None
            self._tail = Notes([])
        elif not self._tail_settled:
            self._tail_settled = True
            self._tail = Notes(message_rows.ending_rows(message.ending, message, width, marks))
            for text in self._streamed:
                self._clock.settle(self._settle(text))
        else:
            return None
        return self._top_of(self._tail)

    def _settle(self, text: Text) -> Iterator[None]:
        yield from text.document.settle()
        if text in self._streamed and self.is_attached:
            before = self._height
            self._streamed.discard(text)
            self._stack()
            self.refresh(layout=self._height != before)

    def _stack(self) -> None:
        """Set the sections one under the other, with an empty row between those that need it."""
        self._sections, self._keys, self._tops = [], [], []
        top = 0
        above: Section | None = None
        tail_key = len(self.message.parts)
        for key, section in ((-1, self._header), *self._parts.items(), (tail_key, self._tail)):
            if not section.height:
                continue
            if above is not None and above is not self._header and not _close(above, section):
                top += 1
            self._sections.append(section)
            self._keys.append(key)
            self._tops.append(top)
            top += section.height
            above = section
        self._height = top

    def _top_of(self, section: Section) -> int:
        return next((top for other, top in zip(self._sections, self._tops, strict=True) if other is section), 0)

    def _section_at(self, y: int) -> int:
        return max(0, bisect_right(self._tops, y) - 1)

    def _row(self, y: int) -> tuple[int, Row]:
        """The key of the section in row `y`, and the row; rows between sections are empty."""
        if 0 <= y < self._height:
            index = self._section_at(y)
            section, inside = self._sections[index], y - self._tops[index]
            if inside < section.height:
                return self._keys[index], section.row(inside)
        return -1, message_rows.blank(self._canvas.width, self._canvas.look.marks)

    # What Textual asks of a widget

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lays the message out when the width is another."""
        return self.lay(width) if width > 0 else 0

    def render_lines(self, crop: Region) -> list[Strip]:
        """The stored strips as they are, so that what Textual keeps on them (cuts, colours) stays valid."""
        selection = self.text_selection
        rows = [self._row(y) for y in range(crop.y, crop.bottom)]
        strips = [row.strip for _, row in rows]
        if selection is not None:
            style = self.screen.get_component_rich_style("screen--selection")
            strips = [self._selected(key, row, selection, style) for key, row in rows]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, self.background_colors[1]) for strip in strips]
        if crop.x or crop.width != self._canvas.width:
            strips = [strip.crop_extend(crop.x, crop.right, self._canvas.look.marks.text) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """A row with the logical position of every character: Textual asks for it under the mouse pointer only."""
        key, row = self._row(y)
        if not has_line(row):
            return row.strip
        line = key * LINES_PER_PART + row.line
        end = self._end_of(key, row)
        segments = []
        for first, last, _ in graphemes(row.strip.text):
            at = min(max(row.start, row.start + first - row.prefix), end)
            segments.append(Segment(row.strip.text[first:last], Style.from_meta({"offset": (at, line)})))
        return Strip(segments, row.strip.cell_length)

    def _end_of(self, key: int, row: Row) -> int:
        """Where the text of a row ends in its logical line: trailing cells are fill."""
        text = row.strip.text[row.prefix :].rstrip()
        return min(row.start + len(text), len(self._parts[key].lines[row.line]))

    def _selected(self, key: int, row: Row, selection: Selection, style: Style) -> Strip:
        if not has_line(row) or (span := selection.get_span(key * LINES_PER_PART + row.line)) is None:
            return row.strip
        start, end = _whole_graphemes(self._parts[key].lines[row.line], *span)
        shift = row.prefix - row.start
        first = max(start, row.start) + shift
        last = min(end, self._end_of(key, row)) + shift
        if last <= first:
            return row.strip
        from_cell, to_cell = row.strip.index_to_cell_position(first), row.strip.index_to_cell_position(last)
        marked = Strip(
            [
                Segment(segment.text, (segment.style or Style()) + style)
                for segment in row.strip.crop(from_cell, to_cell)
            ]
        )
        return Strip.join([row.strip.crop(0, from_cell), marked, row.strip.crop(to_cell)])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected logical text: no screen wraps, no gutters, whole graphemes."""
        texts: list[str] = []
        for key, section in self._parts.items():
            selected: list[str] = []
            for number, line in enumerate(section.lines):
                if (span := selection.get_span(key * LINES_PER_PART + number)) is not None:
                    start, end = _whole_graphemes(line, *span)
                    selected.append(line[start:end])
            if selected:
                texts.append("\n".join(selected).rstrip("\n"))
        return ("\n\n".join(texts), "\n\n") if texts else None

    def selection_updated(self, selection: Selection | None) -> None:
        """Repaint with what is selected."""
        self.refresh()

    # What a person does

    def on_mount(self) -> None:
        """Hovering changes nothing here: links carry their action in their style."""
        self.auto_links = False

    def on_focus(self) -> None:
        """The header shows it."""
        self.catch_up()

    def on_blur(self) -> None:
        """The header shows it."""
        self.catch_up()

    def on_click(self, event: events.Click) -> None:
        """A plain click focuses; a double click selects a word, a triple click a line."""
        if "@click" in event.style.meta:
            return
        if event.chain == 1:
            if not self.screen.selections:
                self.focus(scroll_visible=False)
            return
        event.prevent_default()
        _, offset = self.screen.get_widget_and_offset_at(event.screen_x, event.screen_y)
        if offset is None:
            return
        key, number = divmod(offset.y, LINES_PER_PART)
        line = self._parts[key].lines[number]
        start, end = word_at(line, offset.x) if event.chain == 2 else (0, len(line))
        here = type(offset)
        self.screen.selections = {self: Selection(here(start, offset.y), here(end, offset.y))}

    def action_toggle_fold(self) -> None:
        """Fold or unfold everything that folds."""
        self.toggle_fold()

    def action_toggle_part(self, key: int) -> None:
        """Fold or unfold one part."""
        fold = self._parts.get(key)
        if isinstance(fold, Fold):
            self._folded_by_hand[key] = not fold.folded
            self._changed_by_hand()

    def action_retry(self) -> None:
        """Ask for another reply."""
        self.post_message(self.RetryRequested(self))

    def action_open_link(self, url: str) -> None:
        """Open a link of the web or of mail; any other is left alone."""
        if message_rows.openable(url):
            self.app.open_url(url)

    def _changed_by_hand(self) -> None:
        if self._canvas.width:
            self._take()
            self._stack()
            self.refresh(layout=True)


def _close(above: Section, below: Section) -> bool:
    """Whether two sections stand without an empty row between them."""
    return (isinstance(above, Fold) and above.folded) or (isinstance(above, Notes) and isinstance(below, Notes))


def _is_answer(part: Part) -> bool:
    """Whether a part says that thinking is over."""
    return isinstance(part, ToolCall) or (isinstance(part, TextPart) and part.kind != "reasoning" and len(part) > 0)


def _position(row: Row) -> tuple[int, int]:
    return row.line, row.start


def _whole_graphemes(line: str, start: int, end: int) -> tuple[int, int]:
    """A span (`end` -1 is the line's end) widened so that no character on the screen is cut in two."""
    start, end = max(0, start), len(line) if end == -1 else min(end, len(line))
    if line.isascii():
        return start, end
    for first, last, _ in graphemes(line):
        if first < start < last:
            start = first
        if first < end < last:
            end = last
    return start, end


def word_at(line: str, at: int) -> tuple[int, int]:
    """The span of the run of letters, of blanks or of signs around a position."""

    def kind(character: str) -> int:
        return 0 if character.isspace() else 1 if character.isalnum() or character == "_" else 2

    if not line:
        return 0, 0
    start = end = min(at, len(line) - 1)
    while start > 0 and kind(line[start - 1]) == kind(line[end]):
        start -= 1
    sort = kind(line[start])
    while end < len(line) and kind(line[end]) == sort:
        end += 1
    return start, end
