"""The tints in the replies of a transcript: their heat, and a place that is marked in one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.message_view import MessageView
    from tui_chat.ui.transcript.text.text_tint import TextTint


class ReplyTints:
    """Tints the views of replies; while nothing is to be tinted it does nothing."""

    def __init__(self) -> None:
        self.heat_of: Callable[[Sequence[Message]], TextTint | None] | None = None
        """Gives the heat of messages that are shown as one; `None`: heat is not shown."""
        self.place: tuple[Message, TextTint] | None = None
        """An entry of the path with the place that is marked in it."""

    def apply(self, view: MessageView) -> None:
        """Tint a view. The heat of a reply is shown once it has ended."""
        heat = None
        if self.heat_of is not None and view.message.settled and view.message.role == "assistant":
            heat = self.heat_of(view.messages)
        marked = self.place is not None and self.place[0] is view.messages[0]
        view.tint(heat, self.place[1] if self.place is not None and marked else None)
