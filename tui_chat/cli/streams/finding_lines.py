"""Findings of the doctor as lines: on a terminal as wide as it is and in colours, elsewhere one line each."""

from __future__ import annotations

import shutil
import sys
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.cli.paging import takes_colours

if TYPE_CHECKING:
    from tui_chat.wire.doctor.findings import Finding

SIGNS: Final = {"ok": "✓", "warn": "!", "fail": "✗", "skipped": "·"}
_SIDES: Final = {
    "you": "On your side.",
    "network": "On the side of the network.",
    "proxy": "On the side of a proxy.",
    "server": "On the side of the server.",
    "model": "On the side of the model.",
}
_COLOURS: Final = {"ok": "32", "warn": "33", "fail": "1;31", "skipped": "2"}
_NAME: Final = 12
"""Cells for the name of a check."""
_NARROW: Final = 50
"""Cells of a terminal below which the text of a finding stands below its name."""
_WIDEST: Final = 100


def terminal_width() -> int | None:
    """The cells of a line on standard output; `None`: it is no terminal, and lines may have any length."""
    return min(_WIDEST, shutil.get_terminal_size().columns) if sys.stdout is not None and sys.stdout.isatty() else None


def lines(finding: Finding, width: int | None = None, *, colours: bool = False) -> str:
    """A finding for a person: what was found, in brackets the number of the tape behind it, and below it whose it is
    and what to do. `width`: cells of a line; `None`: any number."""
    number = "" if finding.tape is None else f" [{finding.tape}]"
    side = _SIDES[finding.side] if finding.side is not None else ""
    advice = " ".join(filter(None, [side, clean_line(finding.advice)]))
    name = f"{SIGNS[finding.verdict]} {finding.check:<{_NAME}}"
    below = width is not None and width < _NARROW
    indent = 2 if below else len(name) + 1
    rows = [
        " " * indent + row
        for text in (f"{clean_line(finding.text)}{number}", advice)
        for row in wrapped(text, None if width is None else width - indent)
    ]
    first = [name.rstrip()] if below else [f"{name} {rows.pop(0).lstrip()}"]
    if colours:
        first[0] = f"\x1b[{_COLOURS[finding.verdict]}m{first[0][: len(name)]}\x1b[0m{first[0][len(name) :]}"
    return "".join(f"{row}\n" for row in (*first, *rows))


def wrapped(text: str, width: int | None) -> list[str]:
    """A line as lines that end between words; none for an empty text."""
    if width is None:
        return [text] if text else []
    return wrap(text, max(8, width), break_on_hyphens=False)


def printed(finding: Finding) -> str:
    """A finding as standard output takes it."""
    return lines(finding, terminal_width(), colours=takes_colours())
