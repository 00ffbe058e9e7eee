"""The table of frames has a row for each, and no cell that a spreadsheet would calculate."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

from tests.wire.tapes import CANARY, recorded
from tui_chat.chat.events import TextDelta
from tui_chat.tape_file import TapeFile
from tui_chat.wire.exports.frames_csv import COLUMNS, frames_csv
from tui_chat.wire.tape.snapshot import masked_tape


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


async def test_each_frame_is_a_row() -> None:
    exchange, understood = await recorded("rate=200")
    text = frames_csv(masked_tape(exchange))
    assert CANARY not in text
    found = rows(text)
    assert tuple(found[0]) == COLUMNS
    assert "".join(row["text"] for row in found) == "".join(
        event.text for event in understood if isinstance(event, TextDelta)
    )
    assert found[-1]["data"] == "[DONE]"
    assert sum(int(row["bytes"]) for row in found) == exchange.size
    times = [float(row["time_ms"]) for row in found]
    assert times == sorted(times)
    assert "finished" in " ".join(row["means"] for row in found)


def test_text_that_looks_like_a_formula_is_no_formula() -> None:
    tape = TapeFile(datetime(2026, 11, 29, tzinfo=UTC), "POST", "http://host/v1/chat/completions")
    tape.status, tape.responded, tape.how = 200, 0.1, "end"
    tape.response_headers = (("content-type", "text/event-stream"),)
    tape.pieces = [(0.2, b': =HYPERLINK("http://x")\n\ndata: {"choices":[{"delta":{"content":"=1+1"}}]}\n\n')]
    found = rows(frames_csv(tape))
    assert [row["data"][:2] for row in found] == ["'=", '{"']
    assert found[1]["text"] == "'=1+1"
