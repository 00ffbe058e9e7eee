"""Titles of conversations, by rule."""

from __future__ import annotations

from tui_chat.chat.clean import clean_line

LONGEST = 60
"""Characters of a title made by rule."""


def title_from(question: str) -> str:
    """A title from a first question: its first line that says something, cut at a word; empty where there is none."""
    first = next((line for line in question.splitlines() if line.strip()), "")
    title = " ".join(clean_line(first[: 4 * LONGEST]).lstrip("#>*- `").split())
    if len(title) <= LONGEST:
        return title
    cut = title[:LONGEST].rsplit(" ", 1)[0]
    return f"{cut if len(cut) > LONGEST // 2 else title[:LONGEST]}…"
