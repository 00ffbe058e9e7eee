"""What the doors that print pages write: on standard output for whoever reads it, on standard error for a person."""

from __future__ import annotations

import os
import re
import sys
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean, clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.cli.output import complain
from tui_chat.cli.reporting import OTHER_FAILURE, WHOLE
from tui_chat.history.transfer.export import encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO

PATIENCE: Final = 1.0
"""Seconds of work after which a person is shown how far it is."""
_OFTEN: Final = 0.1
"""Seconds between two pictures of a bar."""
_BAR: Final = 24
_SPACE: Final = re.compile(r"\s+")


def put(pieces: Iterable[str], *, styled: bool = False) -> int:
    """Write pieces as they come, and give the exit status: 0, too, when the reader has gone. Raises `SetupError`.

    On a terminal foreign text is made safe, but where it is `styled`: then it is safe, and our own controls are in it.
    Elsewhere it is exact.
    """
    if sys.stdout is None:
        raise SetupError("standard output is closed")
    on_terminal = sys.stdout.isatty()
    encoding = sys.stdout.encoding or "utf-8"
    try:
        for piece in pieces:
            shown = (piece if styled else clean(piece)).encode(encoding, "replace") if on_terminal else encoded(piece)
            sys.stdout.buffer.write(shown)
        sys.stdout.buffer.flush()
    except OSError as error:
        return _broken(error)
    return WHOLE


def written(status: int) -> int:
    """Have all that was printed written, at the end of the program, and give its exit status: `status`, but where that
    would be 0 and standard output could not be written."""
    for stream in (sys.stderr, sys.stdout):
        try:
            if stream is not None:
                stream.flush()
        except OSError as error:
            if stream is sys.stdout and not status:
                return _broken(error)
            _discard(stream)
    return status


def _broken(error: OSError) -> int:
    """Standard output cannot be written: say so, but where only its reader has gone, and give the exit status."""
    _discard(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return WHOLE
    tell(f"standard output cannot be written: {error.strerror or error}")
    return OTHER_FAILURE


def _discard(stream: TextIO) -> None:
    # Python flushes its streams once more at its end.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def tell(sentence: str) -> None:
    """A remark or an error, on standard error. Foreign words in it are made safe."""
    complain(f"tui-chat: {clean_line(sentence)}\n")


def takes_colours() -> bool:
    """Whether standard output takes colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def one_line(pieces: Iterable[tuple[str, bool]], mark: tuple[str, str]) -> str:
    """Pieces of foreign text on one line, safe to show: white space is single spaces, and those that are marked stand
    between the two of `mark`."""
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
        """`what` is a word for all that is done."""
        self._what = what
        self._total = 0
        self._done = 0
        self._begun = monotonic()
        self._drawn = 0.0
        self._wanted = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def hide(self) -> None:
        """Show nothing of it."""
        self._wanted = False

    def begin(self, total: int) -> Callable[[], None]:
        """How much there is to do, 0 where it is not known; gives `step`."""
        self._total = total
        return self.step

    def step(self, much: int = 1) -> None:
        """So much more is done."""
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
        """Take the bar away."""
        if self._drawn:
            self._drawn = 0.0
            complain("\r\x1b[K")
