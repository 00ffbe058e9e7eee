"""The text of messages for copying, whether or not they have a view. The clipboard removes control characters.

The screen's first frame imports this module, so the Markdown renderer is only imported when something is copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.events import Failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.message import Message


def text_of(messages: Sequence[Message]) -> str:
    """The answer as written, of a reply and those that continue it; for a reply that failed before its first word, the
    error."""
    text = "".join(message.text for message in messages) or "".join(message.refusal for message in messages)
    ending = messages[-1].ending
    if not text and isinstance(ending, Failed):
        from tui_chat.ui.transcript.ending_rows import failure_lines

        return "\n".join(failure_lines(ending, messages[-1]))
    return text


def code_blocks(messages: Sequence[Message]) -> list[str]:
    """The code of each block of a reply and those that continue it."""
    return code_blocks_in(text_of(messages))


def code_blocks_in(text: str) -> list[str]:
    """The code of each block of a Markdown text, in order, including an open one. The last line end is removed, so that
    pasting into a shell runs nothing."""
    from tui_chat.ui.markdown.parser.markdown_parser import parsed_blocks

    return [token.content.removesuffix("\n") for token in parsed_blocks(text) if token.type in ("fence", "code_block")]


def as_markdown(entries: Sequence[Sequence[Message]]) -> str:
    """A chat as Markdown, with a heading that names the speaker before each entry."""
    return "\n\n".join(f"## {_who(messages[-1])}\n\n{text_of(messages).strip()}" for messages in entries) + "\n"


def _who(message: Message) -> str:
    return "You" if message.role == "user" else message.model or "Reply"
