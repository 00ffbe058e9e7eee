"""Work that blocks is waited for, but does not hold up the end of the program."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from tui_chat.daemon_thread import in_daemon_thread

BLOCKED = """
import asyncio, threading
from tui_chat.daemon_thread import in_daemon_thread
async def main():
    task = asyncio.create_task(in_daemon_thread(threading.Event().wait, "blocked"))
    while "blocked" not in {thread.name for thread in threading.enumerate()}:
        await asyncio.sleep(0)
asyncio.run(main())
print("ended")
"""


async def test_the_result_and_the_error_of_a_thread_are_passed_on() -> None:
    assert await in_daemon_thread(lambda: threading.current_thread().name, "a name") == "a name"
    with pytest.raises(ZeroDivisionError):
        await in_daemon_thread(lambda: 1 // 0, "fails")


async def test_a_result_that_nobody_waits_for_is_dropped() -> None:
    gate, ended = threading.Event(), threading.Event()

    def work() -> None:
        gate.wait(60)
        ended.set()

    task = asyncio.create_task(in_daemon_thread(work, "late"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    await asyncio.to_thread(ended.wait, 60)
    await asyncio.sleep(0)


def test_a_thread_that_is_blocked_does_not_keep_the_program_from_ending() -> None:
    assert subprocess.check_output([sys.executable, "-c", BLOCKED], timeout=60) == b"ended\n"
