"""Textual's driver, but frames leave at once and say only what is new, and keys come without a fixed wait."""

from __future__ import annotations

import os
import selectors
import signal
from codecs import getincrementaldecoder
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO, cast

from textual import constants, events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.drivers.linux_driver import LinuxDriver

from tui_chat.terminal.frame_diff import FrameDiff
from tui_chat.terminal.input import TerminalInput
from tui_chat.terminal.output import TerminalOutput

if TYPE_CHECKING:
    from types import FrameType

    from textual.message import Message


class TerminalDriver(LinuxDriver):
    """Textual's driver with another way to write, and another way to wait.

    Textual looks at its parser's clock ten times a second, so a lone Esc (which may be the beginning of another key)
    takes 100 ms whatever ESCDELAY says, and the process wakes ten times a second while nobody types. Here the wait is
    as long as the parser needs, and without an end while nothing is open.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """Takes what Textual's takes."""
        super().__init__(*args, **options)
        self._output = TerminalOutput(cast("TextIO", self._file))
        self._file = cast("Any", self._output)
        self._writing = RLock()
        """Frames are written by the event loop, switches of the terminal also by the thread that reads keys, and by the
        handler of a signal, in the midst of a frame perhaps."""
        self._painted = FrameDiff()
        self._disturbed = False
        """The terminal may show something else than what was written: it has another size, or had another user."""
        self._frame: list[str] | None = None
        """The written part of a frame that has not ended."""
        self._wake: tuple[int, int] | None = None
        """A pipe's ends: a byte in it ends the wait for keys."""
        self._continued = False
        """A SIGCONT has come after which the terminal was not taken yet."""

    def write(self, data: str) -> None:
        """Write what is new in a frame, in one piece: Textual gives it in three."""
        with self._writing:
            if self._frame is None and data == SYNC_START:
                self._frame = []
            elif self._frame is None:
                self._hand_over(self._new_in(data))
            elif data != SYNC_END:
                self._frame.append(data)
            else:
                new, self._frame = self._new_in("".join(self._frame)), None
                self._hand_over(new and f"{SYNC_START}{new}{SYNC_END}")

    def _hand_over(self, data: str) -> None:
        if data and (rest := self._output.rest_of(data)):
            super().write(rest)

    def _new_in(self, data: str) -> str:
        if self._disturbed:
            self._disturbed = False
            self._painted.forget()
        return self._painted.reduced(data, self._app.size)

    def start_application_mode(self) -> None:
        """Take the terminal, at the start and after each suspension.

        Textual also calls this at a SIGCONT that no suspension went before: after a SIGSTOP, which nobody can catch,
        and when the terminal hangs up. The threads of before are ended then, and its modes of before still count.
        """
        before = self.attrs_before if self._wake is not None else None
        if self._wake is not None:
            if not constants.DISABLE_KITTY_KEY:
                self.write("\x1b[<u")  # keys are set on a stack, and would be set twice
            self.disable_input()
            self.close()
        self._disturbed = True
        self._wake = os.pipe()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._output.open()
        self.attrs_before = before or self.attrs_before
        tell, loop = signal.getsignal(signal.SIGWINCH), self._loop

        def resized(number: int, frame: FrameType | None) -> None:
            self._disturbed = True
            # The size is read by the loop: a signal that comes while the handler of another reads it would be told
            # first, and the older size last.
            if callable(tell) and not loop.is_closed():
                loop.call_soon_threadsafe(tell, number, frame)

        signal.signal(signal.SIGWINCH, resized)

    # The terminal is given back and taken by the event loop, one after the other: a handler of a signal may interrupt
    # another one, or the loop's own work, in the midst of that.

    def _sigtstp_application(self, *_: object) -> None:
        """Stop at Ctrl+Z, which may also be meant for a program that has the terminal for a while, and then blocks the
        event loop."""
        if not self._auto_restart:
            self._stop()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._continued = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take_again)

    def _suspend(self) -> None:
        """Give the terminal back and stop, where there is a shell that takes it; else go on.

        Textual stops in any case. Where no shell watches (a window of its own, say), nothing would ever wake it.
        """
        self.suspend_application_mode()
        self._must_signal_resume = True
        self._continued = False
        self._stop()
        if not self._continued:
            self.resume_application_mode()
            self._app.notify("There is no shell to go to, so tui-chat goes on.", severity="warning")

    def _stop(self) -> None:
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # does nothing where the process group has no shell to come back from
        signal.signal(signal.SIGTSTP, self._sigtstp_application)

    def _take_again(self) -> None:
        """Take the terminal after a SIGCONT."""
        if self._continued and self._auto_restart:
            self._continued = False
            self.resume_application_mode()

    def process_message(self, message: Message) -> None:
        """Pass on what was read; some terminals report their new size this way."""
        if isinstance(message, events.Resize):
            self._disturbed = True
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Read and dispatch until the driver is told to stop or the terminal is gone."""
        wake = self._wake
        if wake is None:  # it was told to stop before it began
            return
        decode = getincrementaldecoder("utf-8")("replace").decode
        keys = TerminalInput(self._debug)
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(wake[0], selectors.EVENT_READ)
            # What was typed before the terminal was raw had its CR made LF (ICRNL), which would be Ctrl+J.
            early = any(key.fd == self.fileno for key, _ in selector.select(0))
            while not self.exit_event.is_set():
                wait = None if keys.deadline is None else max(0.0, keys.deadline - monotonic())
                ready = {key.fd for key, _ in selector.select(wait)}
                if self.fileno in ready:
                    data = self._read()
                    if not data:
                        break
                    if early:
                        data, early = data.replace(b"\n", b"\r"), False
                    came = keys.feed(decode(data))
                else:
                    came = keys.tick()
                for event in came:
                    self.process_message(event)

    def _read(self) -> bytes:
        try:
            data = os.read(self.fileno, 4096)
        except OSError:
            data = b""
        if not data and not self.exit_event.is_set():
            os.kill(os.getpid(), signal.SIGHUP)  # the terminal is gone, which is what this signal says
        return data

    def close(self) -> None:
        """Write what is left, and release the terminal."""
        super().close()
        self._output.close()

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
