"""Reads keys from a terminal as the screen does, without a screen."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING

from textual import events

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.terminal.input import TerminalInput
from tui_chat.terminal.job_control import end_signals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

# Kitty's protocol for keys, and pastes in brackets, as the screen asks for them.
_ON = "\x1b[>1u\x1b[?2004h"
_OFF = "\x1b[<u\x1b[?2004l"
_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A key or a paste, as the screen would get it."""

    name: str
    """Textual's name of the key; empty for a paste."""
    character: str = ""
    """The character that it types; empty: none."""
    pasted: int = 0
    """The characters of a paste."""


class EndedError(Exception):
    """A signal asks for the end; `number` is its number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def keys_of_terminal(terminal: int) -> Iterator[Iterator[tuple[bytes, list[KeyPress]]]]:
    """Switch a terminal to single keys, and give what comes from it: the bytes, and the keys and pastes they mean.

    `terminal` is a file descriptor. However this ends, the terminal's modes are restored. A signal that ends programs
    raises `EndedError`, and so does a closed terminal.
    """
    before = termios.tcgetattr(terminal)
    modes = termios.tcgetattr(terminal)
    modes[0] &= ~(termios.IXON | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP)
    modes[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
    ending = end_signals()
    handlers = {number: signal.signal(number, _end) for number in ending}
    try:
        termios.tcsetattr(terminal, termios.TCSADRAIN, modes)
        _write(_ON)
        yield _keys(terminal)
    finally:
        for number in ending:
            signal.signal(number, signal.SIG_IGN)  # nothing is to come between the modes and their end
        with suppress(OSError, termios.error):  # the terminal may be gone
            _write(_OFF)
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> None:
    raise EndedError(number)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _keys(terminal: int) -> Iterator[tuple[bytes, list[KeyPress]]]:
    parser = TerminalInput()
    raw = b""
    while True:
        wait = None if parser.deadline is None else max(0.0, parser.deadline - monotonic())
        if select.select([terminal], [], [], wait)[0]:
            came = os.read(terminal, _AT_ONCE)
            if not came:
                raise EndedError(signal.SIGHUP)
            raw += came
            found = [*parser.feed(came.decode("utf-8", "replace"))]
        else:
            found = [*parser.tick()]
        keys = [_press(each) for each in found if isinstance(each, events.Key | events.Paste)]
        if keys or parser.deadline is None:
            yield raw, keys
            raw = b""


def _press(event: events.Key | events.Paste) -> KeyPress:
    if isinstance(event, events.Paste):
        return KeyPress("", pasted=len(event.text))
    return KeyPress(event.key, (event.character or "") if event.is_printable else "")
