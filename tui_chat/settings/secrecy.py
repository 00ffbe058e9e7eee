"""Masks secrets for display."""

from __future__ import annotations

import re
from typing import Final

from tui_chat.chat.clean import clean_line

LEGIBLE: Final = 4
"""The number of characters of a key that are shown, so that a person can tell two keys apart."""
LONG_ENOUGH: Final = 16
"""Shorter keys are not shown at all: four characters of them would be too much."""
MASK: Final = "••••"

_PASSWORD = re.compile(r"(?<=://)[^/@]*(?=@)")
_QUERY = re.compile(r"(?<==)(?!\{message\}(?:[&#]|$))[^&#]+")


def masked(secret: str) -> str:
    """Return a secret as it may be shown: only its last characters, if it is long."""
    if not secret:
        return ""
    return f"{MASK}{secret[-LEGIBLE:]}" if len(secret) >= LONG_ENOUGH else MASK


def without_secrets(url: str) -> str:
    """Return a URL without its password and the values of its query, except `{message}`, which stands for the
    question."""
    return clean_line(_QUERY.sub(MASK, _PASSWORD.sub(MASK, url)))
