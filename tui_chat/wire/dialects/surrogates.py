"""Characters that a server cut in two.

Servers that count in UTF-16 units may send an emoji as `"\\ud83d"` in one event and `"\\ude80"` in the next; each half
is valid JSON and no character.
"""

from __future__ import annotations


def joined(text: str) -> str:
    """The text with its cut characters put together."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


class SurrogateJoiner:
    """Holds the first half of a cut character back until the second one comes. One for each text that grows."""

    def __init__(self) -> None:
        self.half = ""
        """What is held."""

    def join(self, text: str) -> str:
        """`text` after what was held, without a first half at its end; may be empty."""
        if not self.half and not "\ud800" <= text[-1:] <= "\udbff":  # nearly always; an empty text sorts before a half
            return text
        text = joined(self.half + text)
        self.half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return text[: len(text) - len(self.half)]

    def rest(self) -> str:
        """The half that was left over, exactly as it came."""
        half, self.half = self.half, ""
        return half
