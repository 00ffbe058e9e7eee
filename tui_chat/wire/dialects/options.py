"""Sampling options that some APIs need in another form than OpenAI's."""

from __future__ import annotations

from typing import Any, Final

_BUDGETS: Final = {"none": 0, "off": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 32768}
"""Thinking tokens for each effort; low, medium and high as Google documents them for its compatible API."""


def budget_of(effort: object) -> int | None:
    """The thinking tokens of an effort, if it is a known word or a number; `None`: none was requested."""
    if isinstance(effort, bool) or effort is None:
        return None
    if isinstance(effort, (int, float)):
        return int(effort)
    word = str(effort).strip().lower()
    return int(word) if word.isdigit() else _BUDGETS.get(word)


def effort_of_budget(budget: int) -> str:
    """The word for a number of thinking tokens: the highest of low, medium and high whose budget it reaches."""
    return next((word for word in ("high", "medium") if budget >= _BUDGETS[word]), "low")


def take_stop(options: dict[str, Any]) -> list[str]:
    """Remove `stop` from the options and return it as a list; a string is one stop sequence."""
    stop = options.pop("stop", None)
    if stop is None:
        return []
    return [str(word) for word in stop] if isinstance(stop, (list, tuple)) else [str(stop)]
