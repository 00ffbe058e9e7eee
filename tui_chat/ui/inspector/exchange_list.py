"""The list of requests: number, time, status, path, duration."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui_chat.ui.inspector.virtual_list import VirtualList
from tui_chat.ui.numbers import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.inspection.wire_ports import WireExchange
    from tui_chat.ui.inspector.virtual_list import Ink, Piece

CLOCK = 0.25
"""Seconds between two updates of how long a running request has taken."""
TIMED = 40
"""Cells from which the time of day is shown."""


class ExchangeList(VirtualList, can_focus=False):
    """Shows exchanges, oldest first."""

    DEFAULT_CSS = """
    ExchangeList {
        height: auto; max-height: 4; scrollbar-size-vertical: 0;
        & > .list--picked { background: transparent; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="wire-exchanges")
        self.exchanges: Sequence[WireExchange] = ()
        self._rows_shown = 0
        self._drawn = 0.0

    def show_exchanges(self, exchanges: Sequence[WireExchange]) -> None:
        """Show these; the last is picked if the last one was before."""
        height = max(1, min(4, len(exchanges)))
        if height != self._rows_shown:
            self.styles.height = self._rows_shown = height
        now = monotonic()
        ticks = now - self._drawn >= CLOCK and any(exchange.running for exchange in exchanges)
        if ticks or exchanges != self.exchanges:
            self._drawn = now
            self.refresh()
        before, picked = len(self.exchanges), self.exchange
        self.exchanges = exchanges
        if picked is None or (self.following and len(exchanges) > before):
            self.show(len(exchanges), len(exchanges) - 1)
        else:
            numbers = [exchange.number for exchange in exchanges]
            self.show(len(exchanges), numbers.index(picked.number) if picked.number in numbers else len(exchanges) - 1)

    @property
    def exchange(self) -> WireExchange | None:
        """The exchange that is picked; `None`: the list is empty."""
        return self.exchanges[self.pick] if 0 <= self.pick < len(self.exchanges) else None

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """The columns of a row; the path gives way."""
        exchange = self.exchanges[index]
        status, ink = status_of(exchange)
        end = monotonic() if exchange.running else exchange.ended or exchange.began
        lasted = seconds(end - exchange.began)
        pieces: list[Piece] = [(f"{exchange.number:>3}  ", "muted")]
        if width >= TIMED:
            pieces.append((f"{exchange.at.astimezone():%H:%M:%S}  ", "muted"))
        pieces.append((f"{status:<4} ", ink))
        again = f"↻ {exchange.attempt}  " if exchange.attempt > 1 else ""
        room = width - sum(len(text) for text, _ in pieces) - len(lasted) - len(again) - 2
        path = urlsplit(exchange.url).path or "/"
        path = path if len(path) <= room else "…" + path[len(path) - room + 1 :]
        if room > 1:
            pieces.append((f"{path:{room}}", "bold"))
        return [*pieces, (f" {again}", "warning"), (f" {lasted}", "muted")]


def status_of(exchange: WireExchange) -> tuple[str, Ink]:
    """The status of an exchange in at most four characters, and its role: `…` while it waits, `✗` without a
    response."""
    if exchange.status is None:
        return ("…", "accent") if exchange.running else ("✗", "error")
    if exchange.status >= 400 or exchange.how in {"lost", "failed"}:
        return str(exchange.status), "error"
    return str(exchange.status), "accent" if exchange.running else "success"
