"""Format dates and times relative to today."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


NO_DATE = "no date"

_LAST_MOMENT = 253_402_000_000.0
"""Seconds since the epoch, shortly before the year 10000, beyond which dates are not supported; an imported chat may
have any."""


def in_words(moment: float, now: float | None = None) -> str:
    """A time in seconds since the epoch as local time: `today 09:31`, `yesterday`, `Tue`, `12 Mar`, `12 Mar 2023`.
    `now` defaults to the current time. Imported chats may have no time, which is 0: `no date`."""
    if moment <= 0:
        return NO_DATE
    then, today = _local(moment), _local(time() if now is None else now)
    days = (today.date() - then.date()).days
    if days == 0:
        return f"today {then:%H:%M}"
    if days == 1:
        return "yesterday"
    if 1 < days < 7:
        return f"{then:%a}"
    return f"{then.day} {then:%b}" if then.year == today.year else f"{then.day} {then:%b} {then.year}"


def time_of_day(moment: float, now: float | None = None) -> str:
    """The same with the time of day: `09:31`, `yesterday 09:31`, `12 Mar 09:31`."""
    if moment <= 0:
        return NO_DATE
    then = _local(moment)
    words = in_words(moment, now)
    return f"{then:%H:%M}" if words.startswith("today") else f"{words} {then:%H:%M}"


def group_of(moment: float, now: float | None = None) -> str:
    """The group of a list that a time in seconds since the epoch belongs to: `Today`, `Yesterday`, `This week` (the
    last seven days) or `Older`."""
    days = (_local(time() if now is None else now).date() - _local(moment).date()).days
    return "Today" if days <= 0 else "Yesterday" if days == 1 else "This week" if days < 7 else "Older"


def _local(moment: float) -> datetime:
    from datetime import datetime  # the first frame has no dates

    return datetime.fromtimestamp(min(max(moment, 0.0), _LAST_MOMENT)).astimezone()
