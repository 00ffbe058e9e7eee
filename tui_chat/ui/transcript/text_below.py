"""The amount of text below what is visible, in words."""

from __future__ import annotations


def words_below(rows: int, messages: int) -> str:
    """The number of rendered rows below the last visible one, or else of messages that are not rendered; empty if
    there is nothing."""
    if messages:
        return f"{messages:,} more message{'s' if messages > 1 else ''} below"
    if rows:
        return f"{rows:,} line{'s' if rows > 1 else ''} below"
    return ""
