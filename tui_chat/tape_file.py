"""The file format of a tape: one request and its response as they went over the wire, with times.

A tape is a text file of JSON lines in UTF-8. The first line is the request, with `"tape": 1`, the version of the
format. Then come the head of the response, pieces of its body in the order in which they arrived, and the end:

    {"tape": 1, "program": "tui-chat 0.1.0", "at": "2026-11-29T23:40:01.123456+00:00", "method": "POST",
     "url": "https://…", "headers": [["Accept", "text/event-stream"], …], "body": "{…}"}
    {"t": 212345, "status": 200, "headers": [["content-type", "text/event-stream"], …],
     "connection": {"reused": false, "sent": 1203, "proxy": "", "dns": 310, "connect": 402, "tls": 9120}}
    {"t": 301002, "data": "data: {…}\\n\\n"}
    {"t": 318440, "base64": "4pY="}
    {"t": 3313120, "end": "end", "why": ""}

`t` and `sent` are microseconds since the request was begun, on a clock that never jumps. `dns`, `connect` and `tls` are
how many microseconds the steps of opening the connection took; they are missing for a reused connection and where they
are unknown. A piece that is not UTF-8 by itself, because the network cut a character, is written in Base64. Bodies are
written unpacked, whatever their coding was. Secrets are masked. A line `{"t": …, "dropped": 1200, "pieces": 80}` stands
for the bytes at the body's beginning that were forgotten to save memory. A file without its last lines, or with a torn
last line, is a tape whose recording was interrupted. Readers ignore fields they do not know.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.regular_files import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

SUFFIX: Final = ".tape"
VERSION: Final = 1
LARGEST: Final = 2**28
"""The largest tape that is read, in bytes."""

Headers = tuple[tuple[str, str], ...]

_CONNECTION_TIMES: Final = ("sent", "dns", "connect", "tls")


class TapeError(Exception):
    """A file is not a tape. The text is a clause that says why."""


@dataclass(frozen=True, slots=True)
class TapeConnection:
    """The connection of a recorded request. Times are seconds; `None`: unknown, or the connection was reused."""

    reused: bool = False
    """Whether the connection had been open before."""
    proxy: str = ""
    """The proxy's URL without its password; empty: none."""
    sent: float | None = None
    """Seconds from the beginning of the request until its last byte was sent."""
    dns: float | None = None
    """Seconds for looking up the host's name."""
    connect: float | None = None
    """Seconds for opening the TCP connection."""
    tls: float | None = None
    """Seconds for the TLS handshake."""


@dataclass(slots=True)
class TapeFile:
    """The contents of a tape. Times are seconds since the request was begun."""

    at: datetime
    method: str
    url: str
    headers: Headers = ()
    body: str = ""
    status: int | None = None
    """`None`: there was no response."""
    response_headers: Headers = ()
    responded: float | None = None
    connection: TapeConnection = TapeConnection()
    dropped_bytes: int = 0
    """Bytes at the body's beginning that were forgotten."""
    dropped_pieces: int = 0
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    """The time at which each piece of the response's body arrived, and its bytes."""
    ended: float | None = None
    """`None`: the recording was interrupted."""
    how: str = ""
    """The way it ended: `end`, `stopped`, `lost` or `failed`; empty: the recording was interrupted."""
    why: str = ""


Record = dict[str, object]
"""One line of a tape."""


def request_record(program: str, at: datetime, method: str, url: str, headers: Headers, body: str) -> Record:
    """The record of a request: what was sent, and when it was begun."""
    return {"tape": VERSION, "program": program, "at": at.isoformat(), "method": method, "url": url} | {
        "headers": headers,
        "body": body,
    }


def response_record(seconds: float, status: int, headers: Headers, connection: TapeConnection) -> Record:
    """The record of a response's status and headers."""
    facts: Record = {"reused": connection.reused, "proxy": connection.proxy}
    for name in _CONNECTION_TIMES:
        if (value := getattr(connection, name)) is not None:
            facts[name] = _microseconds(value)
    return {"t": _microseconds(seconds), "status": status, "headers": headers, "connection": facts}


def piece_record(seconds: float, data: bytes) -> Record:
    """The record of a piece of the body and when it arrived."""
    try:
        return {"t": _microseconds(seconds), "data": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"t": _microseconds(seconds), "base64": base64.b64encode(data).decode("ascii")}


