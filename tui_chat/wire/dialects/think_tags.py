"""Separate `<think>…</think>` at the very start of a text, which many servers leave in a reasoning model's reply."""

from __future__ import annotations

from typing import Final, Literal

_OPENING: Final = "<think>"
_CLOSING: Final = "</think>"


class ThinkTags:
    """Split the text of one reply into reasoning and answer, however it is cut.

    Only a tag at the start of the reply counts (white space may precede it); tags in mid-answer are text about tags.
    White space between a tag and text belongs to the markup and is removed.
    """

    def __init__(self) -> None:
        self.settled = False
        """Whether all further text is the answer."""
        self._held = ""
        self._phase: Literal["start", "opened", "inside", "closed"] = "start"

    def split(self, text: str) -> list[tuple[bool, str]]:
        """Return pairs of (is reasoning, text) for all text that can be classified; no text is empty."""
        if self.settled:
            return [(False, text)] if text else []
        pieces: list[tuple[bool, str]] = []
        text = self._held + text
        self._held = ""
        if self._phase == "start":
            start = text.lstrip()
            if start.startswith(_OPENING):
                self._phase = "opened"
                text = start[len(_OPENING) :]
            elif _OPENING.startswith(start):
                self._held = text
                return pieces
            else:
                self.settled = True
        if self._phase == "opened":
            text = text.lstrip()
            if text:
                self._phase = "inside"
        if self._phase == "inside":
            thought, tag, after = text.partition(_CLOSING)
            if tag:
                self._phase = "closed"
            else:
                thought = text[: len(text) - _partial(text)]
            text = text[len(thought) :] if not tag else after
            stripped = thought.rstrip()
            if stripped:
                pieces.append((True, stripped))
            if not tag:
                self._held = thought[len(stripped) :] + text
                return pieces
        if self._phase == "closed":
            text = text.lstrip()
            self.settled = bool(text)
        if text:
            pieces.append((False, text))
        return pieces

    def close(self) -> list[tuple[bool, str]]:
        """Return the text kept back at the end of the reply."""
        held, self._held = self._held, ""
        self.settled = True
        return [(self._phase == "inside", held)] if held else []


def _partial(text: str) -> int:
    """The number of characters at the end of `text` that may begin the closing tag."""
    start = text.rfind("<", -len(_CLOSING) + 1)
    return len(text) - start if start >= 0 and _CLOSING.startswith(text[start:]) else 0
