"""The paced server as the benchmark holds it: a process that is told jobs and tells what happened."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from time import monotonic

from tests.benchmarks.job import GO, Job, Told

PATIENCE = 90.0
"""Seconds after which something that the server does not tell is an error."""


class NeverToldError(Exception):
    """The server did not tell what it was to tell."""


class Endpoint:
    """The process; ends with the `with` block."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.paced_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._told: list[Told] = []
        self._came = threading.Condition()
        self._jobs = 0
        threading.Thread(target=self._read, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.told('listening', 0).port}/v1"
        """The base URL of the chat completions API."""

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._came:
                self._told.append(Told(**json.loads(line)))
                self._came.notify_all()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def prepare(self, job: Job) -> Job:
        """Let the next question be answered with this job; it is given a number, of which its marks are made."""
        self._jobs += 1
        job = replace(job, number=self._jobs)
        self._write(job.line())
        self.told("taken", job.number)
        return job

    def go(self) -> None:
        """Let the server go on with the deltas, or with the end."""
        self._write(GO)

    def told(self, what: str, job: int) -> Told:
        """Block until the server tells this. Raises `NeverToldError`."""
        end = monotonic() + PATIENCE
        with self._came:
            while True:
                for told in reversed(self._told):
                    if told.what == what and told.job == job:
                        return told
                if monotonic() > end or self._process.poll() is not None:
                    raise NeverToldError(f"{what} of job {job}; told: {self._told[-5:]}")
                self._came.wait(0.5)
