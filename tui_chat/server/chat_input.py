"""What a script is told of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class InputMessage:
    """One message of the conversation that was sent."""

    role: str
    """`system`, `user`, `assistant`, or `tool` for what a tool gave back."""
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the request offers."""

    name: str
    parameters: Mapping[str, Any]
    """A JSON schema."""


@dataclass(frozen=True, slots=True)
class ChatInput:
    """The question, and what belongs to it."""

    messages: tuple[InputMessage, ...]
    max_tokens: int | None = None
    """The answer is cut after so many pieces, with the finish reason `length`."""
    tools: tuple[Tool, ...] = ()

    @property
    def question(self) -> str:
        """The last thing the user said."""
        return next((message.text for message in reversed(self.messages) if message.role == "user"), "")

    @property
    def opening(self) -> bool:
        """Whether this is the conversation's first question."""
        return sum(message.role == "user" for message in self.messages) <= 1

    @property
    def results(self) -> tuple[str, ...]:
        """What tools gave back since anybody else spoke last."""
        found: list[str] = []
        for message in reversed(self.messages):
            if message.role != "tool":
                break
            found.insert(0, message.text)
        return tuple(found)
