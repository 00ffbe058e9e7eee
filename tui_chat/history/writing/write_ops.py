"""The operations that the writer applies, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Message
    from tui_chat.chat.usage.sums import RequestPurpose
    from tui_chat.history.journal import JournalEvent


class Add(NamedTuple):
    """A new message, which becomes the leaf."""

    conversation: Conversation
    message: Message


class Grow(NamedTuple):
    """New events of a reply in progress."""

    conversation: Conversation
    message: Message
    events: list[JournalEvent]


class Settle(NamedTuple):
    """A reply has ended."""

    conversation: Conversation
    message: Message


class SelectLeaf(NamedTuple):
    """Another branch is shown; `leaf` is the id of its last message."""

    conversation: Conversation
    leaf: str | None


class Remove(NamedTuple):
    """A message and all below it are removed."""

    conversation: Conversation
    message: Message
    leaf: str | None


class Restore(NamedTuple):
    """A removed message and all below it are restored."""

    conversation: Conversation
    message: Message
    leaf: str | None


class Rename(NamedTuple):
    """The title, the system prompt or the choices have changed."""

    conversation: Conversation


class WriteMissing(NamedTuple):
    """Write whatever of a conversation is in memory but not on disk."""

    conversation: Conversation


class Enter(NamedTuple):
    """The chat with that id is open in this program."""

    chat: str


class Leave(NamedTuple):
    """The chat with that id is no longer open in this program."""

    chat: str


class KeepRequest(NamedTuple):
    """A request that is not a message of the chat with that id."""

    chat: str
    purpose: RequestPurpose
    reply: Message


WriteOp: TypeAlias = (
    Add | Grow | Settle | SelectLeaf | Remove | Restore | Rename | WriteMissing | Enter | Leave | KeepRequest
)
