"""Convert a conversation into the messages of a request, independent of any API.

A reply is sent back as its text. Its reasoning is included only for a server that has refused the request without it
(DeepSeek's first reasoner refuses it, later ones ignore it outside of tool turns, and some gateways to them require it
in all turns: https://api-docs.deepseek.com/guides/thinking_mode). Error texts and tool calls, which are never run, are
left out, and so is a reply without text, because several APIs refuse empty messages. Consecutive messages of one role,
left by a failed or stopped question, are joined, because templates of Mistral, Gemma and others refuse them.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from tui_chat.chat.endings import unfinished
from tui_chat.chat.message import OpaquePart
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_chat.chat.message import Attachment, Message, Role
    from tui_chat.chat.turn import Question

AttachmentKind: TypeAlias = Literal["text", "image", "document"]

GO_ON: Final = (
    "Your last message broke off before its end. Go on exactly where it stops: do not repeat anything, and write no "
    "introduction."
)
"""Asks for the rest of a reply if an API does not accept the beginning of one."""

_TEXT_TYPES: Final = re.compile(
    r"text/|application/([^+]{0,100}\+)?(json|xml|yaml|toml|javascript|typescript|sql|x-sh|x-yaml|x-ndjson)\b"
)


@dataclass(frozen=True, slots=True)
class RequestMessage:
    """One message of a request."""

    role: Role
    text: str
    """The text, preceded by the attached text files."""
    files: tuple[Attachment, ...] = ()
    """Attached pictures and documents."""
    opaque: tuple[dict[str, Any], ...] = ()
    """Data that this endpoint requires back unchanged."""
    reasoning: str = ""
    """The reasoning of a reply."""


@dataclass(frozen=True, slots=True)
class MessageRules:
    """The kinds of messages that a server accepts and requires, as learned from its refusals."""

    prefill: bool = True
    """It accepts the beginning of an answer, if its API supports that."""
    system_role: bool = True
    """It accepts a system prompt separate from the messages; otherwise the prompt precedes the first question's
    text."""
    reasoning_back: bool = False
    """It requires the reasoning of earlier replies."""


@dataclass(frozen=True, slots=True)
class RequestMessages:
    """A question in the form that dialects translate for their APIs."""

    model: str
    system: str
    messages: tuple[RequestMessage, ...]
    options: Mapping[str, object] = field(default_factory=dict)
    """The options of the question, as in `Question.options`."""
    stream: bool = True
    rules: MessageRules = field(default_factory=MessageRules)

    @property
    def continuing(self) -> bool:
        """Whether the last message is the beginning of the reply that is requested."""
        return bool(self.messages) and self.messages[-1].role == "assistant"

    def going_on(self) -> tuple[RequestMessage, ...]:
        """The messages with alternating roles; if a reply is to be continued, a user message that asks for its rest
        is added."""
        return _alternating((*self.messages, RequestMessage("user", GO_ON)) if self.continuing else self.messages)

    def begun(self) -> tuple[RequestMessage, ...]:
        """The messages with alternating roles, for an API that continues a last message that is the beginning of an
        answer."""
        return _alternating(self.messages) if self.rules.prefill else self.going_on()


def _alternating(messages: Sequence[RequestMessage]) -> tuple[RequestMessage, ...]:
    """Join consecutive messages of one role; a repeated question is included once."""
    made: list[RequestMessage] = []
    for message in messages:
        if made and made[-1].role == message.role:
            before = made.pop()
            texts = dict.fromkeys(text for text in (before.text, message.text) if text)
            files = before.files if before.files == message.files else before.files + message.files
            message = RequestMessage(
                message.role, "\n\n".join(texts), files, before.opaque + message.opaque, message.reasoning
            )
        made.append(message)
    return tuple(made)


def request_messages(
    question: Question,
    *,
    endpoint: str,
    send_unfinished: bool = True,
    stream: bool = True,
    rules: MessageRules | None = None,
) -> RequestMessages:
    """Return the request messages of a question for the endpoint with the display name `endpoint`.

    `send_unfinished`: include replies that were stopped, cut off or failed; a reply to be continued is always included.
    Raises `SetupError` for an attachment that no API accepts.
    """
    messages: list[RequestMessage] = []
    for chain in _chains(question.messages):
        last = chain[-1]
        if last.role == "user":
            messages.append(_asked(last))
            continue
        wanted = last is question.messages[-1]
        kept = chain if send_unfinished or wanted else [reply for reply in chain if not unfinished(reply.ending)]
        text = "".join(reply.shown for reply in kept)
        if text.strip():
            reasoning = "".join(reply.reasoning for reply in kept)
            messages.append(RequestMessage("assistant", text, opaque=_opaque(kept, endpoint), reasoning=reasoning))
    rules = rules or MessageRules()
    system = question.system
    if not rules.system_role and system.strip() and messages and messages[0].role == "user":
        messages[0] = replace(messages[0], text="\n\n".join(text for text in (system, messages[0].text) if text))
        system = ""
    return RequestMessages(question.model, system, tuple(messages), question.options, stream, rules)


def kind_of(attachment: Attachment) -> AttachmentKind:
    """The form in which an attachment is sent. Raises `SetupError` if no API accepts it."""
    mime = attachment.mime.partition(";")[0].strip().lower()
    if mime.startswith("image/"):
        return "image"
    if mime == "application/pdf":
        return "document"
    if _TEXT_TYPES.match(mime) or _is_text(attachment.data):
        return "text"
    raise SetupError(f"{attachment.name} cannot be sent: models take text, pictures and PDF files, not {mime}.")


def base64_of(attachment: Attachment) -> str:
    """The bytes of an attachment as Base64."""
    return b64encode(attachment.data).decode("ascii")


def data_url_of(attachment: Attachment) -> str:
    """An attachment as a `data:` URL."""
    return f"data:{attachment.mime};base64,{base64_of(attachment)}"


def _chains(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Group messages: a reply and its continuations together, every other message alone."""
    chain: list[Message] = []
    for message in messages:
        if chain and not (message.role == chain[-1].role == "assistant"):
            yield chain
            chain = []
        chain.append(message)
    if chain:
        yield chain


def _asked(message: Message) -> RequestMessage:
    kinds = [(attachment, kind_of(attachment)) for attachment in message.attachments]
    texts = [_quoted(attachment) for attachment, kind in kinds if kind == "text"]
    files = tuple(attachment for attachment, kind in kinds if kind != "text")
    return RequestMessage("user", "\n\n".join([*texts, *([message.text] if message.text or not kinds else [])]), files)


def _quoted(attachment: Attachment) -> str:
    text = attachment.data.decode("utf-8-sig", "replace")
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    name = " ".join(attachment.name.split())  # a line end in it would end the line that names the file
    return f"{name}:\n{fence}\n{text.rstrip()}\n{fence}"


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _opaque(replies: Sequence[Message], endpoint: str) -> tuple[dict[str, Any], ...]:
    """The opaque data of a single unchanged reply from this endpoint; otherwise empty."""
    if len(replies) != 1 or replies[0].endpoint != endpoint or replies[0].tool_calls or unfinished(replies[0].ending):
        return ()
    found = (json.loads(part.json) for part in replies[0].parts if isinstance(part, OpaquePart))
    return tuple(document for document in found if isinstance(document, dict))
