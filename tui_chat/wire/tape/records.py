"""Turn what comes onto a tape into the records of a tape file, with secrets masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat import __version__
from tui_chat.tape_file import TapeConnection, end_record, piece_record, request_record, response_record
from tui_chat.wire.tape.masking import StreamMask

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.tape_file import Record
    from tui_chat.wire.tape.tape import RecordedExchange

PROGRAM = f"tui-chat {__version__}"


class TapeRecords:
    """A listener of a `Tape` that hands on a record for each line of a tape file."""

    def __init__(self, hand_on: Callable[[RecordedExchange, Record], None]) -> None:
        self._hand_on = hand_on
        self._masks: dict[int, StreamMask] = {}

    def began(self, exchange: RecordedExchange) -> None:
        """Make the record of a request."""
        masked = exchange.secrets.masked
        headers = tuple((name, masked(value)) for name, value in exchange.headers)
        body = masked(exchange.body.decode("utf-8", "replace"))
        self._hand_on(
            exchange, request_record(PROGRAM, exchange.at, exchange.method, masked(exchange.url), headers, body)
        )

    def responded(self, exchange: RecordedExchange) -> None:
        """Make the record of a response's head."""
        masked = exchange.secrets.masked
        self._masks[exchange.number] = StreamMask(exchange.secrets)
        connection = exchange.connection
        facts = TapeConnection(
            connection.reused,
            masked(connection.proxy),
            None if connection.sent is None else connection.sent - exchange.began,
            connection.dns,
            connection.connect,
            connection.tls,
        )
        headers = tuple((name, masked(value)) for name, value in exchange.response_headers)
        at = (exchange.responded or exchange.began) - exchange.began
        self._hand_on(exchange, response_record(at, exchange.status or 0, headers, facts))

    def received(self, exchange: RecordedExchange, at: float, data: bytes) -> None:
        """Hand on a piece of the body; what may be the beginning of a secret waits for the next one."""
        if shown := self._masks[exchange.number].feed(data):
            self._hand_on(exchange, piece_record(at - exchange.began, shown))

    def ended(self, exchange: RecordedExchange) -> None:
        """Make the record of the end."""
        at = (exchange.ended or exchange.began) - exchange.began
        mask = self._masks.pop(exchange.number, None)
        if mask is not None and (shown := mask.close()):
            self._hand_on(exchange, piece_record(at, shown))
        self._hand_on(exchange, end_record(at, exchange.how or "", exchange.secrets.masked(exchange.why)))
