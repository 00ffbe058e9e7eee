"""Secrets as they may be shown."""

from __future__ import annotations

import re
from typing import Final

from tui_chat.chat.clean import clean_line

LEGIBLE: Final = 4
"""Characters of a key that are shown, so that a person can tell two keys apart."""
LONG_ENOUGH: Final = 16
"""A key shorter than this is not shown at all: four characters of it would be too much."""
MASK: Final = "••••"

_PASSWORD = re.compile(r"(?<=://)[^/@]*(?=@)")
_QUERY = re.compile(r"(?<==)(?!\{message\}(?:[&#]|$))[^&#]+")


def masked(secret: str) -> str:
    """A secret as it may be shown: its last characters, if it is long."""
    if not secret:
        return ""
    return f"{MASK}{secret[-LEGIBLE:]}" if len(secret) >= LONG_ENOUGH else MASK


def without_secrets(url: str) -> str:
    """A URL without password and without the values of its query; `{message}`, where the question goes, is none."""
    return clean_line(_QUERY.sub(MASK, _PASSWORD.sub(MASK, url)))
