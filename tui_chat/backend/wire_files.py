"""Write a recorded exchange to a file: as a tape, a report, HAR, CSV, or a curl command."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from tui_chat.regular_files import open_regular
from tui_chat.tape_file import SUFFIX, line_of, tape_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui_chat.chat.inspection.wire_ports import SaveFormat
    from tui_chat.tape_file import Record

_SUFFIXES: Final[dict[SaveFormat, str]] = {
    "tape": SUFFIX,
    "report": ".html",
    "bare report": ".html",
    "har": ".har",
    "csv": ".csv",
    "curl": ".sh",
}
_MOST_NAMES: Final = 1000
"""Names that are tried for one file."""


def write_exchange(records: Sequence[Record], form: SaveFormat, folder: Path, name: str) -> Path:
    """Write the records of an exchange into a new file in a folder, and return it. Raises `OSError`."""
    data = _text(records, form).encode("utf-8", "backslashreplace")
    suffix = _SUFFIXES[form]
    for number in range(1, _MOST_NAMES + 1):
        path = folder / f"{name}{f'-{number}' if number > 1 else ''}{suffix}"
        try:
            descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, links=False)
        except FileExistsError:
            if number == _MOST_NAMES:
                raise
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        break
    return path


def _text(records: Sequence[Record], form: SaveFormat) -> str:
    if form == "tape":
        return "".join(line_of(record) for record in records)
    tape = tape_of(records)
    if form in {"report", "bare report"}:
        from tui_chat.wire.exports.environment import this_environment
        from tui_chat.wire.exports.report import report

        return report(tape, this_environment(), text=form == "report")
    if form == "har":
        from tui_chat.wire.exports.har import har

        return json.dumps(har([tape]), ensure_ascii=False, indent=1) + "\n"
    if form == "csv":
        from tui_chat.wire.exports.frames_csv import frames_csv

        return frames_csv(tape)
    from tui_chat.wire.exports.curl import curl_command

    return curl_command(tape)
