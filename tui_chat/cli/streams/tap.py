"""`tui-chat tap URL`: shows what another program and a server say to each other."""

from __future__ import annotations

import asyncio
import sys
from itertools import pairwise
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.cli.output import PATIENCE, Output, complain
from tui_chat.cli.reporting import OTHER_FAILURE
from tui_chat.signals import BY_SIGNAL, stopping_on_signals
from tui_chat.tape_file import line_of, model_in
from tui_chat.wire.http.transport import Transport
from tui_chat.wire.tap import TapServer
from tui_chat.wire.tape.recorder import TapeRecorder
from tui_chat.wire.tape.records import TapeRecords
from tui_chat.wire.tape.tape import Tape

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.tape_file import Record
    from tui_chat.wire.tape.tape import RecordedExchange, TapeListener

_ENDS: Final = {
    "end": "body complete",
    "stopped": "the client hung up",
    "lost": "cut off",
    "failed": "no response",
}
"""The word for each way of ending."""


class TapLines:
    """A listener of a `Tape` that prints a line when a response begins and one when it has ended."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._models: dict[int, str] = {}
        self._times: dict[int, list[float]] = {}

    def began(self, exchange: RecordedExchange) -> None:
        """Note what is asked; nothing is printed before the response."""
        self._models[exchange.number] = model_in(exchange.body)
        self._times[exchange.number] = []

    def responded(self, exchange: RecordedExchange) -> None:
        """Print what was asked and how the server answered."""
        facts = [
            self._models[exchange.number],
            f"{exchange.status} after {_milliseconds(exchange, exchange.responded)}",
        ]
        kind = dict(exchange.response_headers).get("content-type", "no Content-Type")
        self._print(exchange, "; ".join(filter(None, [*facts, kind])))

    def received(self, exchange: RecordedExchange, at: float, data: bytes) -> None:
        """Note when a piece came."""
        self._times[exchange.number].append(at)

    def ended(self, exchange: RecordedExchange) -> None:
        """Print how much came, how evenly, and how it ended."""
        self._models.pop(exchange.number)
        times = self._times.pop(exchange.number)
        gaps = [(later - earlier) * 1000 for earlier, later in pairwise(times)]
        facts = [f"{_ENDS[exchange.how or 'stopped']} after {_milliseconds(exchange, exchange.ended)}"]
        if times:
            pieces = f"{len(times):,} piece{'' if len(times) == 1 else 's'}"
            facts.append(f"{pieces}, {readable_size(exchange.size)}, the first at {_milliseconds(exchange, times[0])}")
        if gaps:
            facts.append(f"gaps {median(gaps):.0f} ms, longest {max(gaps):.0f} ms")
        if exchange.why:
            facts.append(exchange.why)
        self._print(exchange, "; ".join(facts))

    def _print(self, exchange: RecordedExchange, text: str) -> None:
        masked = exchange.secrets.masked
        path = masked(exchange.url).partition("//")[2].partition("/")[2]
        self._output.write(clean_line(f"{exchange.number} {exchange.method} /{path}: {masked(text)}") + "\n")


async def run(
    url: str, port: int, *, as_json: bool, record: Path | None, connect_timeout: float, idle_timeout: float
) -> int:
    """Pass requests on until SIGINT or SIGTERM, and return the exit status. Raises `SetupError`."""
    stopped = asyncio.Event()
    caught: list[int] = []

    def stop(number: int) -> None:
        caught.append(number)
        stopped.set()

    output = Output(sys.stdout.fileno(), on_broken=stopped.set)
    listeners: list[TapeListener] = [_json_lines(output) if as_json else TapLines(output)]
    recorder = None
    if record is not None:
        recorder = TapeRecorder(record, lambda sentence: complain(f"tui-chat: {sentence}\n"))
        listeners.append(recorder)
    transport = await asyncio.to_thread(Transport, url, connect_timeout=connect_timeout, idle_timeout=idle_timeout)
    tap = TapServer(url, port, transport, Tape(0, tuple(listeners)))
    try:
        with stopping_on_signals(stop):
            try:
                await tap.start()
            except OSError as error:
                raise SetupError(f"tap: port {port} cannot be used ({error.strerror or error}).") from error
            complain(f"tui-chat: {tap.base_url} leads to {url}; Ctrl+C ends it.\n")
            await stopped.wait()
    finally:
        await tap.close()
        if recorder is not None:
            await asyncio.to_thread(recorder.close)
        with_limit = asyncio.create_task(output.finish())
        await asyncio.wait({with_limit}, timeout=PATIENCE)
    return BY_SIGNAL + caught[0] if caught else OTHER_FAILURE


def _json_lines(output: Output) -> TapeRecords:
    """The lines of a tape as they happen, each with the number of its exchange in `n`."""

    def hand_on(exchange: RecordedExchange, record: Record) -> None:
        output.write(line_of({"n": exchange.number, **record}))

    return TapeRecords(hand_on)


def _milliseconds(exchange: RecordedExchange, at: float | None) -> str:
    return f"{((monotonic() if at is None else at) - exchange.began) * 1000:,.0f} ms"
