"""How long the rest of an answer is waited for after its end was announced.

The rule, one for all dialects:

- `[DONE]`, a dialect's last event, an error and the end of the body end an answer at once; no wait.
- A finish reason in an event without a piece of the answer: `AFTER_REASON`.
- A finish reason in an event with a piece of the answer: `AFTER_REASON_WITH_CONTENT`, because some gateways put a
  reason on every piece, and the next one may be seconds away.
- An empty `data:` after text, which many hand-written servers send as their last event: `AFTER_EMPTY_DATA`.
- A piece of the answer that comes after all that shows that the end was announced too early. It is kept, and from then
  on each piece gives `AFTER_LATE_CONTENT` from its own arrival.
- A report of usage after the reason is the last thing that most servers send: what is left of the wait is
  `AFTER_USAGE`, unless a piece has come late.
- Nothing else moves the deadline: comments, pings, blank lines, further reasons, events that hold nothing.
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
"""Seconds, all of them."""

LAST_LOOK: Final = 0.05
"""Seconds for what arrived in time and was not read yet, because this program was held up."""


class EndingWait:
    """The deadline of one answer."""

    def __init__(self) -> None:
        self._deadline: float | None = None
        self._late = False
        """A piece of the answer has come after its end was announced."""
        self._looked = False

    @property
    def running(self) -> bool:
        """Whether there is a deadline."""
        return self._deadline is not None

    def observe(self, events: Sequence[ChatEvent], *, announced: bool, reason: bool) -> None:
        """What an event of the stream gave, and whether the end has been announced by then; `reason`: by a finish
        reason."""
        if not announced:  # an empty `data:` was none of the end
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
        """Seconds that the next read may take; `None`: as long as it likes; 0: the answer is over."""
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
