"""Sets the title, the progress mark and notices of the terminal's window.

Everything is undone when the terminal is given back: at the end of the program however it ends, and while it is
suspended.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_chat.chat.clean import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ProgressChoice: TypeAlias = Literal["auto", "on", "off"]
NotifyChoice: TypeAlias = Literal["auto", "bell", "off"]

LONGEST: Final = 100
"""Characters of a title or notice."""
BELL: Final = "\a"
_END: Final = "\x1b\\"
_SAVE_TITLE: Final = "\x1b[22;2t"
_RESTORE_TITLE: Final = "\x1b[23;2t"
_PROGRESS: Final = f"\x1b]9;4;3;{_END}"
_NO_PROGRESS: Final = f"\x1b]9;4;0;{_END}"
_NO_SEPARATOR: Final = str.maketrans({";": ","})
_VTE_WITH_PROGRESS: Final = 7_900


class TerminalWindow:
    """Writes the sequences, and remembers what has to be undone."""

    def __init__(self, write: Callable[[str], None], environ: Mapping[str, str] | None = None) -> None:
        """`write` sends a text to the terminal, if there is one."""
        self._write = write
        self._environ = os.environ if environ is None else environ
        self._titled = False
        self._progress: ProgressChoice = "off"
        self._notify: NotifyChoice = "off"
        self._title = ""
        self._busy = False
        self._taken = True
        """Whether the terminal is ours at the moment."""
        self._saved = False
        """Whether the terminal keeps the title from before."""

    def configure(self, *, title: bool, progress: ProgressChoice, notify: NotifyChoice) -> None:
        """Do what the settings want; nothing is written before."""
        self._titled, self._progress, self._notify = title, progress, notify
        self._show_title()

    def set_title(self, title: str) -> None:
        """Show a title, which may come from a model."""
        if title != self._title:
            self._title = title
            self._show_title()

    def set_busy(self, *, busy: bool) -> None:
        """Show that a reply is coming, or that none is."""
        if busy == self._busy:
            return
        self._busy = busy
        if self._taken and self._shows_progress():
            self._write(_PROGRESS if busy else _NO_PROGRESS)

    def notify(self, text: str) -> None:
        """Notify a person whose focus is elsewhere; `text` may contain foreign words."""
        if self._notify == "off" or not self._taken:
            return
        said = _plain(text)
        form = "bell" if self._notify == "bell" else _notice_form(self._environ)
        if form == "osc9":
            self._write(f"\x1b]9;{said}{_END}")
        elif form == "osc777":
            self._write(f"\x1b]777;notify;tui-chat;{said.translate(_NO_SEPARATOR)}{_END}")
        else:
            self._write(BELL)

    def take(self) -> None:
        """Show everything again, after the program has got the terminal back."""
        self._taken = True
        self._show_title()
        if self._busy and self._shows_progress():
            self._write(_PROGRESS)

    def give_back(self) -> None:
        """Undo what was written, because the program ends or is suspended."""
        if not self._taken:
            return
        if self._busy and self._shows_progress():
            self._write(_NO_PROGRESS)
        if self._saved:
            self._write(_RESTORE_TITLE)
        self._saved = self._taken = False

    def _show_title(self) -> None:
        if not (self._titled and self._taken and self._title):
            return
        before = "" if self._saved else _SAVE_TITLE
        self._saved = True
        self._write(f"{before}\x1b]2;{_plain(self._title)}{_END}")

    def _shows_progress(self) -> bool:
        if self._progress != "auto":
            return self._progress == "on"
        return _has_progress(self._environ)


def _plain(text: str) -> str:
    """A line without anything that could end the sequence or start another."""
    line = "".join(character for character in clean_line(text) if character.isprintable())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _has_progress(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is known to take progress; others may show the sequence as a notice."""
    if "TMUX" in environ or "STY" in environ:
        return False
    vte = environ.get("VTE_VERSION", "")
    return (
        "WT_SESSION" in environ
        or environ.get("ConEmuANSI") == "ON"
        or environ.get("TERM_PROGRAM") in {"ghostty", "WezTerm"}
        or (vte.isascii() and vte.isdigit() and len(vte) < 9 and int(vte) >= _VTE_WITH_PROGRESS)
    )


def _notice_form(environ: Mapping[str, str]) -> Literal["osc9", "osc777", "bell"]:
    """The sequence with which the terminal takes notices; a bell reaches all of them."""
    if "TMUX" in environ or "STY" in environ:
        return "bell"
    program, term = environ.get("TERM_PROGRAM", ""), environ.get("TERM", "")
    if program in {"iTerm.app", "WezTerm", "ghostty"} or term == "xterm-kitty":
        return "osc9"
    if term.startswith(("rxvt-unicode", "foot")):
        return "osc777"
    return "bell"
