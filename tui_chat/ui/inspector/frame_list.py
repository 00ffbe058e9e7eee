"""The list of a response's frames, with the request before them and the end behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.metrics.replies import STALL_FACTOR, STALL_SECONDS
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.ui.inspector.virtual_list import VirtualList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.inspection.wire_ports import FrameKind, FrameLog, WireExchange, WireFrame
    from tui_chat.ui.inspector.virtual_list import Ink, Piece

WIDE, MIDDLE = 64, 48
"""Cells of a list from which it shows sizes, and gaps."""
MS, GAP, KIND, SIZE = 7, 7, 11, 9
"""Cells of the columns."""
ENDS: Final = {
    "end": "body complete",
    "stopped": "the client hung up before the end",
    "lost": "cut off",
    "failed": "no response",
}
"""The word for each way of ending."""
_INKS: Final[dict[FrameKind, Ink]] = {
    "text": "text",
    "reasoning": "muted",
    "tool": "assistant",
    "usage": "accent",
    "keep-alive": "muted",
    "done": "success",
    "error": "error",
    "other": "muted",
}


class FrameList(VirtualList):
    """Shows the frames of one exchange that a filter lets through."""

    own_keys: ClassVar[frozenset[str]] = VirtualList.own_keys

    def __init__(self) -> None:
        super().__init__(id="wire-frames")
        self._exchange: WireExchange | None = None
        self._log: FrameLog | None = None
        self._kinds: frozenset[FrameKind] = frozenset()
        self._words = ""
        self._shown: list[int] | None = None
        """The numbers of the frames that are let through, counted from the first that was ever decoded; `None`: all."""
        self._tested = 0
        """Frames that the filter has seen, counted likewise."""
        self._stall = STALL_SECONDS
        self._dropped = 0
        """Frames that were gone from the log's beginning at the last update."""

    # ---- for its owner

    def show_exchange(self, exchange: WireExchange, log: FrameLog) -> None:
        """Show another exchange from its end on."""
        self._exchange, self._log, self._dropped = exchange, log, log.dropped
        self._refilter()
        self.show(self._rows, self._rows - 1)
        self.refresh()

    def update_from(self, exchange: WireExchange, median: float | None) -> None:
        """Show what was decoded meanwhile. `median`: of the gaps in seconds, which decides what is a stall."""
        stall = max(STALL_SECONDS, STALL_FACTOR * (median or 0.0))
        ended = self._exchange is None or self._exchange.running != exchange.running
        if stall != self._stall or ended:
            self.refresh()
        self._exchange, self._stall = exchange, stall
        matches = self.matches
        self._filter_more()
        gone = 0 if self._log is None else self._log.dropped - self._dropped
        self._dropped += gone
        if self._shown is not None:
            gone = max(0, matches - self.matches)
        if gone and not self.following:
            self.show(self._rows, max(0, self.pick - gone))  # the same frame, among fewer
            self.refresh()
        else:
            self.show(self._rows)

    def set_filter(self, kinds: frozenset[FrameKind], words: str) -> None:
        """Show only frames of these kinds (none: of all) that contain these words."""
        picked = self.frame
        self._kinds, self._words = kinds, words.strip()
        self._refilter()
        self.show(self._rows, self._rows - 1)
        self.refresh()
        if picked is not None:
            self.pick_frame(picked.start)

    @property
    def filtered(self) -> bool:
        """Whether a filter is set."""
        return bool(self._kinds or self._words)

    @property
    def filter_words(self) -> str:
        """The number of frames that the filter lets through, and their kind: `2 of 4 text`."""
        return " ".join([f"{self.matches:,} of {self._total:,}", *self._kinds])

    @property
    def matches(self) -> int:
        """The number of frames that the filter lets through."""
        return len(self._shown) if self._shown is not None else self._total

    @property
    def frame(self) -> WireFrame | None:
        """The picked frame; `None` if the request, the head or the end is picked."""
        return self._frame_at(self.pick)

    def pick_frame(self, start: int) -> None:
        """Pick the frame that begins at this byte of the body, or the next one that is shown."""
        low, high = self._leads, self._rows - self._tails
        while low < high:
            middle = (low + high) // 2
            frame = self._frame_at(middle)
            if frame is not None and frame.start < start:
                low = middle + 1
            else:
                high = middle
        self.pick_row(low)

    def is_stall(self, frame: WireFrame) -> bool:
        """Whether the silence before a frame was a stall."""
        return frame.gap > self._stall

    # ---- rows

    def pick_trouble(self) -> bool:
        """Pick the next frame that is an error, has one, or came after a stall; behind the last one the first. Returns
        False if there is none."""
        count = self.matches
        first = self.pick - self._leads + 1
        for index in (*range(max(0, first), count), *range(min(max(0, first), count))):
            frame = self._frame_at(index + self._leads)
            if frame is not None and (frame.kind == "error" or frame.problem or self.is_stall(frame)):
                self.pick_row(index + self._leads)
                return True
        return False

    def pick_neighbour(self, by: int) -> WireFrame | None:
        """Pick the next frame, or the one before, and return it; `None`: there is none."""
        frame = self._frame_at(self.pick + by)
        if frame is not None:
            self.pick_row(self.pick + by)
        return frame

    @property
    def _total(self) -> int:
        return 0 if self._log is None else len(self._log.frames)

    @property
    def _leads(self) -> int:
        """Rows before the frames: the request, and the response's head."""
        if self._exchange is None or self.filtered:
            return 0
        return 1 if self._exchange.responded is None else 2

    @property
    def _tails(self) -> int:
        """Rows behind the frames: the end."""
        return int(self._exchange is not None and not self.filtered and not self._exchange.running)

    @property
    def _rows(self) -> int:
        return self._leads + self.matches + self._tails

    def _frame_at(self, row: int) -> WireFrame | None:
        index = row - self._leads
        if self._log is None or not 0 <= index < self.matches:
            return None
        if self._shown is not None:
            index = self._shown[index] - self._log.dropped
        return self._log.frames[index] if 0 <= index < len(self._log.frames) else None

    def _refilter(self) -> None:
        self._shown = None
        self._tested = 0
        if self._log is None or not self.filtered:
            return
        dropped = self._log.dropped
        found = self._log.find(self._words) if self._words else None
        self._shown = [
            index + dropped
            for index, frame in enumerate(self._log.frames)
            if (not self._kinds or frame.kind in self._kinds) and (found is None or index in found)
        ]
        self._tested = dropped + len(self._log.frames)

    def _filter_more(self) -> None:
        if self._log is None or self._shown is None:
            return
        log, words = self._log, self._words.lower()
        if self._shown and self._shown[0] < log.dropped:
            self._shown = [number for number in self._shown if number >= log.dropped]
        for number in range(max(self._tested, log.dropped), log.dropped + len(log.frames)):
            frame = log.frames[number - log.dropped]
            if (not self._kinds or frame.kind in self._kinds) and (
                not words or words in frame.shown.lower() or words in log.raw(frame).decode("utf-8", "replace").lower()
            ):
                self._shown.append(number)
        self._tested = log.dropped + len(log.frames)

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """The columns of a row."""
        exchange = self._exchange
        frame = self._frame_at(index)
        if frame is not None:
            return self._frame_row(frame, width)
        if exchange is None:
            return ()
        if index == 0 and self._leads:
            return _columns(0.0, None, "request", None, ((f"{exchange.method} {exchange.url}", "text"),), "bold", width)
        if index == 1 and self._leads > 1:
            at = (exchange.responded or exchange.began) - exchange.began
            ink: Ink = "bold" if exchange.status is not None and exchange.status < 400 else "error"
            kind = f"  {clean_line(exchange.content_type)}" if exchange.content_type else ""
            head: list[Piece] = [(str(exchange.status), ink), (kind, "muted")]
            return _columns(at, None, "response", None, head, "bold", width)
        at = (exchange.ended or exchange.began) - exchange.began
        words = ENDS.get(exchange.how, exchange.how) + (f": {exchange.why}" if exchange.why else "")
        ink = "muted" if exchange.how in {"end", "stopped"} else "error"
        return _columns(at, None, "end", exchange.size, ((words, ink),), ink, width)

    def _frame_row(self, frame: WireFrame, width: int) -> Sequence[Piece]:
        ink = _INKS[frame.kind]
        data: list[Piece] = [(frame.shown, ink)]
        if frame.problem:
            data.insert(0, (f"! {frame.problem}  ", "error"))
        if frame.event and width >= MIDDLE and frame.kind != "text":
            data.insert(0, (f"{clean_line(frame.event)[:30]}  ", "muted"))
        gap = (frame.gap, self.is_stall(frame))
        return _columns(frame.at, gap, frame.kind, frame.size, data, ink, width)


