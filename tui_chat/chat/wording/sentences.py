"""Put foreign text into sentences."""

from __future__ import annotations

from typing import Final

_ENDS: Final = (".", "!", "?", "…", "。", "！", "？", "｡")
_QUOTES: Final = "\"'”’»)]}」』"
_LOOSE: Final = " \t\r\n,;:、，；："


def ended(text: str) -> str:
    """Add a full stop to `text` unless it ends a sentence; loose punctuation at its end is removed."""
    text = text.rstrip(_LOOSE)
    return text if not text or text.rstrip(_QUOTES).endswith(_ENDS) else f"{text}."


def clause(text: str) -> str:
    """Return `text` without its full stop, so that a sentence can continue after it."""
    text = text.rstrip(_LOOSE)
    return text[:-1].rstrip(_LOOSE) if text.endswith((".", "。")) and not text.endswith("..") else text


def sentence(text: str) -> str:
    """Return a message as a sentence with a capital and a full stop; a first word that is a name keeps its letters."""
    first = text.partition(" ")[0]
    return ended(f"{text[:1].upper()}{text[1:]}" if first.isalpha() else text)