def dropped_record(seconds: float, size: int, pieces: int) -> Record:
    """The record of the pieces at the body's beginning that were forgotten: their bytes and their number."""
    return {"t": _microseconds(seconds), "dropped": size, "pieces": pieces}


def end_record(seconds: float, how: str, why: str) -> Record:
    """The record of an exchange's end: `how` is `end`, `stopped`, `lost` or `failed`, `why` a clause."""
    return {"t": _microseconds(seconds), "end": how, "why": why}


def line_of(record: Record) -> str:
    """A record as it stands in the file, with its line end."""
    return json.dumps(record, ensure_ascii=False, separators=(", ", ": ")) + "\n"


def read_tape(path: Path) -> TapeFile:
    """Read a tape. Raises `OSError`, and `TapeError` for a file that is none."""
    lines = read_bytes(path, LARGEST).split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    records: list[Mapping[str, Any] | None] = [_parsed(line) for line in lines]
    if len(records) > 1 and records[-1] is None:
        records.pop()  # torn when the recording was interrupted
    return tape_of(records)


def read_given_tape(path: Path, command: str) -> TapeFile:
    """Read a tape that a person gave to a command. Raises `SetupError`, whose sentence begins with `command`, such as
    `replay:`."""
    try:
        return read_tape(path)
    except TapeError as error:
        raise SetupError(f"{command} {path}: {error}.") from error
    except OSError as error:
        raise SetupError(f"{command} {path} cannot be read ({error.strerror or error}).") from error


def model_in(body: str | bytes) -> str:
    """Return the model that the JSON body of a request names; empty if it names none."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    model = asked.get("model") if isinstance(asked, dict) else None
    return model if isinstance(model, str) else ""


def tape_of(records: Sequence[Mapping[str, Any] | None]) -> TapeFile:
    """Return the tape that these records make; `None` stands for a line that is none. Raises `TapeError`."""
    first = records[0] if records else None
    version = first.get("tape") if first is not None else None
    if first is None or not isinstance(version, int) or isinstance(version, bool):
        raise TapeError("its first line is not that of a tape")
    if version != VERSION:
        raise TapeError(f"it has version {version} of the format, and this program reads version {VERSION}")
    tape = TapeFile(_time(first.get("at")), _text(first, "method") or "POST", _text(first, "url"))
    tape.headers, tape.body = _headers(first.get("headers")), _text(first, "body")
    for number, value in enumerate(records[1:], start=2):
        if value is None:
            raise TapeError(f"line {number} is not a JSON object")
        _take(tape, value, number)
    return tape


def _take(tape: TapeFile, value: Mapping[str, Any], number: int) -> None:
    time = value.get("t")
    if isinstance(time, bool) or not isinstance(time, int) or not 0 <= time < 2**53:
        raise TapeError(f"line {number} has no time")
    seconds = time / 1_000_000
    if "status" in value:
        status = value["status"]
        if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
            raise TapeError(f"line {number} has no HTTP status")
        tape.status, tape.response_headers, tape.responded = status, _headers(value.get("headers")), seconds
        tape.connection = _connection(value.get("connection"))
    elif "dropped" in value:
        tape.dropped_bytes, tape.dropped_pieces = _whole(value["dropped"]), _whole(value.get("pieces"))
    elif "end" in value:
        tape.ended, tape.how, tape.why = seconds, _text(value, "end"), _text(value, "why")
    elif isinstance(value.get("data"), str):
        tape.pieces.append((seconds, value["data"].encode("utf-8", "surrogatepass")))
    elif isinstance(value.get("base64"), str):
        try:
            tape.pieces.append((seconds, base64.b64decode(value["base64"], validate=True)))
        except ValueError as error:
            raise TapeError(f"line {number} holds no Base64") from error


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _connection(value: object) -> TapeConnection:
    if not isinstance(value, dict):
        return TapeConnection()
    times = {name: _whole(value[name]) / 1_000_000 for name in _CONNECTION_TIMES if name in value}
    return TapeConnection(value.get("reused") is True, _text(value, "proxy"), **times)


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else 0


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    return text if isinstance(text, str) else ""


def _headers(value: object) -> Headers:
    if not isinstance(value, list | tuple):
        return ()
    pairs: Iterable[object] = value
    return tuple(
        (pair[0], pair[1])
        for pair in pairs
        if isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
    )


def _time(value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _microseconds(seconds: float) -> int:
    return max(0, round(seconds * 1_000_000))
