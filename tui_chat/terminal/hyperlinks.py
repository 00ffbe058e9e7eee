"""Links on the terminal (OSC 8): which of them are written, and in which form."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Mapping

LinksChoice: TypeAlias = Literal["auto", "on", "off"]

SIGN: Final = "\x1b]8;"
"""The beginning of what opens or closes a link."""
_LINK: Final = re.compile(r"\x1b\]8;([^;\x07\x1b]*);([^\x07\x1b]*)\x1b\\")
_KNOWN_PROGRAMS: Final = {"iTerm.app", "WezTerm", "ghostty", "vscode", "Hyper", "Tabby", "WarpTerminal", "rio"}
_KNOWN_TERMS: Final = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "tmux", "contour", "wezterm")
_VTE_WITH_LINKS: Final = 5_000


class Hyperlinks:
    """Leaves links out of what is written, or gives each an id that only depends on its address.

    Textual makes a new id whenever it makes a style, so that the same row would be taken for another one. With the same
    id for all its pieces, a terminal marks the whole of a link that is wrapped.
    """

    def __init__(self) -> None:
        self.shown = False
        """Whether the terminal gets links; not until the settings are loaded."""

    def configure(self, choice: LinksChoice, environ: Mapping[str, str] | None = None) -> None:
        """Do what the setting wants: `auto` writes links where the terminal is known to take them."""
        self.shown = choice == "on" or (choice == "auto" and takes_links(os.environ if environ is None else environ))

    def prepared(self, written: str) -> str:
        """Return the text to write in place of `written`."""
        if SIGN not in written:
            return written
        return _LINK.sub(_with_fixed_id, written) if self.shown else _LINK.sub("", written)


def _with_fixed_id(link: re.Match[str]) -> str:
    address = link[2]
    return f"{SIGN}id={crc32(address.encode()):x};{address}\x1b\\" if address else link[0]


def takes_links(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is known to take links. Others may show the sequence as text."""
    term = environ.get("TERM", "")
    if term in ("", "dumb", "linux") or "STY" in environ:
        return False
    vte = environ.get("VTE_VERSION", "")
    return (
        environ.get("TERM_PROGRAM") in _KNOWN_PROGRAMS
        or term.startswith(_KNOWN_TERMS)
        or any(name in environ for name in ("WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "TMUX"))
        or (vte.isascii() and vte.isdigit() and len(vte) < 9 and int(vte) >= _VTE_WITH_LINKS)
    )
