"""Foreign words in sentences of ours."""

from __future__ import annotations

from typing import Final

_ENDS: Final = (".", "!", "?", "…", "。", "！", "？", "｡")
_QUOTES: Final = "\"'”’»)]}」』"
_LOOSE: Final = " \t\r\n,;:、，；："


def ended(text: str) -> str:
    """`text` with the end of a sentence, unless it has one; what stands loose at its end goes."""
    text = text.rstrip(_LOOSE)
    return text if not text or text.rstrip(_QUOTES).endswith(_ENDS) else f"{text}."


def clause(text: str) -> str:
    """`text` so that a sentence can go on behind it: without its full stop."""
    text = text.rstrip(_LOOSE)
    return text[:-1].rstrip(_LOOSE) if text.endswith((".", "。")) and not text.endswith("..") else text
