"""Counts what of a body could not be read."""

from __future__ import annotations

from typing import Final

_LAST: Final = 4096
"""Characters that are kept of what was skipped last."""


class SkipCount:
    """The amount of a body that could not be read and was skipped.

    Data with a meaning by standard or common use does not count: comments, blank lines, standard fields and `error`,
    keep-alives (`data: ping`, `data: null`), and event types unknown to a dialect.
    """

    def __init__(self) -> None:
        self.events = 0
        """Number of events, or of lines outside of events."""
        self.bytes = 0
        self.last = ""
        """The beginning of the last item."""

    def add(self, text: str) -> None:
        """Count one more item; its text has U+FFFD for each byte that is not valid UTF-8."""
        self.last = text[:_LAST]
        self.events += 1
        self.bytes += len(text.encode("utf-8", "replace")) - 2 * text.count("\ufffd")

    def include(self, other: SkipCount) -> None:
        """Add another count to this one."""
        self.events += other.events
        self.bytes += other.bytes
