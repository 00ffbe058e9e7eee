"""The number of colours that the terminal shows, as its environment tells."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

ColourDepth: TypeAlias = Literal["truecolor", "256", "standard"]
"""16 million colours, 256, or the 16 that a person chooses in the terminal's settings; the names are Rich's."""

_TRUECOLOR: Final = re.compile(r"alacritty|foot|ghostty|kitty|wezterm|contour|rio|iterm2?|direct|truecolor")
"""In the value of `TERM`: terminals that show all colours. `COLORTERM` says so too, but does not pass through ssh."""


def colour_depth(environ: Mapping[str, str]) -> ColourDepth | None:
    """The depth of the terminal with these environment variables; `None` if Rich is to find it out: on Windows, where
    no terminal is named, and where `TEXTUAL_COLOR_SYSTEM` sets it."""
    term = environ.get("TERM", "").strip().lower()
    if os.name == "nt" or term in ("", "dumb", "unknown") or environ.get("TEXTUAL_COLOR_SYSTEM", "auto") != "auto":
        return None
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") or _TRUECOLOR.search(term):
        return "truecolor"
    return "256" if term.endswith("256color") else "standard"
