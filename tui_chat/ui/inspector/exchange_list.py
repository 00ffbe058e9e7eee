"""The list of requests: number, time, status, path, model, how it stands, duration."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rich.cells import cell_len

from tui_chat.chat.wording.sizes import readable_size
from tui_chat.ui.inspector.virtual_list import VirtualList, one_line
from tui_chat.ui.numbers import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.inspection.wire_ports import WireExchange
    from tui_chat.ui.inspector.virtual_list import Ink, Piece

CLOCK = 0.25
"""Seconds between two updates of how long a running request has taken."""
TIMED = 40
"""Cells from which the time of day is shown."""
WIDE = 100
"""Cells from which the wait for the response and the size of its body are shown."""
FEWEST, SHARE = 4, 4
"""Rows of the list at most: one in so many of the inspector's, but not fewer than these."""

_STATES: Final[dict[str, Piece]] = {
    "lost": ("cut off", "error"),
    "failed": ("failed", "error"),
    "stopped": ("hung up", "muted"),
}


class ExchangeList(VirtualList, can_focus=False):
    """Shows exchanges, oldest first."""

    DEFAULT_CSS = """
    ExchangeList {
        height: auto; scrollbar-size-vertical: 0; padding: 0 1 0 0;
        & > .list--picked { background: transparent; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="wire-exchanges")
        self.exchanges: Sequence[WireExchange] = ()
        self._most_rows = FEWEST
        self._rows_shown = 0
        self._drawn = 0.0

    def fit(self, rows: int, *, low: bool) -> None:
        """Take a share of the inspector's rows. `low`: show only the picked request."""
        self._most_rows = 1 if low else max(FEWEST, rows // SHARE)
        self._fit()

    def _fit(self) -> None:
        height = max(1, min(self._most_rows, len(self.exchanges)))
        if height != self._rows_shown:
            self.styles.height = self._rows_shown = height

    def show_exchanges(self, exchanges: Sequence[WireExchange]) -> None:
        """Show these; the last is picked if the last one was before."""
        now = monotonic()
        ticks = now - self._drawn >= CLOCK and any(exchange.running for exchange in exchanges)
        if ticks or exchanges != self.exchanges:
            self._drawn = now
            self.refresh()
        before, picked = len(self.exchanges), self.exchange
        self.exchanges = exchanges
        self._fit()
        if picked is None or (self.following and len(exchanges) > before):
            self.show(len(exchanges), len(exchanges) - 1)
        else:
            numbers = [exchange.number for exchange in exchanges]
            self.show(len(exchanges), numbers.index(picked.number) if picked.number in numbers else len(exchanges) - 1)

    def counts(self, *, all_chats: bool) -> str:
        """The number of requests in words, with those that are running; empty if there is one at most."""
        if len(self.exchanges) <= 1:
            return ""
        running = sum(exchange.running for exchange in self.exchanges)
        words = f"{len(self.exchanges):,} requests{' of all chats' if all_chats else ''}"
        return f"{words}, {running:,} running" if running else words

    @property
    def exchange(self) -> WireExchange | None:
        """The exchange that is picked; `None`: the list is empty."""
        return self.exchanges[self.pick] if 0 <= self.pick < len(self.exchanges) else None

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """The columns of a row; the path gives way, and the model stays longer than it."""
        exchange = self.exchanges[index]
        status, ink = status_of(exchange)
        end = monotonic() if exchange.running else exchange.ended or exchange.began
        pieces: list[Piece] = [(f"{exchange.number:>3}  ", "muted")]
        if width >= TIMED:
            pieces.append((f"{exchange.at.astimezone():%H:%M:%S}  ", "muted"))
        pieces.append((f"{status:<4} ", ink))
        right: list[Piece] = [(f" ↻ {exchange.attempt} ", "warning")] if exchange.attempt > 1 else []
        if state := state_of(exchange):
            right.append((f" {state[0]} ", state[1]))
        if width >= WIDE:
            wait = "" if exchange.wait is None else f"first byte {seconds(exchange.wait)}"
            right.append((f"  {wait:>17}  {readable_size(exchange.size):>7}", "muted"))
        right.append((f" {seconds(end - exchange.began):>{7 if width >= WIDE else 6}}", "muted"))
        room = width - sum(cell_len(text) for text, _ in (*pieces, *right))
        return [*pieces, *_named(exchange, room), *right] if room > 1 else [*pieces, *right]


def _named(exchange: WireExchange, room: int) -> list[Piece]:
    """The path and the model in `room` cells: both, or the model alone, or the end of the path."""
    path, model = urlsplit(exchange.url).path or "/", exchange.model
    both = cell_len(path) + cell_len(model) + 2 if model else cell_len(path)
    if both <= room:
        return [(path, "bold"), (f"  {model}" if model else "", "muted"), (" " * (room - both), "muted")]
    if model:
        shown = one_line(model, room)
        return [(shown + " " * (room - cell_len(shown)), "bold")]
    return [("…" + path[len(path) - room + 1 :], "bold")]


def status_of(exchange: WireExchange) -> tuple[str, Ink]:
    """The status of an exchange in at most four characters, and its role: `…` while it waits, `✗` without a
    response."""
    if exchange.status is None:
        return ("…", "accent") if exchange.running else ("✗", "error")
    if exchange.status >= 400 or exchange.how in {"lost", "failed"}:
        return str(exchange.status), "error"
    return str(exchange.status), "accent" if exchange.running else "success"


def state_of(exchange: WireExchange) -> Piece | None:
    """The word for how an exchange stands; `None`: it is complete, and its status says all."""
    if exchange.running:
        return ("waiting", "accent") if exchange.status is None else ("running", "accent")
    words: dict[str, Piece] = {
        "lost": ("cut off", "error"),
        "failed": ("failed", "error"),
        "stopped": ("hung up", "muted"),
    }
    return words.get(exchange.how)
