"""Sampling options as a person types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tui_chat.chat.wording.spelling import meant

if TYPE_CHECKING:
    from typing import NoReturn


NUMBERS: Final = frozenset({
    "temperature", "top_p", "top_k", "top_a", "top_n", "min_p", "typical_p", "max_tokens", "max_completion_tokens",
    "max_output_tokens", "seed", "presence_penalty", "frequency_penalty", "repetition_penalty", "repeat_penalty",
    "repeat_last_n", "num_ctx", "num_predict", "num_keep", "n", "top_logprobs", "mirostat", "mirostat_eta",
    "mirostat_tau", "tfs_z", "thinking_budget",
})  # fmt: skip
KNOWN: Final = NUMBERS | {
    "stop", "logit_bias", "logprobs", "response_format", "reasoning_effort", "reasoning", "thinking", "think",
    "verbosity", "service_tier", "user", "store", "metadata", "tools", "tool_choice", "parallel_tool_calls",
    "keep_alive", "format", "stream_options", "safety_settings", "grammar", "json_schema", "guided_json",
    "prompt_cache_key", "modalities",
}  # fmt: skip
"""Options by the names that providers give them. Others can be set too, but none that looks like one of these
mistyped."""


def option_problem(name: str, value: object) -> str:
    """What is wrong with an option, as a sentence for a person; empty: nothing that is known."""
    if near := meant(name, KNOWN):
        return f"There is no option {name}; did you mean {near}?"
    if name in NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
        return f"{name} is a number, and {value!r} is none."
    return ""


def option_value(text: str) -> object:
    """Numbers, booleans, lists and tables are read as JSON; anything else is text."""

    def not_json(word: str) -> NoReturn:
        raise ValueError(word)  # Python reads NaN and Infinity, which no server does

    try:
        value = json.loads(text, parse_constant=not_json)
    except (ValueError, RecursionError):
        return text
    return text if value is None or isinstance(value, str) else value
