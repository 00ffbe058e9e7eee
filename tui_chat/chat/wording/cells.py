"""Text laid out in columns of a terminal, where Chinese letters and emoji are two cells wide."""

from __future__ import annotations

from unicodedata import category, east_asian_width


def cell_width(text: str) -> int:
    """The number of cells that a line without control characters takes in a terminal."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(letter: str) -> int:
    if category(letter) in {"Mn", "Me", "Cf"}:
        return 0  # drawn over the letter before it
    return 2 if east_asian_width(letter) in {"W", "F"} else 1


def fitted(text: str, width: int) -> str:
    """Return a text in exactly `width` cells: filled up with blanks, or cut off with an ellipsis."""
    over = cell_width(text) - width
    if over <= 0:
        return text + " " * -over
    if width <= 0:
        return ""
    taken, room = 0, width - 1
    for at, letter in enumerate(text):
        if taken + _cells_of(letter) > room:
            text = text[:at]
            break
        taken += _cells_of(letter)
    return f"{text}…{' ' * (room - taken)}"
