"""Reads the terminal's keys without Textual's fixed tenth of a second."""

from __future__ import annotations

import os
import selectors
import signal
from codecs import getincrementaldecoder
from time import monotonic

from textual import constants
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

MARGIN = 0.0005
"""Seconds added to the wait for what may follow an Esc, so that the parser's own clock has passed it too."""


class TerminalDriver(LinuxDriver):
    """Textual's driver with another way to wait.

    Textual looks at its parser's clock ten times a second, so a lone Esc (which may be the beginning of another key)
    takes 100 ms whatever ESCDELAY says, and the process wakes ten times a second while nobody types. Here the wait is
    as long as the parser needs, and without an end while nothing is open.
    """

    _frame: list[str] | None = None
    """What has been written of a frame that has not ended."""

    def write(self, data: str) -> None:
        """Hand a frame to the thread that writes as one piece: Textual gives it in three, and each wakes the thread."""
        if self._frame is None and data != SYNC_START:
            super().write(data)
            return
        self._frame = [*(self._frame or []), data]
        if data == SYNC_END:
            frame, self._frame = self._frame, None
            super().write("".join(frame))

    _wake: tuple[int, int] | None = None
    """A pipe's ends: a byte in it ends the wait for keys."""

    def start_application_mode(self) -> None:
        """Take the terminal, at the start and after each suspension."""
        self._wake = os.pipe()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def run_input_thread(self) -> None:
        """Read and dispatch until the driver is told to stop or the terminal is gone."""
        if self._wake is None:
            raise RuntimeError("the terminal is taken before its keys are read")
        decode = getincrementaldecoder("utf-8")("replace").decode
        parser = XTermParser(self._debug)
        open_until: float | None = None
        """When the parser will have given up waiting for the rest of a key."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._wake[0], selectors.EVENT_READ)
            while not self.exit_event.is_set():
                wait = None if open_until is None else max(0.0, open_until - monotonic())
                ready = {key.fd for key, _ in selector.select(wait)}
                if self.fileno in ready:
                    data = self._read()
                    if not data:
                        break
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                    open_until = monotonic() + constants.ESCAPE_DELAY + MARGIN
                elif open_until is not None and monotonic() >= open_until:
                    open_until = None
                for event in parser.tick():
                    self.process_message(event)

    def _read(self) -> bytes:
        try:
            data = os.read(self.fileno, 4096)
        except OSError:
            data = b""
        if not data and not self.exit_event.is_set():
            os.kill(os.getpid(), signal.SIGHUP)  # the terminal is gone, which is what this signal says
        return data

    def disable_input(self) -> None:
        """End the thread that reads, and leave the terminal's keys alone."""
        wake, self._wake = self._wake, None
        if wake is not None:
            self.exit_event.set()
            os.write(wake[1], b"\0")
            if self._key_thread is not None:
                self._key_thread.join()
            self.exit_event.clear()
            for end in wake:
                os.close(end)
        super().disable_input()
