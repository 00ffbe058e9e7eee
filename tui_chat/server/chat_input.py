"""The parts of a chat request that a script uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class InputMessage:
    """One message of the conversation in the request."""

    role: str
    """`system`, `user`, `assistant`, or `tool` for a tool's result."""
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the request offers to the model."""

    name: str
    parameters: Mapping[str, Any]
    """JSON schema of the arguments."""


@dataclass(frozen=True, slots=True)
class ChatInput:
    """The conversation in a request, its token limit and its tools."""

    messages: tuple[InputMessage, ...]
    max_tokens: int | None = None
    """The answer is cut after this many pieces, with the finish reason `length`."""
    tools: tuple[Tool, ...] = ()
    effort: str = ""
    """The effort as OpenAI names it (`none`, `low`, …), whatever the API's spelling; empty: not given."""

    @property
    def question(self) -> str:
        """The text of the last user message, or an empty string."""
        return next((message.text for message in reversed(self.messages) if message.role == "user"), "")

    @property
    def opening(self) -> bool:
        """Whether the conversation has at most one user message."""
        return sum(message.role == "user" for message in self.messages) <= 1

    @property
    def results(self) -> tuple[str, ...]:
        """The tool results at the end of the conversation, after the last message of any other role."""
        found: list[str] = []
        for message in reversed(self.messages):
            if message.role != "tool":
                break
            found.insert(0, message.text)
        return tuple(found)