def heads(width: int) -> str:
    """The heads of the columns for a list of this width, with the cells before each row."""
    width -= 2
    gap = f"{'gap':>{GAP}}" if width >= MIDDLE else ""
    size = f"{'size':>{SIZE}}" if width >= WIDE else ""
    return f"  {'ms':>{MS}}{gap}  {'kind':{KIND}}{size}{'  ' if size else ''}data"


def _cell(span: float, cells: int, mark: str = "") -> str:
    """Milliseconds at the right of some cells, behind a mark; seconds or hours where they would need more cells."""
    ways = (f"{mark}{span * 1000:.0f}", f"{mark}{span:.0f}s", f"{mark}{span / 3600:.0f}h")
    return f"{next((way for way in ways if len(way) <= cells), '!'):>{cells}}"


def _columns(
    at: float,
    gap: tuple[float, bool] | None,
    kind: str,
    size: int | None,
    data: Sequence[Piece],
    ink: Ink,
    width: int,
) -> Sequence[Piece]:
    pieces: list[Piece] = [(_cell(at, MS), "muted")]
    if width >= MIDDLE:
        if gap is None:
            pieces.append((" " * GAP, "muted"))
        else:
            seconds, stall = gap
            mark = "!" if stall else ""
            pieces.append((_cell(seconds, GAP, mark), "warning" if stall else "muted"))
    elif gap is not None and gap[1]:
        pieces[0] = (_cell(at, MS, "!"), "warning")
    pieces.append((f"  {kind:{KIND}}", ink))
    if width >= WIDE:
        pieces.append((f"{'' if size is None else readable_size(size):>{SIZE}}  ", "muted"))
    return [*pieces, *data]
