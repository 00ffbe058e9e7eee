"""The archive has every field that HAR 1.2 requires, adds up, and holds no key."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.wire.tapes import CANARY, recorded
from tui_chat.tape_file import TapeConnection, TapeFile
from tui_chat.wire.exports.har import har
from tui_chat.wire.tape.snapshot import masked_tape

NUMBER = (int, float)
PAIR = {"name": str, "value": str}
ENTRY = {
    "startedDateTime": str,
    "time": NUMBER,
    "request": {
        "method": str,
        "url": str,
        "httpVersion": str,
        "cookies": [PAIR],
        "headers": [PAIR],
        "queryString": [PAIR],
        "headersSize": int,
        "bodySize": int,
    },
    "response": {
        "status": int,
        "statusText": str,
        "httpVersion": str,
        "cookies": [PAIR],
        "headers": [PAIR],
        "content": {"size": int, "mimeType": str},
        "redirectURL": str,
        "headersSize": int,
        "bodySize": int,
    },
    "cache": {},
    "timings": {"send": NUMBER, "wait": NUMBER, "receive": NUMBER},
}
"""The required fields of the specification and their types."""
SCHEMA = {"log": {"version": str, "creator": {"name": str, "version": str}, "entries": [ENTRY]}}


def check(value: Any, schema: Any, place: str = "har") -> None:
    match schema:
        case dict():
            assert isinstance(value, dict), place
            for name, inner in schema.items():
                assert name in value, f"{place}.{name}"
                check(value[name], inner, f"{place}.{name}")
        case list():
            assert isinstance(value, list), place
            for index, each in enumerate(value):
                check(each, schema[0], f"{place}[{index}]")
        case _:
            assert isinstance(value, schema), place
            assert not isinstance(value, bool), place


@pytest.mark.parametrize("options", ["", "fault=cut&after=9", "fault=429&retry=0", "fault=no-answer", "fault=html"])
@pytest.mark.parametrize("api", ["openai-chat", "gemini"])
async def test_an_archive_is_whole_and_holds_no_key(options: str, api: str) -> None:
    exchange, _ = await recorded(options, api)
    archive = json.loads(json.dumps(har([masked_tape(exchange)])))
    check(archive, SCHEMA)
    assert CANARY not in json.dumps(archive, ensure_ascii=False)
    (entry,) = archive["log"]["entries"]
    assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo is not None
    timings = {name: value for name, value in entry["timings"].items() if name != "ssl"}
    assert entry["time"] == pytest.approx(sum(value for value in timings.values() if value >= 0))
    assert all(value >= 0 or value == -1 for value in entry["timings"].values())
    assert entry["request"]["postData"]["mimeType"] == "application/json"
    content = entry["response"]["content"]
    if exchange.status is not None:
        assert content["text"].encode() == b"".join(data for _, data in exchange.pieces())
        assert sum(size for _, size in content["_pieces"]) == content["size"]
    else:
        assert entry["response"]["status"] == 0


def test_the_phases_are_those_of_the_tape() -> None:
    tape = TapeFile(datetime(2026, 11, 29, tzinfo=UTC), "GET", "https://host/v1?a=b&c=")
    tape.status, tape.responded, tape.ended, tape.how = 200, 0.5, 2.0, "end"
    tape.connection = TapeConnection(sent=0.1, dns=0.01, connect=0.02, tls=0.03)
    tape.pieces = [(0.5, b"\xff\xfe"), (1.5, b"x")]
    tape.response_headers = (("Location", "/there"), ("Content-Type", "image/png"))
    (entry,) = har([tape])["log"]["entries"]
    assert entry["timings"] == {
        "blocked": 40.0,
        "dns": 10.0,
        "connect": 50.0,
        "ssl": 30.0,
        "send": 0.0,
        "wait": 400.0,
        "receive": 1500.0,
    }
    assert entry["time"] == 2000.0
    assert entry["request"]["queryString"] == [{"name": "a", "value": "b"}, {"name": "c", "value": ""}]
    assert entry["response"]["content"] == {
        "size": 3,
        "mimeType": "image/png",
        "text": "//54",
        "encoding": "base64",
        "_pieces": [[0.0, 2], [1000.0, 1]],
    }
    assert entry["response"]["redirectURL"] == "/there"


@pytest.mark.parametrize(
    ("proxy", "comment"), [("", "end"), ("http://proxy:3128", "end; through the proxy http://proxy:3128")]
)
def test_an_entry_says_how_it_ended_and_through_which_proxy(proxy: str, comment: str) -> None:
    tape = TapeFile(datetime(2026, 11, 29, tzinfo=UTC), "GET", "https://host/v1")
    tape.status, tape.responded, tape.ended, tape.how = 200, 0.5, 2.0, "end"
    tape.connection = TapeConnection(proxy=proxy)
    (entry,) = har([tape])["log"]["entries"]
    assert entry["comment"] == comment
