"""The state table of a Pygments lexer, which Pygments keeps to itself."""

from __future__ import annotations

from typing import Any


def state_table(lexer: object) -> dict[str, list[Any]]:
    """The rules of each state, as `RegexLexer` compiles them in Pygments 2.21: pairs of match and action, and the next
    state. Empty where another version has no such table: the lexer cannot be resumed then."""
    table = getattr(lexer, "_tokens", None)
    rules = table.get("root") if isinstance(table, dict) else None
    if (
        not isinstance(table, dict)
        or not rules
        or not all(isinstance(rule, tuple) and len(rule) == 3 for rule in rules)
    ):
        return {}
    return table
