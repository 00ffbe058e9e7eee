"""The use of a chat's context window: the tokens that its next request will repeat, and the size of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.message import BYTES_PER_TOKEN, TextPart
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Attachment, Message

IMAGE_TOKENS: Final = 1_000
"""The estimated tokens of an attached picture; providers count between 85 and 3,000."""
MOST_READ: Final = 200
"""The number of messages that are looked at; if none of them has counts, the rest is taken to be as long as these."""
FILLING: Final = 0.75
"""The share of the window from which the screen warns."""
NEARLY_FULL: Final = 0.9
"""The share of the window from which compaction is offered."""


@dataclass(frozen=True, slots=True)
class ContextUse:
    """The tokens in a chat's context, and how many its model takes."""

    used: int
    estimated: bool
    """Some or all of `used` was not reported by the server; shown with a `~`."""
    window: int | None = None
    """The size of the context window in tokens; `None`: unknown."""

    @property
    def share(self) -> float | None:
        """The used part of the window, from 0 up (above 1 when it overflows); `None` if the window is unknown."""
        return self.used / self.window if self.window else None

    @property
    def filling(self) -> bool:
        """Whether it is time to warn."""
        share = self.share
        return share is not None and share >= FILLING

    @property
    def nearly_full(self) -> bool:
        """Whether it is time to compact the chat."""
        share = self.share
        return share is not None and share >= NEARLY_FULL


def context_use(conversation: Conversation, window: int | None = None) -> ContextUse:
    """Return how full the context of the current branch is. Reads the messages after the newest reply with reported
    counts, so it is called when a reply has ended or another branch is shown, not for each delta."""
    path = conversation.path()
    return prompt_size(path, conversation.system, window) if path else ContextUse(0, estimated=False, window=window)


def prompt_size(path: Sequence[Message], system: str = "", window: int | None = None) -> ContextUse:
    """Return how many tokens a request with these messages has: the newest reply's prompt and completion as reported,
    and an estimate of what follows; without such a reply, an estimate of everything."""
    after = 0
    for read, message in enumerate(reversed(path)):
        if read == MOST_READ:  # reading on would take long in a chat whose server reports nothing
            return ContextUse(after * len(path) // read, estimated=True, window=window)
        if message.purpose == "compaction":  # its own prompt was what it replaced
            made = message.completion_tokens
            after += message_size(message) if made is None else made
        elif message.role == "assistant" and (asked := message.prompt_tokens) is not None:
            made = message.completion_tokens
            known = asked + (message.output_estimate if made is None else made)
            return ContextUse(known + after, estimated=made is None or after > 0, window=window)
        else:
            after += message_size(message)
    return ContextUse(after + _tokens(system), estimated=True, window=window)


def message_size(message: Message) -> int:
    """Estimate the tokens of one message with its attachments."""
    size = sum(len(part.text.encode("utf-8", "surrogatepass")) for part in message.parts if isinstance(part, TextPart))
    size += sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    return round(size / BYTES_PER_TOKEN) + sum(attachment_size(attachment) for attachment in message.attachments)


def attachment_size(attachment: Attachment) -> int:
    """Estimate the tokens of an attached file."""
    if attachment.mime.startswith("image/"):
        return IMAGE_TOKENS
    return round(len(attachment.data) / BYTES_PER_TOKEN)


def _tokens(text: str) -> int:
    return round(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN)
