"""A program at work on a pty against the paced server, and what one reply cost it."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from tests.benchmarks.endpoint import Endpoint
from tests.benchmarks.pty_program import PtyProgram

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.job import Job, Told
    from tests.benchmarks.pty_program import Sight

REST = 0.25
"""Seconds after the last word is seen in which work that follows it (one more frame) still counts."""

AT_REST = 0.02
"""CPU seconds a second below which a program has come to rest."""

_OURS = re.compile(
    r"TUI_CHAT_.*|OPENAI_.*|OLLAMA_HOST|(ANTHROPIC|GEMINI|OPENROUTER|DEEPSEEK|GROQ|MISTRAL)_API_KEY"
    r"|(HTTPS?|ALL|NO)_PROXY|NO_COLOR|TEXTUAL.*|ESCDELAY|SSH_CONNECTION|XDG_.*"
    r"|PYTHON(PROFILE.*|DEVMODE|WARNINGS|DONTWRITEBYTECODE)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Program:
    """Something to run and compare."""

    name: str
    argv: tuple[str, ...]
    ready: str
    """What it shows when it can be asked."""
    url_on_argv: bool = False


def _module(name: str, ready: str, *, url_on_argv: bool = False) -> Program:
    return Program(name, (sys.executable, "-m", name), ready, url_on_argv)


APP = _module("tui_chat", "● Ready")
BARE_TEXTUAL = _module("tests.benchmarks.floors.bare_textual", "IRSTFRAME")
BARE_LOOP = _module("tests.benchmarks.floors.bare_loop", "READY", url_on_argv=True)
MARKDOWN_STREAM = _module("tests.benchmarks.floors.markdown_stream", "READY", url_on_argv=True)


def long_chat(messages: int) -> Program:
    """The app in a chat of so many messages."""
    argv = (sys.executable, "-m", "tests.benchmarks.programs.long_chat", str(messages))
    return Program(f"chat of {messages}", argv, "LASTSTORED" if messages else "● Ready")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the measured part of a reply cost."""

    deltas: int
    cpu: float
    """CPU seconds from the first delta to the last one seen, and `REST`."""
    lag: float
    """Seconds from the last delta sent to its sight."""
    span: float
    """Seconds from the first delta sent to the last one seen."""
    written: int
    """Bytes to the terminal."""
    frames: int
    """Frames painted; 0 for programs that do not tell."""
    longest_pause: float
    """The longest time between two writes to the terminal within the span."""
    pauses: tuple[float, ...]
    """Seconds from each frame to the next within the span."""
    late: float
    """The most that the server was behind its own pace."""

    @property
    def cpu_per_1000(self) -> float:
        """CPU seconds per 1,000 deltas."""
        return self.cpu * 1000 / self.deltas


class Bench:
    """What all measurements share: the endpoint and an empty home."""

    def __init__(self, renderer: str = "auto") -> None:
        """`renderer`: the setting of that name."""
        self.endpoint = Endpoint()
        self.home = Path(tempfile.mkdtemp(prefix="tui-chat-benchmark-"))
        self.environment: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not _OURS.fullmatch(name)},
            "HOME": str(self.home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "TUI_CHAT_BASE_URL": self.endpoint.url,
            "TUI_CHAT_MODEL": "paced",
            **({} if renderer == "auto" else {"TUI_CHAT_RENDERER": renderer}),
        }
        self._started = False

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.endpoint.__exit__()
        shutil.rmtree(self.home)

    def spawn(self, program: Program, sights: Sequence[str] = ()) -> PtyProgram:
        """Start it."""
        argv = [*program.argv, *([self.endpoint.url] if program.url_on_argv else [])]
        return PtyProgram(argv, self.environment, sights=sights)

    def sit(self, program: Program) -> Sitting:
        """Start it and wait until it can be asked."""
        if not self._started:
            self._started = True
            self._start_once()
        return Sitting(self, program)

    def _start_once(self) -> None:
        """Start the app and let it come to rest: what its first start in a home writes for later ones takes as much
        work as a reply."""
        with self.spawn(APP, [APP.ready]) as terminal:
            terminal.first[0].wait()
            before, now = -1.0, terminal.cpu()
            while now - before > AT_REST:
                sleep(1)
                before, now = now, terminal.cpu()


class Sitting:
    """A program that has been started and can be asked; ends with the `with` block."""

    def __init__(self, bench: Bench, program: Program) -> None:
        self.bench = bench
        self.terminal = bench.spawn(program, [program.ready])
        try:
            self.terminal.first[0].wait()
        except BaseException:
            self.terminal.__exit__()
            raise
        sleep(0.5)  # what it does after it is ready (imports, a second frame) belongs to nothing that is measured here

    def __enter__(self) -> Sitting:
        return self

    def __exit__(self, *_: object) -> None:
        self.terminal.__exit__()

    def ask(self, job: Job) -> Asked:
        """Type a question that is answered with `job`, and wait for its head start."""
        return Asked(self, job)

    def read(self, job: Job) -> Reading:
        """Ask, and measure the reply."""
        asked = self.ask(job)
        asked.go()
        return asked.finish()


class Asked:
    """A question that is being answered; its server waits for `go`."""

    def __init__(self, sitting: Sitting, job: Job) -> None:
        self.endpoint = sitting.bench.endpoint
        self.terminal = sitting.terminal
        self.job = job = self.endpoint.prepare(job)
        head = self.terminal.look_for(job.head_mark)
        self.terminal.send("go\r")
        self.endpoint.told("asked", job.number)
        if job.before:
            head.wait()
            sleep(2 * REST)
        else:
            sleep(REST)

    def go(self) -> None:
        """Let the deltas come, and count from here."""
        self._last: Sight = self.terminal.look_for(self.job.last_mark)
        self._cpu = self.terminal.cpu()
        self._written = self.terminal.bytes_written
        self._frames = self.terminal.frames
        self.endpoint.go()

    def finish(self) -> Reading:
        """Wait until the last delta is seen, let the reply end, and say what it cost."""
        sent: Told = self.endpoint.told("sent", self.job.number)
        last = self._last.wait()
        sleep(REST)
        reading = Reading(
            deltas=self.job.deltas,
            cpu=self.terminal.cpu() - self._cpu,
            lag=last.at - sent.at,
            span=last.at - sent.began,
            written=self.terminal.bytes_written - self._written,
            frames=self.terminal.frames - self._frames,
            longest_pause=self.terminal.longest_pause(sent.began, last.at),
            pauses=tuple(self.terminal.pauses(sent.began, last.at)),
            late=sent.late,
        )
        if self.job.held:
            self.endpoint.go()
        self.endpoint.told("over", self.job.number)
        sleep(REST)
        return reading
