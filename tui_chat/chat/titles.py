"""Titles of conversations, by rule."""

from __future__ import annotations

from tui_chat.chat.clean import clean_line

LONGEST = 60
"""Characters of a title made by rule."""


def title_from(question: str) -> str:
    """A title from a first question: its first line that says something, cut at a word; empty where there is none."""
    said = (_plain(line) for line in question.splitlines() if not line.startswith("```"))
    title = next((line for line in said if line), "")
    if len(title) <= LONGEST:
        return title
    cut = title[:LONGEST].rsplit(" ", 1)[0]
    return f"{cut if len(cut) > LONGEST // 2 else title[:LONGEST]}…"


def _plain(line: str) -> str:
    """A line without the marks that begin a heading, a point or a quotation."""
    return clean_line(line[: 4 * LONGEST]).lstrip("#>*- `")
