"""What the writer has to do, in the order in which it came about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Message
    from tui_chat.history.journal import Event


@dataclass(frozen=True, slots=True)
class Add:
    """A message is new, and the leaf."""

    conversation: Conversation
    message: Message


@dataclass(frozen=True, slots=True)
class Grow:
    """Something came of a reply."""

    conversation: Conversation
    message: Message
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Settle:
    """A reply has ended."""

    conversation: Conversation
    message: Message


@dataclass(frozen=True, slots=True)
class Turn:
    """Another branch is shown; `leaf` is its last message's id."""

    conversation: Conversation
    leaf: str | None


@dataclass(frozen=True, slots=True)
class Remove:
    """A message and all below it are taken out."""

    conversation: Conversation
    message: Message
    leaf: str | None


@dataclass(frozen=True, slots=True)
class Restore:
    """They are back."""

    conversation: Conversation
    message: Message
    leaf: str | None


@dataclass(frozen=True, slots=True)
class Name:
    """Title or system prompt have changed."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Match:
    """Whatever is in memory of a conversation and not on disk is to be written."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Leave:
    """The chat of that id is no longer open here."""

    chat: str


Step: TypeAlias = Add | Grow | Settle | Turn | Remove | Restore | Name | Match | Leave
