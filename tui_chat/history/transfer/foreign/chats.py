"""A chat of another program's export, and what of it has no place here."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from tui_chat.chat.message import Message, TextPart
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.history.transfer.json_format import ChatHead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import Attachment, Part, Role

LONGEST_ID: Final = 200
PARAGRAPH: Final = "\n\n"
LAST_TIME: Final = 1e11
"""Seconds since the epoch; later times are mistakes."""


class ForeignError(ValueError):
    """A chat or a file cannot be read. The text says why, for a person."""


@dataclass(slots=True)
class ForeignChat:
    """One chat; its messages come with parents before children."""

    head: ChatHead
    endpoint: str
    """The endpoint of its replies."""
    messages: list[Message] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    """The kinds of things that could not be taken over, as words in the plural, with their numbers."""
    _spoken: set[str] = field(default_factory=set)
    """The ids of replies with text in them, or in the replies that they continue."""

    def add(
        self,
        id_: str,
        parent: str | None,
        role: Role,
        created: float,
        parts: Sequence[Part],
        *,
        ending: Ending,
        model: str = "",
        attachments: Sequence[Attachment] = (),
    ) -> Message:
        """Add a message below its parent and return it. `ending` and `model` are those of a reply; a question has
        none."""
        made = Message(id_, parent, role, created, parts=list(parts))
        made.attachments = tuple(attachments)
        if role == "assistant":
            _part(made, spoken=parent in self._spoken)
            if parent in self._spoken or made.text:
                self._spoken.add(id_)
            made.model, made.endpoint, made.ending = model, self.endpoint, ending
            texts = [part.text for part in parts if isinstance(part, TextPart)]
            made.deltas = len(texts)
            made.content_bytes = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
        self.messages.append(made)
        return made

    def finish(self, leaf: str | None) -> ForeignChat:
        """Complete the head when all messages are there. Raises `ForeignError` if there are none."""
        if not self.messages:
            raise ForeignError("has no messages")
        head = self.head
        changed = max([head.changed, *(message.created for message in self.messages)])
        self.head = ChatHead(
            head.id, head.created, changed, head.title, head.system, leaf=leaf, messages=len(self.messages)
        )
        return self


def _part(reply: Message, *, spoken: bool) -> None:
    """Begin a paragraph with each text that is not the first of an answer, and stands behind another reply or behind
    something else than text: all of them are shown and sent back as one."""
    parted = spoken
    for at, part in enumerate(reply.parts):
        if not isinstance(part, TextPart) or part.kind != "text":
            parted = parted or spoken
        elif part.text:
            if spoken and parted:
                reply.parts[at] = TextPart("text", int(part.key), text=f"{PARAGRAPH}{part.text}")
            spoken, parted = True, False


def new_chat(
    endpoint: str, id_: object, title: object, created: float, changed: object, *, facts: Sequence[str] = ()
) -> ForeignChat:
    """Return a chat without messages. Where it has no id of its own, it gets one from its title, its time and
    other `facts`, so that a second import finds it again."""
    name = words(title)
    own = identity(id_, endpoint, name, str(created), *facts)
    return ForeignChat(ChatHead(own, created, seconds(changed, created), name), endpoint)


def identity(value: object, *instead: str) -> str:
    """Return an id as it is, or one derived from other facts if it is none."""
    if isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable():
        return value
    return uuid5(NAMESPACE_URL, "/".join(instead)).hex


def seconds(value: object, otherwise: float = 0.0) -> float:
    """Return a moment in seconds since the epoch: a number, or an ISO date (in UTC unless it says otherwise)."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if 0 <= value < LAST_TIME else otherwise
    if isinstance(value, str) and len(value) < 100:
        try:
            moment = datetime.fromisoformat(value)
            return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        except (ValueError, OverflowError):
            return otherwise
    return otherwise


def words(value: object) -> str:
    """Return a text, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def listed(value: object) -> Sequence[Any]:
    """Return a list, or an empty one for anything else."""
    return value if isinstance(value, list) else ()


def fields(value: object) -> dict[str, Any]:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}
