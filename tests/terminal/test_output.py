"""What a terminal takes at once goes at once; the rest waits, and nothing overtakes it."""

from __future__ import annotations

import os
import pty
import tty
from typing import TYPE_CHECKING, TextIO

import pytest

from tui_chat.terminal.output import TerminalOutput

if TYPE_CHECKING:
    from collections.abc import Iterator

MORE_THAN_A_TERMINAL_HOLDS = 400_000


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """The end that a person sees, and the end that a program writes to."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    with os.fdopen(slave, "w", encoding="utf-8") as file:
        yield master, file
    os.close(master)


def shown(master: int) -> bytes:
    """All that has come so far."""
    parts = []
    while True:
        try:
            parts.append(os.read(master, 1 << 16))
        except BlockingIOError:
            return b"".join(parts)


def test_what_fits_is_shown_before_the_call_returns(terminal: tuple[int, TextIO]) -> None:
    master, file = terminal
    output = TerminalOutput(file)
    output.open()
    assert not output.rest_of("grün \ud83d\n")
    assert shown(master) == "grün \\ud83d\n".encode()
    output.close()


def test_what_a_stalled_terminal_does_not_take_is_left_and_nothing_overtakes_it(terminal: tuple[int, TextIO]) -> None:
    master, file = terminal
    output = TerminalOutput(file)
    output.open()
    text = "x" + "€" * (MORE_THAN_A_TERMINAL_HOLDS // 3)
    rest = output.rest_of(text)
    assert rest
    seen = shown(master)
    assert output.rest_of("after") == "after", "there is room again, but something still waits"
    assert not shown(master)
    for left in (rest, "after"):
        for start in range(0, len(left), 1000):  # the thread would wait for the terminal; here nobody reads meanwhile
            file.buffer.write(left[start : start + 1000].encode("utf-8", "surrogateescape"))
            file.flush()
            seen += shown(master)
    assert seen == f"{text}after".encode()
    output.close()


def test_the_thread_makes_way_when_it_has_written_all_that_was_left(terminal: tuple[int, TextIO]) -> None:
    master, file = terminal
    output = TerminalOutput(file)
    rest = output.rest_of("not open yet ")
    output.open()
    assert output.rest_of("second ") == "second "
    output.write(rest)
    assert output.rest_of("third ") == "third "
    output.write("second ")
    output.write("third ")
    assert output.rest_of("fourth ") == "fourth ", "nothing has gone out yet"
    output.write("fourth ")
    output.flush()
    assert not output.rest_of("at once")
    assert shown(master) == b"not open yet second third fourth at once"
    output.close()


def test_a_file_that_is_no_terminal_is_left_to_the_thread() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as file:
        output = TerminalOutput(file)
        output.open()
        assert output.rest_of("all of it") == "all of it"
    os.close(reading)


def test_what_is_written_to_a_terminal_that_is_gone_is_dropped() -> None:
    master, slave = pty.openpty()
    file = os.fdopen(slave, "w", encoding="utf-8")
    output = TerminalOutput(file)
    output.open()
    os.close(master)
    assert not output.rest_of("to nobody")
    assert output.write("to nobody") == len("to nobody")
    output.flush()
    output.close()
    with pytest.raises(OSError, match="Input/output"):
        file.close()
