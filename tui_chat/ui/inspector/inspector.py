"""The wire inspector: the requests, and for the picked one its stream, request, response and times."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final, get_args

from textual import on
from textual.containers import Vertical
from textual.widgets import TextArea

from tui_chat.chat.inspection.wire_ports import FrameKind
from tui_chat.ui.inspector import words
from tui_chat.ui.inspector.exchange_list import ExchangeList
from tui_chat.ui.inspector.figure_rows import FigureRows
from tui_chat.ui.inspector.frame_list import FrameList, heads
from tui_chat.ui.inspector.hints import Situation, hints_for
from tui_chat.ui.inspector.json_rows import sentence_rows
from tui_chat.ui.inspector.rows import TABS, ContentRow, FilterBox, FilterRow, key_row, tab_row, title_row
from tui_chat.ui.inspector.text_view import TextView
from tui_chat.ui.inspector.virtual_list import VirtualList
from tui_chat.ui.signs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from tui_chat.chat.inspection.wire_ports import FrameLog, Wire, WireExchange, WireFrame
    from tui_chat.ui.inspector.hints import Hint
    from tui_chat.ui.inspector.owner import InspectorOwner
    from tui_chat.ui.inspector.words import FrameFigures
    from tui_chat.ui.signs import Signs

TICK: Final = 0.1
"""Seconds between two updates."""
SLICE: Final = 0.02
"""Seconds of decoding at a time, and between two times while more is waiting."""
SHORT: Final = 1000
"""Frames of a stream whose figures are calculated at each look."""
FIGURES_EVERY: Final = 0.5
"""Seconds between two calculations of the figures of a long stream."""
_KINDS: Final[tuple[FrameKind, ...]] = get_args(FrameKind)
_STREAM, _REQUEST, _RESPONSE, _TIMING = range(len(TABS))
_LOW: Final = 16
"""Rows of the inspector below which only the picked request is listed."""


class Inspector(Vertical):
    """Shows a `Wire` while it is mounted, live."""

    DEFAULT_CSS = """
    Inspector {
        background: $role-bg; color: $role-text;
        &.-beside { dock: right; width: 46%; height: 100%; border-left: solid $role-line; padding: 0 0 0 1; }
        &.-beside.-ascii { border-left: ascii $role-line; }
        &.-full { layer: wire; dock: right; width: 100%; height: 100%; padding: 0 1; }
    }
    """

    actions: ClassVar[dict[str, str]] = {
        "left": "turn_tab(-1)", "right": "turn_tab(1)", "1": "show_tab(0)", "2": "show_tab(1)", "3": "show_tab(2)",
        "4": "show_tab(3)", "left_square_bracket": "turn_exchange(-1)", "right_square_bracket": "turn_exchange(1)",
        "slash": "filter", "f": "turn_kind(1)", "F": "turn_kind(-1)", "space": "pause", "enter": "open",
        "y": "copy", "s": "save", "o": "show_place", "a": "show_all", "q": "close", "e": "next_trouble",
        "question_mark": "guide",
    }  # fmt: skip
    """Keys of the inspector and their actions."""

    def __init__(
        self,
        wire: Wire,
        owner: InspectorOwner,
        wanted: Callable[[WireExchange], bool] = lambda _: True,
        *,
        title: str = "Request and response",
        empty: str = words.EMPTY,
        close: tuple[str, str] = ("Esc", "close"),
        in_chat: bool = True,
        signs: Signs = UNICODE,
    ) -> None:
        """`wanted`: which exchanges are shown at first. `empty`: a text for when there is none. `close`: the key that
        closes it, and its word. `in_chat`: whether there is a chat in which places can be shown."""
        super().__init__(id="wire")
        self._wire, self._owner, self._wanted = wire, owner, wanted
        self._heading = title
        self._empty, self._close, self._in_chat, self._signs = empty, close, in_chat, signs
        self.set_class(signs is not UNICODE, "-ascii")
        self._all = False
        self._tab = _STREAM
        self._any = True
        """Whether there is a request to show."""
        self._kind = -1
        """The index of the kind of frames that is shown; -1: all."""
        self._paused = False
        self._log: FrameLog | None = None
        self._number = 0
        """Of the exchange whose frames are shown."""
        self._figures: FrameFigures | None = None
        self._figured = 0.0
        self._facts_shown: tuple[object, ...] | None = None
        """The contents of the text view, kept so that equal contents are not rendered again."""
        self._title, self.tabs, self._head = ContentRow(), ContentRow(), ContentRow()
        self.figures, self._keys = FigureRows(signs), ContentRow()
        self.exchanges = ExchangeList()
        self.frames = FrameList()
        self.text = TextView(id="wire-text")
        self.filter = FilterBox(placeholder="Words of a frame")
        self.filter_row = FilterRow(self.filter)

    def compose(self) -> ComposeResult:
        """Create the parts of the inspector, from top to bottom."""
        yield from (self._title, self.exchanges, self.tabs, self._head, self.frames, self.text)
        yield from (self.filter_row, self.figures, self._keys)

    def on_mount(self) -> None:
        """Start watching the wire."""
        self.filter_row.display = False
        self._wire.watch(watching=True)
        self.set_interval(TICK, self.update)
        self._show_tab()
        self.update()

    def on_unmount(self) -> None:
        """Stop watching the wire."""
        self._wire.watch(watching=False)

    def on_resize(self, event: events.Resize) -> None:
        """Lay the fixed rows out."""
        low = event.size.height < _LOW
        self.figures.fit(low=low)
        self.exchanges.fit(event.size.height, low=low)
        self._show_rows()

    def set_title(self, title: str, empty: str) -> None:
        """Say something else in the first row, and where there is no request yet."""
        self._heading, self._empty = title, empty
        self._facts_shown = None
        self.update()

    def focus_list(self) -> None:
        """Give the focus to what the tab shows."""
        self.screen.set_focus(self.frames if self.frames.display else self.text)

    @property
    def exchange(self) -> WireExchange | None:
        """The exchange that is picked."""
        return self.exchanges.exchange

    def close_filter(self) -> bool:
        """Close the input of the filter and drop its words. Returns False if it was not open."""
        if not self.filter_row.display:
            return False
        self.filter.put("")
        self.filter_row.display = False
        self._apply_filter()
        self.focus_list()
        return True

    def show_frame(self, number: int, start: int) -> None:
        """Pick an exchange, and its frame that begins at a byte of the body."""
        self._all = self._all or not any(exchange.number == number for exchange in self.exchanges.exchanges)
        self._list()
        at = [exchange.number for exchange in self.exchanges.exchanges]
        if number in at:
            self.exchanges.pick_row(at.index(number))
            self.update()
            self._kind = -1
            self.close_filter()
            self._apply_filter()
            self.action_show_tab(_STREAM)
            self.frames.pick_frame(start)

    # ---- looking

    def update(self) -> None:
        """Show the requests and frames that have arrived."""
        if not self.is_attached:
            return
        self._list()
        exchange = self.exchange
        if (exchange is not None) != self._any:
            self._any = exchange is not None
            self.action_show_tab(self._tab)
        if exchange is None:
            self._say_why_nothing()
        else:
            self._follow(exchange)
        self._show_rows()

    def _say_why_nothing(self) -> None:
        others = 0 if self._all else len(self._wire.exchanges())
        if self._facts_shown != (facts := (self._empty, others)):
            self._facts_shown = facts
            self.text.set_rows(partial(sentence_rows, words.nothing_yet(self._empty, others)))

    def _list(self) -> None:
        found = self._wire.exchanges()
        self.exchanges.show_exchanges(found if self._all else [each for each in found if self._wanted(each)])

    def _follow(self, exchange: WireExchange) -> None:
        if self._log is None or exchange.number != self._number:
            self._log, self._number = self._wire.frames(exchange.number), exchange.number
            self._figures, self._paused = None, False
            self._log.update(SLICE)
            self.frames.show_exchange(exchange, self._log)
        if self._paused:
            return
        more = self._log.update(SLICE)
        if more:
            self.set_timer(SLICE, self.update)
        now = monotonic()
        count = len(self._log.frames) + self._log.dropped
        stale = self._figures is None or self._figures.frames != count
        if self._figures is None or (stale and (count < SHORT or now >= self._figured + FIGURES_EVERY)):
            self._figures, self._figured = words.figures_of(exchange, self._log.frames, self._log.dropped), now
        gaps = self._figures.metrics.gaps
        self.frames.update_from(exchange, None if gaps is None else gaps.p50)
        self._tell(exchange)

    def _tell(self, exchange: WireExchange) -> None:
        """Fill the text view, if its tab is shown and something changed."""
        log, figures, number = self._log, self._figures, exchange.number
        if self._tab == _STREAM or log is None or figures is None:
            return
        growing = figures if self._tab == _TIMING else exchange.size if words.shows_body(exchange) else None
        facts = (number, self._tab, exchange.status, exchange.how, growing)
        if facts == self._facts_shown:
            return
        again, self._facts_shown = self._facts_shown is not None and self._facts_shown[:2] == facts[:2], facts
        if self._tab == _REQUEST:
            headers, body = self._wire.request(number)
            self.text.set_content(words.request_rows(exchange, headers), body)
        elif self._tab == _RESPONSE:
            body = log.body(words.LONGEST_BODY) if words.shows_body(exchange) else ""
            self.text.set_content(words.response_rows(exchange, self._wire.response_headers(number)), body)
        else:
            rows = partial(words.timing_rows, exchange, log.frames, figures, self._signs)
            self.text.set_rows(rows, keep=again)

    # ---- the fixed rows

    def _show_rows(self) -> None:
        width = max(1, self.size.width - 1)
        counts = self.exchanges.counts(all_chats=self._all and self._in_chat)
        self._title.show(title_row(self._heading, counts, self._close, width))
        filtered = [self.frames.filter_words] if self.frames.filtered else []
        if self._paused:
            filtered.append("paused")
        self.tabs.show(tab_row(self._tab, ", ".join(filtered), width))
        self._head.show(ContentRow.muted(heads(self.frames.row_width)))
        frame = self.frames.frame if self._tab == _STREAM else None
        self.figures.show(self.exchange, self._log, self._figures, frame, paused=self._paused)
        self._keys.show(key_row(self._hints(), width))

    def _hints(self) -> Sequence[Hint]:
        log, figures, tab = self._log, self._figures, self._tab
        return hints_for(
            Situation(
                self._in_chat,
                any_request=self._any,
                several=len(self.exchanges.exchanges) > 1,
                all_chats=self._all,
                filtering=self.filter.has_focus,
                stream=tab == _STREAM,
                paused=self._paused,
                frame=self.frames.frame is not None,
                troubled=bool(
                    (log is not None and log.facts.problems) or (figures is not None and figures.metrics.stalls)
                ),
                opens=self.text.opens,
            )
        )

    def _show_tab(self) -> None:
        stream = self._tab == _STREAM and self._any
        self.tabs.display = self._any
        self.frames.display = self._head.display = stream
        self.text.display = not stream
        self._facts_shown = None

    # ---- keys

    async def on_key(self, event: events.Key) -> None:
        """Run the action of a key that no list or input has taken."""
        if self.screen.focused is self.filter:
            # It was typed while the list had the focus, before the input opened.
            if event.is_printable and event.character is not None:
                self.filter.insert(event.character)
            elif event.key == "enter":
                self.action_leave_filter()
        elif event.key == "tab" and self.has_class("-full"):
            event.stop()
        elif action := self.actions.get(event.key):
            event.stop()
            event.prevent_default()
            await self.run_action(action)

    @on(VirtualList.Picked)
    def _picked(self, event: VirtualList.Picked) -> None:
        event.stop()
        if event.list is self.exchanges:
            self.update()
        elif event.list is self.frames and event.again:
            self.action_open()

    @on(TextView.Opened)
    def _text_opened(self, event: TextView.Opened) -> None:
        event.stop()
        self._owner.open_text(event.text)

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._apply_filter()

    @on(FilterBox.Done)
    def _filter_done(self, event: FilterBox.Done) -> None:
        event.stop()
        self.action_leave_filter()

    def action_close_filter(self) -> None:
        """Close the filter and show all frames."""
        self.close_filter()

    def action_leave_filter(self) -> None:
        """Go from the filter to the frames."""
        if not self.filter.text.strip():
            self.close_filter()
        self.focus_list()

    def _apply_filter(self) -> None:
        kinds = frozenset[FrameKind]() if self._kind < 0 else frozenset([_KINDS[self._kind]])
        self.frames.set_filter(kinds, self.filter.text)
        self._show_rows()

    def action_close(self) -> None:
        """Ask the screen to close the inspector."""
        self._owner.close_inspector()

    def action_turn_tab(self, by: int) -> None:
        """Show the next tab, or the one before."""
        self.action_show_tab((self._tab + by) % len(TABS))

    def action_show_tab(self, tab: int) -> None:
        """Show a tab by its number."""
        focused = self.has_focus_within and not self.filter.has_focus
        self._tab = tab
        self._show_tab()
        if focused:
            self.focus_list()
        self.update()

    def action_turn_exchange(self, by: int) -> None:
        """Pick the next request, or the one before."""
        self.exchanges.pick_row(self.exchanges.pick + by)

    def action_filter(self) -> None:
        """Open the input of the filter."""
        if self._tab == _STREAM and self._any:
            self.filter_row.display = True
            self.screen.set_focus(self.filter)

    def action_turn_kind(self, by: int) -> None:
        """Show only the frames of the next kind; after the last, all."""
        if self._tab == _STREAM:
            self._kind = (self._kind + 1 + by) % (len(_KINDS) + 1) - 1
            self._apply_filter()

    def action_pause(self) -> None:
        """Take nothing new, or go on."""
        self._paused = not self._paused
        self.update()

    def action_show_all(self) -> None:
        """Show the requests of all chats, or of this one only."""
        self._all = not self._all
        self.update()

    def action_fold(self) -> None:
        """Fold or unfold the picked row."""
        self.text.activate()

    def action_next_trouble(self) -> None:
        """Pick the next frame that is an error, could not be read, or came after a stall."""
        if self._tab == _STREAM:
            self.frames.pick_trouble()

    def action_guide(self) -> None:
        """Explain the columns, kinds and keys."""
        self._owner.open_guide(in_chat=self._in_chat)

    def action_open(self) -> None:
        """Show all of the picked frame."""
        frame = self.frames.frame
        if self._tab == _STREAM and frame is not None and self._log is not None:
            self._owner.open_frame(frame, self._log.raw(frame), self._neighbour)

    def _neighbour(self, by: int) -> tuple[WireFrame, bytes] | None:
        """Pick the next frame, or the one before, and return it with its bytes."""
        frame = None if self._log is None else self.frames.pick_neighbour(by)
        return None if frame is None or self._log is None else (frame, self._log.raw(frame))

    def action_copy(self) -> None:
        """Copy the request as a shell command."""
        if self.exchange is not None:
            self._owner.copy_curl(self.exchange.number)

    def action_save(self) -> None:
        """Save the request and its response."""
        if self.exchange is not None:
            self._owner.save_exchange(self.exchange.number)

    def action_show_place(self) -> None:
        """Show where the picked frame's text stands in the reply."""
        frame, exchange = self.frames.frame, self.exchange
        if self._in_chat and frame is not None and exchange is not None:
            self._owner.show_place(exchange, frame)
