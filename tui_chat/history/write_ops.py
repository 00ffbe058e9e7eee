"""What the writer has to do, in the order in which it came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Message
    from tui_chat.history.journal import Event


class Add(NamedTuple):
    """A message is new, and the leaf."""

    conversation: Conversation
    message: Message


class Grow(NamedTuple):
    """Something came of a reply."""

    conversation: Conversation
    message: Message
    events: list[Event]


class Settle(NamedTuple):
    """A reply has ended."""

    conversation: Conversation
    message: Message


class SelectLeaf(NamedTuple):
    """Another branch is shown; `leaf` is its last message's id."""

    conversation: Conversation
    leaf: str | None


class Remove(NamedTuple):
    """A message and all below it are taken out."""

    conversation: Conversation
    message: Message
    leaf: str | None


class Restore(NamedTuple):
    """They are back."""

    conversation: Conversation
    message: Message
    leaf: str | None


class Rename(NamedTuple):
    """Title or system prompt have changed."""

    conversation: Conversation


class WriteMissing(NamedTuple):
    """Whatever is in memory of a conversation and not on disk is to be written."""

    conversation: Conversation


class Enter(NamedTuple):
    """The chat of that id is open here."""

    chat: str


class Leave(NamedTuple):
    """The chat of that id is no longer open here."""

    chat: str


WriteOp: TypeAlias = Add | Grow | Settle | SelectLeaf | Remove | Restore | Rename | WriteMissing | Enter | Leave
