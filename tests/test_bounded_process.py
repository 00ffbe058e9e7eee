"""Programs are ended that take too long, print too much, or leave others behind."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tui_chat.bounded_process import MOST_ERRORS, ProgramResult, TooMuchError, run_bounded

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")


def shell(script: str, *, seconds: float = 60, most: int = 1000) -> ProgramResult:
    return run_bounded(["sh", "-c", script], seconds=seconds, most=most)


def has_ended(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{number}/stat")  # one that nobody waits for any more is still listed
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_what_a_program_prints_is_returned_with_its_status() -> None:
    assert shell("printf out; printf err >&2; exit 3") == (3, b"out", b"err")


def test_a_program_has_no_input_and_the_environment_it_is_given() -> None:
    assert run_bounded(["/bin/sh", "-c", 'cat; printf "$A"'], seconds=60, most=9, environment={"A": "b"}).output == b"b"


def test_a_program_that_prints_without_an_end_is_ended() -> None:
    with pytest.raises(TooMuchError):
        shell("yes")
    assert shell("head -c 1000 /dev/zero").output == bytes(1000)
    with pytest.raises(TooMuchError):
        shell("head -c 1001 /dev/zero")


def test_messages_without_an_end_are_cut() -> None:
    done = shell("head -c 60000 /dev/zero >&2; printf out")
    assert (done.output, len(done.errors)) == (b"out", MOST_ERRORS)


def test_a_program_that_does_not_end_is_ended_with_what_it_has_started(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        shell(f"sleep 600 & echo $! > {tmp_path}/child; wait", seconds=0.5)
    number = int((tmp_path / "child").read_text())
    for _ in range(1000):
        if has_ended(number):
            return
        time.sleep(0.01)
    pytest.fail("what the program has started goes on")


def test_what_a_program_leaves_behind_with_its_pipes_open_is_not_waited_for() -> None:
    with pytest.raises(TimeoutError):
        shell("sleep 600 & printf out", seconds=0.5)


def test_a_program_that_is_missing_is_an_error() -> None:
    with pytest.raises(OSError, match="no-such-program"):
        run_bounded(["no-such-program"], seconds=1, most=1)
