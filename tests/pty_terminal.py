"""A terminal for tests: the real program on a real pty, read with pyte."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pyte

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


_NOT_FOR_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*[$]?[a-zA-Z]")
"""Private sequences (modes, kitty keys, queries): noted here; pyte prints parts of some of them."""

MODES = {
    "1049": "alternate screen",
    "1000": "mouse",
    "1003": "mouse motion",
    "1006": "mouse form",
    "2004": "paste",
    "1004": "focus",
}


class Terminal:
    """A program on a pty of its own."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], columns: int = 100, rows: int = 30) -> None:
        self.raw = bytearray()
        """All that the program wrote."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._came = threading.Condition()
        self._rest = b""
        self._master, slave = pty.openpty()
        self.resize(columns, rows, tell=False)
        self._before = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            list(argv),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that closing the window hangs up on it
        )
        self._slave = slave
        self._hung_up = False
        self._stopping, self._stop = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if not self._hung_up:
            os.close(self._slave)  # what is left to read ends there
            self._reader.join(PATIENCE)
            os.close(self._master)
        os.close(self._stop)
        os.close(self._stopping)

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._stopping], [], [])
            if self._stopping in ready:
                return
            with self._came:
                try:
                    chunk = os.read(self._master, 65536)
                except OSError:
                    chunk = b""
                self.raw += chunk
                self._feed(chunk)
                self._came.notify_all()
            if not chunk:
                return

    def _feed(self, chunk: bytes) -> None:
        # A sequence may be cut by a read: what could be the beginning of one waits for the next.
        data = self._rest + chunk
        cut = data.rfind(b"\x1b") if chunk else -1
        whole, self._rest = (data[:cut], data[cut:]) if cut >= 0 and len(data) - cut < 40 else (data, b"")
        if self._rest and re.match(rb"\x1b\[[0-9;<>=?]*[$]?[a-zA-Z]", self._rest):
            whole, self._rest = data, b""
        self._stream.feed(_NOT_FOR_PYTE.sub(b"", whole))

    @property
    def text(self) -> str:
        """What stands on the screen, rows joined by newlines, without blanks at their ends."""
        return "\n".join(row.rstrip() for row in self._screen.display)

    def until(self, condition: Callable[[], object], what: str = "the condition") -> None:
        """Wait until `condition` holds; it is looked at after each write of the program."""
        end = monotonic() + PATIENCE
        with self._came:
            while not condition():
                left = end - monotonic()
                if left <= 0 or (self.process.poll() is not None and not self._came.wait(0.2) and not condition()):
                    raise AssertionError(f"{what} did not come true. The screen:\n{self.text}")
                self._came.wait(min(left, 0.1))

    def until_text(self, text: str) -> None:
        """Wait until `text` stands on the screen."""
        self.until(lambda: text in self.text, repr(text))

    def send(self, keys: str) -> None:
        """Write keys to the terminal, as if they were typed."""
        os.write(self._master, keys.encode())

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are, a piece of a character perhaps."""
        os.write(self._master, data)

    def resize(self, columns: int, rows: int, *, tell: bool = True) -> None:
        """Change the size, as dragging a window's corner does."""
        if tell:  # before the program can know: what it paints for the new size must find it
            with self._came:
                self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            os.killpg(self.process.pid, signal.SIGWINCH)

    def flicker(self) -> None:
        """Another size and back, before the program can look; the terminal loses what it showed."""
        rows, columns = self._screen.lines, self._screen.columns
        with self._came:
            self._screen.erase_in_display(2)
            for size in ((rows // 4, columns // 2), (rows, columns)):
                fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))

    def hang_up(self) -> None:
        """Close the terminal's window: the program's terminal is gone, and the system sends it SIGHUP."""
        self._hung_up = True
        os.write(self._stop, b"\0")
        self._reader.join(PATIENCE)  # a thread that reads would hold the terminal open
        os.close(self._slave)
        os.close(self._master)

    def wait(self) -> int:
        """The exit status, once it has ended and all that it wrote was read; negative for a signal, as `subprocess` has
        it."""
        status = self.process.wait(PATIENCE)
        end = monotonic() + PATIENCE
        while not self._hung_up and self._reader.is_alive() and monotonic() < end:
            with self._came:
                if not select.select([self._master], [], [], 0)[0]:
                    break
            sleep(0.005)
        return status

    def modes_left_on(self) -> list[str]:
        """What the program switched on in the terminal and did not switch off again."""
        raw = bytes(self.raw).decode("latin-1")
        left = []
        for mode, name in MODES.items():
            switches = re.findall(rf"\x1b\[\?{mode}([hl])", raw)
            if switches and switches[-1] == "h":
                left.append(name)
        cursor = re.findall(r"\x1b\[\?25([hl])", raw)
        if cursor and cursor[-1] == "l":
            left.append("hidden cursor")
        if len(re.findall(r"\x1b\[>\d*u", raw)) > len(re.findall(r"\x1b\[<\d*u", raw)):
            left.append("kitty keys")
        if termios.tcgetattr(self._slave) != self._before:
            left.append("raw line discipline")
        return left
