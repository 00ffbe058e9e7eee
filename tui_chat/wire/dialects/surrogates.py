r"""Rejoin characters that a server split in two.

Servers that count in UTF-16 units may send an emoji as `"\ud83d"` in one event and `"\ude80"` in the next; each half is
valid JSON but not a character.
"""

from __future__ import annotations


def joined(text: str) -> str:
    """The text with its split characters rejoined."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


class SurrogateJoiner:
    """Keep the first half of a split character until the second one arrives; each growing text needs its own object."""

    def __init__(self) -> None:
        self.half = ""
        """The kept first half."""

    def join(self, text: str) -> str:
        """Return the kept half followed by `text`, without a first half at its end; may be empty."""
        if not self.half and not "\ud800" <= text[-1:] <= "\udbff":  # the usual case; an empty text compares as smaller
            return text
        text = joined(self.half + text)
        self.half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return text[: len(text) - len(self.half)]

    def rest(self) -> str:
        """Return the remaining half unchanged."""
        half, self.half = self.half, ""
        return half
