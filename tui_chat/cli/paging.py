"""Output of the commands that print whole pages: pages to standard output, remarks to standard error."""

from __future__ import annotations

import os
import re
import sys
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean, clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.cli.output import complain
from tui_chat.standard_streams import broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
PATIENCE: Final = 1.0
"""Seconds of work after which a progress bar is shown."""
_OFTEN: Final = 0.1
"""Seconds between two redraws of a bar."""
_BAR: Final = 24
_SPACE: Final = re.compile(r"\s+")


def put(pieces: Iterable[str], *, styled: bool = False) -> int:
    """Write pieces as they come and return the exit status, which is 0 also if the reader has gone. Raises
    `SetupError`. On a terminal foreign text is made safe, unless it is `styled`: then it is safe already and has our
    own escape sequences. Elsewhere it is exact."""
    if sys.stdout is None:
        raise SetupError("standard output is closed")
    from tui_chat.history.transfer.export import encoded

    on_terminal = sys.stdout.isatty()
    encoding = sys.stdout.encoding or "utf-8"
    try:
        for piece in pieces:
            shown = (piece if styled else clean(piece)).encode(encoding, "replace") if on_terminal else encoded(piece)
            sys.stdout.buffer.write(shown)
        sys.stdout.buffer.flush()
    except OSError as error:
        return broken(error)
    return 0


def tell(sentence: str) -> None:
    """Print a remark or an error on standard error. Foreign text in it is made safe."""
    complain(f"tui-chat: {clean_line(sentence)}\n")


def takes_colours() -> bool:
    """Whether to use colours on standard output."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def one_line(pieces: Iterable[tuple[str, bool]], mark: tuple[str, str]) -> str:
    """Join pieces of foreign text to one line that is safe to show; marked pieces are put between the two strings of
    `mark`."""
    shown: list[str] = []
    ended = " "
    for text, marked in pieces:
        line = _SPACE.sub(" ", clean(text))
        if line := line.lstrip(" ") if ended == " " else line:
            shown.append(f"{mark[0]}{line}{mark[1]}" if marked else line)
            ended = line[-1]
    return "".join(shown).rstrip()


class Progress:
    """A bar on standard error, if that is a terminal, for work that takes longer than a second."""

    def __init__(self, what: str) -> None:
        """`what` is a word for the work."""
        self._what = what
        self._total = 0
        self._done = 0
        self._begun = monotonic()
        self._drawn = 0.0
        self._wanted = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def hide(self) -> None:
        """Stop showing the bar."""
        self._wanted = False

    def begin(self, total: int) -> Callable[[], None]:
        """Set the total, 0 if it is unknown; return `step`."""
        self._total = total
        return self.step

    def step(self, much: int = 1) -> None:
        """Add to what is done."""
        self._done += much
        now = monotonic()
        if self._wanted and now - self._begun > PATIENCE and now - self._drawn > _OFTEN:
            self._drawn = now
            complain(f"\r{self._what} {self._shown()}\x1b[K")

    def _shown(self) -> str:
        if not self._total:
            return f"{self._done:,}"
        part = min(self._done / self._total, 1.0)
        filled = round(part * _BAR)
        return f"{'━' * filled}{'╌' * (_BAR - filled)} {part:4.0%}"

    def end(self) -> None:
        """Erase the progress bar."""
        if self._drawn:
            self._drawn = 0.0
            complain("\r\x1b[K")
