"""Write the frames of a recorded response as CSV, for a spreadsheet."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import ReasoningDelta, RefusalDelta, TextDelta
from tui_chat.wire.exports.redaction import redacted
from tui_chat.wire.tape.frames import read_reply

if TYPE_CHECKING:
    from tui_chat.chat.events import ChatEvent
    from tui_chat.tape_file import TapeFile

COLUMNS: Final = ("number", "time_ms", "gap_ms", "kind", "event", "bytes", "means", "text", "data")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""The beginnings of cells that a spreadsheet would calculate."""


def frames_csv(tape: TapeFile) -> str:
    """Return a table with a row for each frame. Times are milliseconds since the request; `means` names the events of
    the frame, `text` is the reply's text in it, `data` what the server wrote. A cell that a spreadsheet would take for
    a formula gets an apostrophe before it."""
    table = StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for frame in read_reply(redacted(tape)).frames:
        text = "".join(
            event.text for event in frame.events if isinstance(event, TextDelta | ReasoningDelta | RefusalDelta)
        )
        means = " ".join(dict.fromkeys(event_name(event) for event in frame.events))
        facts = (frame.number, f"{frame.at * 1000:.3f}", f"{frame.gap * 1000:.3f}", frame.kind)
        writer.writerow([*facts, _cell(frame.event), len(frame.raw), means, _cell(text), _cell(frame.data)])
    return table.getvalue()


def event_name(event: ChatEvent) -> str:
    """Return what an event is called: `text-delta`, `usage-report`, `finished`."""
    name = type(event).__name__
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in name).lstrip("-")


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
