"""Waits for work that may block for long, without making the end of the program wait for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def in_daemon_thread(work: Callable[[], T], name: str) -> T:
    """Return what `work` returns, called in a thread with that name. The program ends without it, where
    `asyncio.to_thread` has it wait: for a disk or a clipboard that does not answer, say."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def give(value: T | None, error: BaseException | None) -> None:
        if result.done():  # nobody waits any longer
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value: T | None = None
        failed: BaseException | None = None
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
            failed = error
        with suppress(RuntimeError):  # the loop has been closed
            loop.call_soon_threadsafe(give, value, failed)

    Thread(target=run, name=name, daemon=True).start()
    return await result
