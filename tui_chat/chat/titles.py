"""Titles of conversations: by rule, and what a model is asked for one."""

from __future__ import annotations

from tui_chat.chat.clean import clean_line

LONGEST = 60
"""Characters of a title."""

TOLD = 1_500
"""Characters of a question and of its answer that a model is given to find a title."""

INSTRUCTION = """\
Below is the beginning of a conversation. Give it a title of at most six words, in the language of the question. \
Answer with the title alone, on one line, without quotation marks."""


def title_from(question: str) -> str:
    """A title from a first question: its first line that says something, cut at a word; empty where there is none."""
    said = (_plain(line) for line in question.splitlines() if not line.startswith("```"))
    return _cut(next((line for line in said if line), ""))


def title_question(question: str, answer: str) -> str:
    """What to ask a model for a title of a conversation that began so."""
    return f"{INSTRUCTION}\n\n<question>\n{question[:TOLD]}\n</question>\n\n<answer>\n{answer[:TOLD]}\n</answer>"


def title_told(reply: str) -> str:
    """The title in a model's reply, without what models put around one; empty where there is none."""
    line = next((title for line in reply.splitlines() if (title := _plain(line))), "")
    line = line.removeprefix("Title:").strip().strip("\"'“”‘’«»「」*_`").rstrip(".").strip()
    return _cut(line)


def _cut(title: str) -> str:
    if len(title) <= LONGEST:
        return title
    cut = title[:LONGEST].rsplit(" ", 1)[0]
    return f"{cut if len(cut) > LONGEST // 2 else title[:LONGEST]}…"


def _plain(line: str) -> str:
    """A line without the marks that begin a heading, a point or a quotation."""
    return clean_line(line[: 4 * LONGEST]).lstrip("#>*- `")
