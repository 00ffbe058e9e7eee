"""Parse and check sampling options typed by a person."""

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
"""Option names used by providers. Other names are allowed unless they look like a misspelling of one of these."""


def option_problem(name: str, value: object) -> str:
    """A sentence about what is wrong with an option; empty: no known problem."""
    if near := meant(name, KNOWN):
        return f"There is no option {name}; did you mean {near}?"
    if name in NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
        return f"{name} has to be a number, not {value!r}."
    return ""


def option_value(text: str) -> object:
    """Parse numbers, booleans, lists and objects as JSON; any other value is text."""

    def not_json(word: str) -> NoReturn:
        raise ValueError(word)  # Python parses NaN and Infinity, but no server does

    try:
        value = json.loads(text, parse_constant=not_json)
    except (ValueError, RecursionError):
        return text
    return text if value is None or isinstance(value, str) else value
