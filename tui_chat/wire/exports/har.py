"""Write recorded exchanges as an HTTP archive (HAR 1.2), which browsers' network panels and mitmproxy read."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tui_chat import __version__
from tui_chat.wire.exports.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.tape_file import Headers, TapeFile


def har(tapes: Iterable[TapeFile]) -> dict[str, Any]:
    """Return the archive of some exchanges, ready to be written as JSON. The times of the pieces of each response are
    in the field `_pieces` of its content: milliseconds since the response's headers, and bytes."""
    entries = [_entry(redacted(tape)) for tape in tapes]
    creator = {"name": "tui-chat", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "entries": entries}}


def _entry(tape: TapeFile) -> dict[str, Any]:
    timings = _timings(tape)
    entry = {
        "startedDateTime": tape.at.isoformat(timespec="milliseconds"),
        "time": sum(value for name, value in timings.items() if value >= 0 and name != "ssl"),
        "request": _request(tape),
        "response": _response(tape),
        "cache": {},
        "timings": timings,
    }
    notes = [f"{tape.how}: {tape.why}" if tape.why else tape.how or "the recording was interrupted"]
    if tape.connection.proxy:
        notes.append(f"through the proxy {tape.connection.proxy}")
    if tape.dropped_bytes:
        notes.append(f"the first {tape.dropped_bytes} bytes of the body were forgotten")
    return entry | {"comment": "; ".join(notes)}


def _request(tape: TapeFile) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": tape.method,
        "url": tape.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(tape.headers),
        "queryString": _pairs(parse_qsl(urlsplit(tape.url).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(tape.body.encode("utf-8", "surrogatepass")),
    }
    if tape.body:
        request["postData"] = {"mimeType": _value(tape.headers, "content-type"), "text": tape.body, "params": []}
    return request


def _response(tape: TapeFile) -> dict[str, Any]:
    body = b"".join(data for _, data in tape.pieces)
    content: dict[str, Any] = {
        "size": len(body),
        "mimeType": _value(tape.response_headers, "content-type") or "x-unknown",
    }
    try:
        content["text"] = body.decode("utf-8")
    except UnicodeDecodeError:
        content |= {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}
    began = tape.responded or 0.0
    content["_pieces"] = [[_milliseconds(at - began), len(data)] for at, data in tape.pieces]
    status = tape.status or 0  # as browsers write a request without a response
    return {
        "status": status,
        "statusText": HTTPStatus(status).phrase if status in set(HTTPStatus) else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(tape.response_headers),
        "content": content,
        "redirectURL": _value(tape.response_headers, "location"),
        "headersSize": -1,
        "bodySize": -1,
    }


def _timings(tape: TapeFile) -> dict[str, float]:
    """The phases of the exchange in milliseconds; -1: it does not apply or is unknown. `connect` includes `ssl`.
    Preparing the request and sending it are not told apart: `blocked` is both."""
    facts = tape.connection
    last = tape.pieces[-1][0] if tape.pieces else 0.0
    ended = tape.ended if tape.ended is not None else last
    responded = ended if tape.responded is None else tape.responded
    sent = min(facts.sent or 0.0, responded)
    connect = None if facts.connect is None else facts.connect + (facts.tls or 0.0)
    opening = (facts.dns or 0.0) + (connect or 0.0)
    return {
        "blocked": _milliseconds(sent - opening),
        "dns": -1 if facts.dns is None else _milliseconds(facts.dns),
        "connect": -1 if connect is None else _milliseconds(connect),
        "ssl": -1 if facts.tls is None else _milliseconds(facts.tls),
        "send": 0.0,
        "wait": _milliseconds(responded - sent),
        "receive": _milliseconds(ended - responded),
    }


def _pairs(headers: Headers | list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _value(headers: Headers, name: str) -> str:
    return next((value for each, value in headers if each.lower() == name), "")


def _milliseconds(seconds: float) -> float:
    return round(max(0.0, seconds) * 1000, 3)
