"""The pause that a server asks for before the next request: in a header, in a field, or in the words of its error."""

from __future__ import annotations

import re
from time import time
from typing import TYPE_CHECKING, Final

from tui_chat.wire.failures.errors import LOOKED_AT

if TYPE_CHECKING:
    from collections.abc import Mapping

_RETRY_DELAY: Final = re.compile(rb'"retryDelay"\s{0,9}:\s{0,9}"(\d{1,6}(?:\.\d{1,9})?)s"')
"""The pause that Google's APIs ask for in the body."""
_SPAN: Final = (
    r"(\d{1,6}(?:\.\d{1,9})?)\s?"
    r"(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)(?![a-z])"
)
_SPANS: Final = re.compile(_SPAN, re.IGNORECASE)
_IN_WORDS: Final = re.compile(
    r"\b(?:try|retry|wait)(?:ing)?(?: again)?(?: in| after| for)?(?: about| approximately)? "
    rf"((?:{_SPAN}(?:,? and |,? )?){{1,4}})",
    re.IGNORECASE,
)
"""As in "Please try again in 1m30.5s" and "Please wait 20 seconds"."""


def retry_after(headers: Mapping[str, str], body: bytes = b"") -> float | None:
    """The seconds to wait that the server asks for (`Retry-After` as seconds or a date, `retry-after-ms`, or in the
    body as `retryDelay` or in words); `None`: none."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,9}(\.\d{0,9})?", value):
            return float(value) / scale
    from email.utils import parsedate_to_datetime  # few responses say when to try again

    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time())
    except (ValueError, OverflowError):
        delay = _RETRY_DELAY.search(body[:LOOKED_AT])
        return float(delay[1]) if delay else wait_in_words(body[:LOOKED_AT].decode(errors="replace"))


def wait_in_words(message: str) -> float | None:
    """The seconds after which to try again according to an error message; `None`: it does not say."""
    found = _IN_WORDS.search(message[:LOOKED_AT])
    if found is None:
        return None
    return sum(float(number) * _seconds_in(unit.lower()) for number, unit in _SPANS.findall(found[1]))


def _seconds_in(unit: str) -> float:
    if unit.startswith(("ms", "milli")):
        return 0.001
    return {"s": 1.0, "m": 60.0, "h": 3600.0}[unit[0]]


def wait_hint(wait: float | None, otherwise: str = "") -> str:
    """Advice to wait, as long as the server asks for. `otherwise`: an alternative."""
    when = "Wait a moment and try again" if wait is None or wait < 1 else f"Try again in {_duration(wait)}"
    return f"{when}{otherwise}."


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h" if seconds < 2 * 86400 else f"{round(seconds / 86400):,} days"
