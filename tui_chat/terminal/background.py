"""Asks the terminal for its background colour, and reads its answer."""

from __future__ import annotations

import re
from typing import Final

from textual.message import Message

QUERY: Final = "\x1b]11;?\x1b\\"
"""Asks for the colour (xterm's control sequences, OSC 11); a terminal that does not know it says nothing."""

_ANSWER: Final = re.compile(
    r"\x1b\]11;(?:rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})|#([0-9a-f]{6}))", re.IGNORECASE
)
_WEIGHTS: Final = (0.299, 0.587, 0.114)
"""The share of red, green and blue in the brightness that is seen (ITU-R BT.601)."""


class BackgroundReported(Message):
    """The terminal has told its background colour."""

    def __init__(self, *, dark: bool) -> None:
        super().__init__()
        self.dark = dark


def reported_background(answer: str) -> BackgroundReported | None:
    """Read a string from the terminal, without its end, as an answer about the background; `None` if it is none."""
    if (found := _ANSWER.match(answer)) is None:
        return None
    *parts, whole = found.groups()
    levels = [whole[at : at + 2] for at in (0, 2, 4)] if whole else parts
    brightness = sum(
        weight * int(level, 16) / (16 ** len(level) - 1) for weight, level in zip(_WEIGHTS, levels, strict=True)
    )
    return BackgroundReported(dark=brightness < 0.5)
