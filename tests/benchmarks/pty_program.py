"""A program on a pty of its own: its output is drained, counted and timestamped, and otherwise left alone."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic
from typing import TYPE_CHECKING

from tests.benchmarks import counters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS, ROWS = 120, 40
PATIENCE = 120.0
"""Seconds after which something that is not seen is an error."""

END_OF_FRAME = b"\x1b[?2026l"
"""Programs that hear that the terminal can paint whole frames end each with this, so frames can be counted."""

ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[6n": b"\x1b[1;1R", b"\x1b[c": b"\x1b[?62;c"}
"""What a terminal says when it is asked: whole frames (2026) are possible, where the cursor is, what it is."""


class NeverSeenError(Exception):
    """The program did not show what it was to show."""


@dataclass
class Sight:
    """A text that is looked for in the output from now on."""

    needle: bytes
    program: PtyProgram
    at: float = 0.0
    """Monotonic seconds when it was read."""
    cpu: float = 0.0
    """CPU seconds that the program had used then."""
    _tail: bytes = b""
    _seen: threading.Event = field(default_factory=threading.Event)

    def look(self, chunk: bytes, at: float) -> bool:
        """Whether it has come, perhaps over two reads. For the reader alone."""
        text = self._tail + chunk
        if self.needle not in text:
            self._tail = text[-len(self.needle) + 1 :] if len(self.needle) > 1 else b""
            return False
        self.at, self.cpu = at, self.program.cpu()
        self._seen.set()
        return True

    def wait(self, patience: float = PATIENCE) -> Sight:
        """Block until it has come. Raises `NeverSeenError`."""
        end = monotonic() + patience
        while not self._seen.wait(0.2):
            if monotonic() > end or self.program.ended:
                text = bytes(self.program.last_bytes[-2000:]).decode("utf-8", "replace")
                raise NeverSeenError(f"{self.needle!r} was not shown by {self.program.argv}. Last output: {text!r}")
        return self


class PtyProgram:
    """The program, started; ends with the `with` block."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], *, sights: Sequence[str] = ()) -> None:
        """`sights` are looked for from the first byte on; see `first`."""
        self.argv = list(argv)
        self.bytes_written = 0
        self.frames = 0
        self.frame_times: list[float] = []
        """When the end of a frame was read: one entry per frame."""
        self.read_times: list[float] = []
        """When output was read: one entry per read."""
        self.last_bytes = bytearray()
        self._sights: list[Sight] = []
        self._sights_lock = threading.Lock()
        self.first = [self.look_for(text) for text in sights]
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        attributes = termios.tcgetattr(slave)
        attributes[3] &= ~termios.ECHO  # or the kernel would show keys that the program has not read yet
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        self.started = monotonic()
        self._process = subprocess.Popen(
            self.argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> PtyProgram:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(5)
        os.close(self._master)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def _read(self) -> None:
        tail = b""
        while True:
            try:
                chunk = os.read(self._master, 1 << 16)
            except OSError:
                return  # the program has closed its side
            if not chunk:
                return
            at = monotonic()
            self.read_times.append(at)
            self.bytes_written += len(chunk)
            with self._sights_lock:
                self._sights = [sight for sight in self._sights if not sight.look(chunk, at)]
            text = tail + chunk
            ended = text.count(END_OF_FRAME)
            self.frames += ended
            self.frame_times += [at] * ended
            for question, answer in ANSWERS.items():
                if question in text:
                    os.write(self._master, answer)
            # Counted or answered once: only what may be the beginning of a sequence is kept for the next read.
            cut = text.rfind(b"\x1b", len(text) - 9)
            tail = text[cut:] if cut >= 0 and not text[cut:].endswith((b"l", b"p", b"n", b"c")) else b""
            self.last_bytes += chunk
            del self.last_bytes[:-4000]

    def look_for(self, text: str) -> Sight:
        """Look for `text` in what is written from now on."""
        sight = Sight(text.encode(), self)
        with self._sights_lock:
            self._sights.append(sight)
        return sight

    def send(self, keys: str) -> float:
        """Type; the monotonic second when it was done."""
        at = monotonic()
        os.write(self._master, keys.encode())
        return at

    def resize(self, columns: int, rows: int) -> None:
        """As dragging a window's corner does."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.killpg(self._process.pid, signal.SIGWINCH)

    def longest_pause(self, begin: float, end: float) -> float:
        """Seconds between two reads in this stretch of time, its ends counted as reads."""
        times = [begin, *(at for at in self.read_times if begin < at < end), end]
        return max(later - earlier for earlier, later in pairwise(times))

    def pauses(self, begin: float, end: float) -> list[float]:
        """The seconds from each frame to the next in this stretch of time, its ends counted as frames."""
        times = [begin, *(at for at in self.frame_times if begin < at < end), end]
        return [later - earlier for earlier, later in pairwise(times)]

    def cpu(self) -> float:
        """CPU seconds used so far by all its processes."""
        return counters.cpu_seconds(self.pid)

    def resident(self) -> int:
        """Resident bytes now."""
        return counters.resident_bytes(self.pid)
