"""Copies of recorded exchanges with secrets masked, and back: what exports, reports and verdicts work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.tape_file import TapeFile, dropped_record, tape_of
from tui_chat.wire.tape.records import TapeRecords
from tui_chat.wire.tape.tape import NO_SECRETS, ConnectionFacts, RecordedExchange

if TYPE_CHECKING:
    from tui_chat.tape_file import Record
    from tui_chat.wire.tape.tape import EndKind

_ENDS: dict[str, EndKind] = {"end": "end", "stopped": "stopped", "lost": "lost", "failed": "failed"}


def records_of(exchange: RecordedExchange) -> list[Record]:
    """Return the lines of a tape file for an exchange so far, secrets masked. Call it in the event loop, where nothing
    is added meanwhile; what it returns may be used in any thread."""
    records: list[Record] = []
    listener = TapeRecords(lambda _, record: records.append(record))
    listener.began(exchange)
    if exchange.responded is not None:
        listener.responded(exchange)
        if exchange.dropped_pieces:
            at = exchange.responded - exchange.began
            records.append(dropped_record(at, exchange.dropped_bytes, exchange.dropped_pieces))
        for at, data in exchange.pieces():
            listener.received(exchange, at, data)
    if exchange.ended is not None:
        listener.ended(exchange)
    return records


def masked_tape(exchange: RecordedExchange) -> TapeFile:
    """Return an exchange so far as a tape, secrets masked. Call it in the event loop."""
    return tape_of(records_of(exchange))


def exchange_of(tape: TapeFile) -> RecordedExchange:
    """Return the exchange that a tape holds, with times that begin at 0."""
    facts = tape.connection
    exchange = RecordedExchange(
        1, tape.at, 0.0, tape.method, tape.url, tape.headers, tape.body.encode("utf-8", "surrogatepass"), NO_SECRETS
    )
    exchange.status, exchange.response_headers, exchange.responded = tape.status, tape.response_headers, tape.responded
    exchange.connection = ConnectionFacts(facts.reused, facts.sent, facts.proxy, facts.dns, facts.connect, facts.tls)
    exchange.ended, exchange.how, exchange.why = tape.ended, _ENDS.get(tape.how), tape.why
    exchange.dropped_bytes, exchange.dropped_pieces = tape.dropped_bytes, tape.dropped_pieces
    for at, data in tape.pieces:
        exchange.add(at, data)
    return exchange
