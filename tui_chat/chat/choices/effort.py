"""The effort of a model: an amount of thinking before it answers, as a person sets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.wording.spelling import meant

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT: Final = "default"
"""The effort that is not sent, so that the server decides."""
EFFORTS: Final = ("off", "low", "medium", "high", DEFAULT)
"""All efforts, in the order in which lists show them."""
OPTION: Final = "reasoning_effort"
"""The option by which a question carries it; each dialect spells it in its own way."""


def effort_option(effort: str) -> Mapping[str, object]:
    """Return the option of a question for an effort. An empty effort sets no option, so that the settings decide;
    `default` overrides the settings, so that the server decides."""
    if not effort:
        return {}
    return {OPTION: None if effort == DEFAULT else "none" if effort == "off" else effort}


def effort_of(options: Mapping[str, object]) -> str:
    """Return the effort that options ask for, as a person reads it; empty: none."""
    value = options.get(OPTION)
    if value is None:
        return ""
    return "off" if value == "none" else str(value)


def effort_problem(effort: str) -> str:
    """A sentence about what is wrong with an effort; empty: nothing."""
    if effort in EFFORTS:
        return ""
    near = meant(effort, EFFORTS)
    known = f"did you mean {near}?" if near else f"there are {', '.join(EFFORTS)}."
    return f"There is no effort {effort!r}; {known}"
