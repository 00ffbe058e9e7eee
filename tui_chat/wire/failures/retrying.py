"""Decide whether and when to send a request again."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

from tui_chat.wire.failures.statuses import NO_CREDIT, names_model

if TYPE_CHECKING:
    from tui_chat.chat.events import Failed

_LONGEST_WAIT: Final = 120.0
"""Seconds; if a server asks for a longer pause, the request is not retried automatically."""

_AGAIN: Final = frozenset({408, 409, 425, 429})


class RefusedError(Exception):
    """The server answered with a status outside 2xx."""

    def __init__(self, failed: Failed, wait: float | None, body: bytes) -> None:
        super().__init__(failed.problem)
        self.failed = failed
        self.wait = wait
        self.body = body

    @property
    def no_api(self) -> bool:
        """Whether the refusal suggests that there is no API at this URL."""
        return self.failed.status in {404, 405} and not names_model(self.failed)

    @property
    def again(self) -> bool:
        """Whether another attempt may help."""
        status = self.failed.status or 0
        if self.failed.code in NO_CREDIT or self.failed.type in NO_CREDIT or (self.wait or 0) > _LONGEST_WAIT:
            return False
        return status in _AGAIN or status >= 500


def backoff(attempt: int) -> float:
    """Seconds before attempt `attempt`: doubling from half a second to eight, each with up to a quarter of jitter."""
    return min(8.0, 0.25 * 2.0**attempt) * random.uniform(0.75, 1.0)


async def pause(seconds: float, retry_now: asyncio.Event) -> None:
    """Wait for `seconds`, or until `retry_now` is set; then clear it."""
    try:
        async with asyncio.timeout(seconds):
            await retry_now.wait()
    except TimeoutError:
        pass
    retry_now.clear()
