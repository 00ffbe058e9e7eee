"""Exports the shown branch of chats as Markdown or plain text."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_chat.chat.clean import clean_line
from tui_chat.chat.message import CitationPart, ImagePart, TextPart, ToolCall
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.history.transfer.export_model import ending_words, written_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_chat.chat.message import Message, Part
    from tui_chat.history.transfer.export_model import ExportedChat

TextBlock: TypeAlias = tuple[str, str]
"""A kind (`text`, `reasoning`, `refusal`, or `line` for a remark of ours) and its text."""

_FENCE: Final = re.compile(r"^ {0,3}(`{3,}(?=[^`\n]*$)|~{3,})(.*)$", re.MULTILINE)


def markdown(chats: Iterable[ExportedChat]) -> Iterator[str]:
    """Yield Markdown: a heading for each chat and a smaller one for each message. Replies are unchanged."""
    for number, chat in enumerate(chats):
        yield "\n---\n\n" if number else ""
        yield f"# {chat.title}\n\n*{_facts(chat)}*\n"
        if chat.head.system:
            yield f"\n## System prompt\n\n{_closed(chat.head.system)}\n"
        for message in chat.branch():
            yield f"\n## {_who(message)} · {written_moment(message.created)}\n"
            for kind, text in blocks(message):
                if kind == "reasoning":
                    yield f"\n<details>\n<summary>Reasoning</summary>\n\n{_closed(text)}\n\n</details>\n"
                elif kind == "line":
                    yield f"\n*{text}*\n"
                else:
                    yield f"\n{_closed(text)}\n"


def plain(chats: Iterable[ExportedChat]) -> Iterator[str]:
    """Yield plain text, each message below a line that names its author."""
    for number, chat in enumerate(chats):
        yield "\n\n" if number else ""
        yield f"{chat.title}\n{'=' * min(len(chat.title), 79)}\n{_facts(chat)}\n"
        if chat.head.system:
            yield f"\n[System prompt]\n{chat.head.system.rstrip()}\n"
        for message in chat.branch():
            yield f"\n[{_who(message)} · {written_moment(message.created)}]\n"
            for kind, text in blocks(message):
                if kind == "reasoning":
                    yield "".join(f"  | {line}".rstrip() + "\n" for line in text.rstrip().split("\n")) + "\n"
                else:
                    yield f"({text})\n" if kind == "line" else f"{text.rstrip()}\n"


def blocks(message: Message) -> Iterator[TextBlock]:
    """Yield a message's texts in order, and remarks about what is not text."""
    for kind, parts in groupby(message.parts, lambda part: part.kind if isinstance(part, TextPart) else ""):
        if kind:
            text = "".join(part.text for part in parts if isinstance(part, TextPart))
            if text.strip():
                yield kind, text
        else:
            yield from (("line", said) for part in parts if (said := _remark(part)))
    for attachment in message.attachments:
        about = f"{attachment.name} ({attachment.mime}, {readable_size(len(attachment.data))})"
        yield "line", f"Attached: {clean_line(about)}"
    if ended := ending_words(message):
        yield "line", clean_line(ended)


def _remark(part: Part) -> str:
    match part:
        case ToolCall():
            return clean_line(f"Tool call: {part.name} {part.arguments}")
        case ImagePart(url):
            return f"Picture ({readable_size(len(url))})" if url.startswith("data:") else clean_line(f"Picture: {url}")
        case CitationPart(url, title):
            return clean_line(f"Source: {title} {url}")
        case _:
            return ""


def _facts(chat: ExportedChat) -> str:
    model = f"{clean_line(chat.model)} · " if chat.model else ""
    return f"{model}{written_moment(chat.head.created)} · {chat.head.id}"


def _who(message: Message) -> str:
    return "You" if message.role == "user" else clean_line(message.model) or "Reply"


def _closed(text: str) -> str:
    """Return a text with its last code fence closed, so that it does not swallow what follows."""
    text = text.rstrip()
    fence = ""
    for found in _FENCE.finditer(text):
        if not fence:
            fence = found[1]
        elif found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text
