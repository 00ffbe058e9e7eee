"""Sampling options as a person types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn


def option_value(text: str) -> object:
    """Numbers, booleans, lists and tables are read as JSON; anything else is text."""

    def not_json(word: str) -> NoReturn:
        raise ValueError(word)  # Python reads NaN and Infinity, which no server does

    try:
        value = json.loads(text, parse_constant=not_json)
    except (ValueError, RecursionError):
        return text
    return text if value is None or isinstance(value, str) else value
