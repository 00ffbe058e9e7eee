"""Chats as lines of JSON from which they can be made again exactly: what `export --format json` writes.

A file is UTF-8, each of its lines (ended by LF) an object with one key, but for the first:

    {"format": "tui-chat", "version": 1}
    {"chat": {"id", "created", "changed", "title", "system", "pinned", "leaf", "messages", "origin", "persona",
              "effort", "options"}}
    {"message": {"id", "parent", "role", "created", "model", "endpoint", "url", "status", "parts", "attachments",
                 "usage", "timing", "deltas", "content_bytes", "skipped", "purpose", "cost", "ending"}}

A `chat` is followed by as many `message` lines as its `messages` says: all of its tree, a parent before its children,
siblings in their order. `leaf` is the id of the message at which the branch ends that was shown; `origin` is `ask` for
a chat of `tui-chat ask`; `options` are the sampling options of its persona. What a line leaves out is empty, zero,
false or unknown. Times `created` and `changed` are seconds since the epoch; those in `timing`, `began` and `ended` of a
part and `at` of an ending are seconds of a clock of which only differences mean anything.

`parts` are objects in the message's order, by `kind`: `text`, `reasoning` and `refusal` (`text`, and `number`, `began`,
`ended` of their block), `call` (a tool call: `number`, `id`, `name`, and its `arguments` as the JSON text the model
wrote), `image` (`url`), `citation` (`url`, `title`), `opaque` (`json`, text that goes back to the provider unchanged).
`attachments` have `name`, `mime` and Base64 `data`. `usage` has `input`, `output`, `total`, `reasoning`, `cached`,
`cost`, `input_audio`, `output_audio`, `cached_apart` and `reasoning_apart` (whether these tokens are counted in no
other number), as far as the server reported them. `cost` has
`picodollars` (a million millionths of a US dollar), its `source` (`server`, `settings` or `model list`) and whether it
was `estimated`; `purpose` is `compaction` for a summary and the request for it. `skipped` counts the `events` and
`bytes` of a reply's stream that could not be read. `ending` has an `outcome` (`finished`, `cut-off`, `stopped` or
`failed`), what that says, and `at`. A reply that was still coming is written as one that was cut off.

Lines and not one array, so that a file of any length is written and read with the memory for one message, and so that
files can be joined (a first line may stand again where another file begins). Characters that could drive a terminal
are written as escapes. A high surrogate before a low one is the one character that they mean, as every reader of JSON
would have it; other lone surrogates stay what they are.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.choices.chat_choices import ChatChoices
from tui_chat.chat.clean import clean_in_place, in_place
from tui_chat.chat.events import CutOff, Failed, Finished, Stopped
from tui_chat.chat.message import CitationPart, ImagePart, OpaquePart, TextPart, ToolCall
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Origin
    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import Attachment, Message, Part

FORMAT: Final = "tui-chat"
VERSION: Final = 1
FIRST_LINE: Final = {"format": FORMAT, "version": VERSION}
OUTCOMES: Final[dict[str, type[Finished | CutOff | Failed | Stopped]]] = {
    "finished": Finished,
    "cut-off": CutOff,
    "failed": Failed,
    "stopped": Stopped,
}

_WORDS: Final = {kind: word for word, kind in OUTCOMES.items()}
_STILL_COMING: Final = CutOff("it was still coming when the chat was exported", at=0.0)


@cache
def _escapes() -> dict[int, str]:
    """Return the table for `str.translate`; built on first use, which takes some milliseconds."""
    return {code: json.dumps(chr(code))[1:-1] for code in in_place()}


@dataclass(frozen=True, slots=True)
class ChatHead:
    """The fields of a `chat` line."""

    id: str
    created: float
    changed: float
    title: str = ""
    system: str = ""
    pinned: bool = False
    leaf: str | None = None
    messages: int = 0
    origin: Origin = ""
    choices: ChatChoices = field(default_factory=ChatChoices)


def line(document: dict[str, Any]) -> str:
    """Return an object as one line of JSON that ends with LF."""
    text = json.dumps(document, ensure_ascii=False)
    if clean_in_place(text) is not text:
        paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        text = paired.translate(_escapes())
    return text + "\n"


def chat_document(chat: ChatHead) -> dict[str, Any]:
    """Return the object of a `chat` line."""
    fields = {**asdict(chat), "pinned": chat.pinned or None, "messages": chat.messages or None}
    chosen = fields.pop("choices")
    return {"chat": _said({**fields, **chosen, "options": chosen["options"] or None})}


def message_document(message: Message) -> dict[str, Any]:
    """Return the object of a `message` line."""
    timing = _known(asdict(message.timing))
    fields = {
        "id": message.id,
        "parent": message.parent,
        "role": message.role,
        "created": message.created,
        "model": message.model,
        "endpoint": message.endpoint,
        "url": message.url,
        "status": message.status,
        "parts": [_part(part) for part in message.parts],
        "attachments": [_attachment(attachment) for attachment in message.attachments],
        "usage": None if message.usage is None else _known(asdict(message.usage)),
        "timing": timing or None,
        "deltas": message.deltas or None,
        "content_bytes": message.content_bytes or None,
        "skipped": message.skipped and {"events": message.skipped.events, "bytes": message.skipped.bytes},
        "purpose": message.purpose,
        "cost": message.cost and _said({**asdict(message.cost), "estimated": message.cost.estimated or None}),
        "ending": None if message.role == "user" else _ending(message.ending or _STILL_COMING),
    }
    return {"message": _said(fields)}


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the object without unknown and empty fields."""
    return {name: value for name, value in fields.items() if value is not None and value != "" and value != []}


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the object without unknown fields."""
    return {name: value for name, value in fields.items() if value is not None}


def _part(part: Part) -> dict[str, Any]:
    match part:
        case TextPart():
            block = {"number": int(part.key) or None, "began": part.began or None, "ended": part.ended or None}
            return {"kind": part.kind, "text": part.text, **_said(block)}
        case ToolCall(index, id_, name, arguments):
            call = {"number": int(index) or None, "id": id_, "name": name, "arguments": arguments}
            return {"kind": "call", **_said(call)}
        case ImagePart(url):
            return {"kind": "image", "url": url}
        case CitationPart(url, title):
            return {"kind": "citation", "url": url, **_said({"title": title})}
        case OpaquePart(json_):
            return {"kind": "opaque", "json": json_}


def _attachment(attachment: Attachment) -> dict[str, Any]:
    data = base64.b64encode(attachment.data).decode()
    return {"name": attachment.name, "mime": attachment.mime, "data": data}


def _ending(ending: Ending) -> dict[str, Any]:
    return {"outcome": _WORDS[type(ending)], **_known(asdict(ending))}
