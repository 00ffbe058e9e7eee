"""Reads a chat of ChatGPT's data export (`conversations.json`).

A chat is a tree in `mapping`: nodes by id, each with a message or none, its parent and its children; `current_node` is
the leaf that was shown. Nodes without words for a person (system messages, tools, hidden ones) are left out, and their
children are put below the nearest message above.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.events import CutOff, Finished, Stopped
from tui_chat.chat.message import CitationPart, TextPart
from tui_chat.history.transfer.foreign.chats import (
    ForeignChat,
    ForeignError,
    fields,
    identity,
    listed,
    new_chat,
    seconds,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import Part, Role

ENDPOINT: Final = "chatgpt.com"
_QUIET: Final = frozenset({"user_editable_context", "model_editable_context", "reasoning_recap", "system_error"})
"""Kinds of content that are about the program and not of the talk."""

_CANVAS: Final = "canmore."
"""The beginning of the names of tools that write documents."""
_MARK: Final = re.compile("\ue200[^\ue200\ue201]{0,4000}\ue201")
"""A mark in a text that stands for links or for the name of something."""
_ENTITY: Final = "\ue200entity"


def is_chat(item: object) -> bool:
    """Whether an element of a list is such a chat."""
    return isinstance(item, dict) and isinstance(item.get("mapping"), dict)


def read_chat(item: dict[str, Any]) -> ForeignChat:
    """Read one chat. Raises `ForeignError`."""
    nodes: dict[str, Any] = item["mapping"]
    created = seconds(item.get("create_time"))
    own = item.get("conversation_id") or item.get("id")
    chat = new_chat(ENDPOINT, own, item.get("title"), created, item.get("update_time"), facts=sorted(nodes))
    above: dict[str, str | None] = {}
    """The nearest message at or above each node that was visited."""
    times: dict[str | None, float] = {None: created}
    for node in _in_order(nodes):
        entry = fields(nodes[node])
        parent = above.get(words(entry.get("parent")))
        above[node] = parent
        found = fields(entry.get("message"))
        role = _role(found)
        parts = _parts(found, chat) if role is not None else []
        if role is None or not parts:
            if words(fields(found.get("author")).get("role")) == "tool":
                chat.lost["tool results"] += 1
            continue
        times[node] = seconds(found.get("create_time"), times[parent])
        chat.add(
            identity(node, chat.head.id, node),
            parent,
            role,
            times[node],
            parts,
            ending=_ending(found),
            model=words(fields(found.get("metadata")).get("model_slug")),
        )
        above[node] = node
    if len({each.id for each in chat.messages}) < len(chat.messages):
        raise ForeignError("has messages with the same id")
    return chat.finish(above.get(words(item.get("current_node"))) or (chat.messages[-1].id if chat.messages else None))


def _in_order(nodes: dict[str, Any]) -> Iterator[str]:
    """Yield all nodes with parents before children and siblings in their order; none twice.

    A node is a child of the parent that it names, too, where the parent does not list it. Those that are reached from
    no beginning, because parents name each other in a circle, follow at the end.
    """
    below: dict[str, list[str]] = {}
    roots: list[str] = []
    for node, entry in nodes.items():
        listed_below = listed(fields(entry).get("children"))
        below.setdefault(node, [])[:0] = [child for child in listed_below if isinstance(child, str) and child in nodes]
        parent = fields(entry).get("parent")
        if isinstance(parent, str) and parent in nodes:
            below.setdefault(parent, []).append(node)
        else:
            roots.append(node)
    seen: set[str] = set()
    for root in (*roots, *nodes):
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            yield node
            waiting += reversed(below[node])


def _role(found: dict[str, Any]) -> Role | None:
    role = words(fields(found.get("author")).get("role"))
    hidden = fields(found.get("metadata")).get("is_visually_hidden_from_conversation")
    if hidden or role not in {"user", "assistant"}:
        return None
    return "user" if role == "user" else "assistant"


def _parts(found: dict[str, Any], chat: ForeignChat) -> list[Part]:
    content = fields(found.get("content"))
    kind = words(content.get("content_type"))
    if kind in _QUIET:
        return []
    if kind == "thoughts":
        thoughts = [words(fields(each).get("content")) for each in listed(content.get("thoughts"))]
        return _text("reasoning", "\n\n".join(thought for thought in thoughts if thought))
    if words(found.get("recipient")).startswith(_CANVAS):
        return _canvas(content, chat)
    if kind == "code":
        code, language = words(content.get("text")), words(content.get("language"))
        return _text("text", f"```{'' if language == 'unknown' else language}\n{code}\n```" if code else "")
    texts: list[str] = []
    for part in listed(content.get("parts")):
        inner = fields(part)
        if isinstance(part, str) or isinstance(inner.get("text"), str):
            texts.append(part if isinstance(part, str) else inner["text"])
        elif "image" in words(inner.get("content_type")):
            chat.lost["pictures"] += 1
        else:
            chat.lost["recordings and other parts"] += 1
    text = "\n\n".join(text for text in texts if text) or words(content.get("text")) or words(content.get("result"))
    text, sources = _with_sources(text, fields(found.get("metadata")))
    for _ in listed(fields(found.get("metadata")).get("attachments")):
        chat.lost["attached files"] += 1
    if not text and listed(content.get("parts")) and not texts:
        text = "(A picture or file that is not in the export.)"
    return [*_text("text", text), *sources]


def _canvas(content: dict[str, Any], chat: ForeignChat) -> list[Part]:
    """A document in the canvas as text; changes of it are orders to a program and cannot be taken over."""
    said = words(content.get("text")) or "".join(words(part) for part in listed(content.get("parts")))
    try:
        document = fields(json.loads(said))
    except (ValueError, RecursionError):
        document = {}
    text = words(document.get("content"))
    if not text:
        chat.lost["changes of documents in the canvas"] += 1
        return []
    kind, name = words(document.get("type")), words(document.get("name"))
    if kind.startswith("code/"):
        text = f"```{kind.removeprefix('code/')}\n{text}\n```"
    return _text("text", f"{name}\n\n{text}" if name else text)


def _with_sources(text: str, metadata: dict[str, Any]) -> tuple[str, list[Part]]:
    """Return a text without the marks that the site turns into links, and what they link to."""
    names: dict[str, str] = {}
    sources: dict[str, CitationPart] = {}
    for each in listed(metadata.get("content_references")):
        reference = fields(each)
        names[words(reference.get("matched_text"))] = words(reference.get("name"))
        for item in (reference, *map(fields, listed(reference.get("items")))):
            if url := words(item.get("url")):
                sources.setdefault(url, CitationPart(url, words(item.get("title"))))

    def shown(mark: re.Match[str]) -> str:
        quoted = mark[0].split('"', 4)
        in_mark = quoted[3] if mark[0].startswith(_ENTITY) and len(quoted) > 4 else ""
        return names.get(mark[0]) or in_mark

    return _MARK.sub(shown, text), list(sources.values())


def _text(kind: Any, text: str) -> list[Part]:
    return [TextPart(kind, text=text)] if text else []


def _ending(found: dict[str, Any]) -> Ending:
    reason = words(fields(fields(found.get("metadata")).get("finish_details")).get("type"))
    if reason == "interrupted":
        return Stopped(at=0.0)
    if reason == "max_tokens":
        return Finished("length", "eof", at=0.0)
    if words(found.get("status")) in {"", "finished_successfully", "finished"}:
        return Finished("stop", "eof", at=0.0)
    return CutOff("it was incomplete when it was exported", at=0.0)
