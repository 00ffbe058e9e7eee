"""Waiting until an app has done what it was given, for tests of the screen."""

from __future__ import annotations

import asyncio
from time import monotonic

SOON = 0.02
"""Seconds: a timer that is due within this belongs to what was just done, as the next frame does."""


async def wait_until_handled() -> None:
    """Let the loop run until nothing is ready. No timer is waited for: what was posted is done, but not yet painted."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(0)
        if not loop._ready:  # type: ignore[attr-defined]
            return


async def wait_until_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Let the loop run until nothing is ready and no timer is due soon, or for `max_sleep` seconds.

    Textual's own wait looks at how much processor time passes in 20 ms. That is slow where nothing is left to do, and
    too short on a busy machine, where the process gets no processor time although much is left.
    """
    loop = asyncio.get_running_loop()
    start = monotonic()
    end = start + max_sleep
    while monotonic() < end:
        await asyncio.sleep(0)
        if loop._ready:  # type: ignore[attr-defined]
            continue
        due = min((each.when() for each in loop._scheduled if not each.cancelled()), default=end)  # type: ignore[attr-defined]
        if due > loop.time() + SOON:
            break
        await asyncio.sleep(max(due - loop.time(), 0))
