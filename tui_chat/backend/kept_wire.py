"""The `Wire` of the screen: what a tape keeps, with secrets masked."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.inspection.wire_ports import WireExchange
from tui_chat.chat.secrets import MASK
from tui_chat.wire.inspection.frame_log import RecordedFrames

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tui_chat.backend.recording import RunRecording
    from tui_chat.chat.inspection.wire_ports import Headers, SaveFormat
    from tui_chat.chat.secrets import Secrets
    from tui_chat.wire.tape.tape import RecordedExchange

_SHOWN_END: Final = 4
"""The number of characters at the end of a key that are shown, so that keys can be told apart."""
_MODEL: Final = re.compile(rb'"model"[ \n]{0,4}:[ \n]{0,4}"([^"\\]{1,100})"')
_LOOKED_AT: Final = 1024
"""Bytes at both ends of a request's body in which its model is looked for."""
_LONG_KEY: Final = 20
"""Characters of a key from which its end is shown."""


class KeptWire:
    """Reads the tape of a run. Frames of one response are decoded once, and forgotten when those of another are asked
    for."""

    def __init__(self, recording: RunRecording) -> None:
        self._recording = recording
        self._frames: tuple[int, RecordedFrames] | None = None
        self._ended: dict[int, WireExchange] = {}
        """Exchanges that do not change any more, by number."""

    @property
    def kept(self) -> bool:
        """Whether anything is kept."""
        return self._recording.memory > 0

    def watch(self, *, watching: bool) -> None:
        """Set whether a person is looking; while one is, the times of new responses are exact."""
        tape = self._recording.tape
        if tape is not None:
            tape.exact = watching or self._recording.records

    def exchanges(self) -> Sequence[WireExchange]:
        """All that are kept, oldest first."""
        tape = self._recording.tape
        if tape is None or not self.kept:
            return ()
        if len(self._ended) > 2 * len(tape.exchanges):
            self._ended.clear()
        return [self._shown(exchange) for exchange in tape.exchanges]

    def request(self, number: int) -> tuple[Headers, str]:
        """The headers and the body of a request, with secrets masked."""
        exchange = self._exchange(number)
        body = exchange.secrets.masked(exchange.body.decode("utf-8", "replace"))
        return masked_headers(exchange.headers, exchange.secrets), body

    def response_headers(self, number: int) -> Headers:
        """The headers of a response, with secrets masked."""
        exchange = self._exchange(number)
        return masked_headers(exchange.response_headers, exchange.secrets)

    def frames(self, number: int) -> RecordedFrames:
        """The frames of a response."""
        if self._frames is None or self._frames[0] != number:
            self._frames = number, RecordedFrames(self._exchange(number))
        return self._frames[1]

    def curl(self, number: int) -> str:
        """A shell command that sends the request again, with the key in a variable."""
        from tui_chat.wire.exports.curl import curl_command
        from tui_chat.wire.tape.snapshot import masked_tape

        return curl_command(masked_tape(self._exchange(number)))

    async def save(self, number: int, form: SaveFormat, folder: Path) -> Path:
        """Write a request and its response so far into a new file in a folder, and return the file. Raises
        `OSError`."""
        from tui_chat.backend.wire_files import write_exchange
        from tui_chat.wire.tape.snapshot import records_of

        exchange = self._exchange(number)
        records = records_of(exchange)
        name = f"wire-{exchange.at:%Y%m%d-%H%M%S}-{exchange.number:03}"
        return await asyncio.to_thread(write_exchange, records, form, folder, name)

    def _exchange(self, number: int) -> RecordedExchange:
        """The exchange with this number. Raises `LookupError` if it is no longer kept."""
        tape = self._recording.tape
        found = () if tape is None else tape.exchanges
        for exchange in found:
            if exchange.number == number:
                return exchange
        raise LookupError(number)

    def _shown(self, exchange: RecordedExchange) -> WireExchange:
        known = self._ended.get(exchange.number)
        if known is not None and known.dropped == exchange.dropped_bytes:
            return known
        masked, connection = exchange.secrets.masked, exchange.connection
        shown = WireExchange(
            exchange.number,
            exchange.question,
            exchange.attempt,
            exchange.at,
            exchange.began,
            exchange.method,
            masked(exchange.url),
            exchange.status,
            exchange.responded,
            next((at for at, _ in exchange.pieces()), None),
            exchange.ended,
            exchange.how or "",
            masked(exchange.why),
            exchange.size,
            exchange.dropped_bytes,
            exchange.exact,
            connection.reused,
            connection.sent,
            masked(connection.proxy),
            connection.dns,
            connection.connect,
            connection.tls,
            masked(next((value for name, value in exchange.response_headers if name.lower() == "content-type"), "")),
            masked(_model_in(exchange.body)),
        )
        if exchange.ended is not None:
            self._ended[exchange.number] = shown
        return shown


def _model_in(body: bytes) -> str:
    """The model that the beginning or the end of a request's JSON names; it is not decoded, for it may be long."""
    for part in (body[:_LOOKED_AT], body[-_LOOKED_AT:]):
        if found := _MODEL.search(part):
            return clean_line(found[1].decode("utf-8", "replace"))
    return ""


def masked_headers(headers: Iterable[tuple[str, str]], secrets: Secrets) -> Headers:
    """Headers with secrets masked; of a long key that is a whole value, or all but its scheme, the end is shown."""
    return tuple((name, _masked_value(value, secrets)) for name, value in headers)


def _masked_value(value: str, secrets: Secrets) -> str:
    scheme, _, key = value.rpartition(" ")
    if key in secrets.values and len(key) >= _LONG_KEY and " " not in scheme:
        return f"{scheme} {MASK}{key[-_SHOWN_END:]}".lstrip()
    return secrets.masked(value)
