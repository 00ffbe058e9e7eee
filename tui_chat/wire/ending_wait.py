"""The time to wait for the rest of a response after its end was announced.

The rules are the same for all dialects:

- `[DONE]`, a dialect's last event, an error and the end of the body end a response at once, without a wait.
- A finish reason in an event without content: `AFTER_REASON`.
- A finish reason in an event with content: `AFTER_REASON_WITH_CONTENT`, because some gateways put a reason on every
  event, and the next one may be seconds away.
- An empty `data:` after text, which many hand-written servers send as their last event: `AFTER_EMPTY_DATA`.
- Content after any of these shows that the end was announced too early. It is kept, and from then on each piece of
  content extends the deadline by `AFTER_LATE_CONTENT` from its arrival.
- A usage report after the reason is the last event of most servers: the wait is cut to `AFTER_USAGE`, unless content
  came late.
- Nothing else moves the deadline: comments, pings, blank lines, further reasons, empty events.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_chat.chat.events import UsageReport
from tui_chat.wire.dialects.base import CONTENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.events import ChatEvent

AFTER_REASON: Final = 2.0
AFTER_REASON_WITH_CONTENT: Final = 8.0
AFTER_EMPTY_DATA: Final = 3.0
AFTER_LATE_CONTENT: Final = 20.0
AFTER_USAGE: Final = 0.5
"""Seconds, like the constants above."""

LAST_LOOK: Final = 0.05
"""Seconds for a final read of data that arrived in time while this program was delayed."""


class EndingWait:
    """The deadline for the end of one response."""

    def __init__(self, *, unlimited: bool = False) -> None:
        """`unlimited`: no deadline is ever set, because the response is a recorded one that may be paused."""
        self._unlimited = unlimited
        self._deadline: float | None = None
        self._late = False
        """Content arrived after the end was announced."""
        self._looked = False

    @property
    def running(self) -> bool:
        """Whether a deadline is set."""
        return self._deadline is not None

    def observe(self, events: Sequence[ChatEvent], *, announced: bool, reason: bool) -> None:
        """Update the deadline after the events of one frame. `announced`: the end has been announced; `reason`: by a
        finish reason."""
        if self._unlimited:
            return
        if not announced:  # an earlier empty `data:` was not the end
            self._deadline, self._late = None, True
            return
        content = any(isinstance(event, CONTENT) for event in events)
        now = monotonic()
        if self._deadline is None:
            wait = AFTER_REASON_WITH_CONTENT if content else AFTER_REASON if reason else AFTER_EMPTY_DATA
            self._deadline = now + (AFTER_LATE_CONTENT if self._late else wait)
        elif content:
            self._late = True
            self._deadline = now + AFTER_LATE_CONTENT
        elif not self._late and any(isinstance(event, UsageReport) for event in events):
            self._deadline = min(self._deadline, now + AFTER_USAGE)

    def left(self) -> float | None:
        """Seconds that the next read may take; `None`: no limit; 0: the response is over."""
        if self._deadline is None:
            return None
        left = self._deadline - monotonic()
        if left > 0:
            self._looked = False
            return left
        if self._looked:
            return 0.0
        self._looked = True
        return LAST_LOOK
