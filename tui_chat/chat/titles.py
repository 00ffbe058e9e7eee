"""Titles of conversations: made by rule, and the prompt that asks a model for one."""

from __future__ import annotations

from tui_chat.chat.clean import clean_line

LONGEST = 60
"""Maximum length of a title in characters."""

QUOTED = 1_500
"""Characters of the question and of its answer that are sent to the model for a title."""

INSTRUCTION = """\
Below is the beginning of a conversation. Give it a title of at most six words, in the language of the question. \
Answer with the title alone, on one line, without quotation marks."""


def title_from(question: str) -> str:
    """Make a title from the first question: its first line with text, cut at a word; empty if there is none."""
    lines = (_plain(line) for line in question.splitlines() if not line.startswith("```"))
    return _cut(next((line for line in lines if line), ""))


def in_quotes(title: str) -> str:
    """A chat by its title, for a sentence."""
    return f"“{clean_line(title)}”" if title else "a chat without a title"


def title_question(question: str, answer: str) -> str:
    """The prompt that asks a model for a title of a conversation."""
    return f"{INSTRUCTION}\n\n<question>\n{question[:QUOTED]}\n</question>\n\n<answer>\n{answer[:QUOTED]}\n</answer>"


def title_in_reply(reply: str) -> str:
    """Extract the title from a model's reply, without decoration; empty if there is none."""
    line = next((title for line in reply.splitlines() if (title := _plain(line))), "")
    line = line.removeprefix("Title:").strip().strip("\"'“”‘’«»「」*_`").rstrip(".").strip()
    return _cut(line)


def _cut(title: str) -> str:
    if len(title) <= LONGEST:
        return title
    cut = title[:LONGEST].rsplit(" ", 1)[0]
    return f"{cut if len(cut) > LONGEST // 2 else title[:LONGEST]}…"


def _plain(line: str) -> str:
    """Remove the Markdown marks at the start of a line (heading, list item, quotation)."""
    return clean_line(line[: 4 * LONGEST]).lstrip("#>*- `")
