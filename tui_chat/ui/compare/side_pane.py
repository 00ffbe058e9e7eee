"""The transcript of one reply of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.conversation import Conversation
from tui_chat.ui.transcript.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message


class OneReply(Conversation):
    """A conversation of which only one reply is shown; the reply itself is changed by its own conversation."""

    def __init__(self, reply: Message) -> None:
        super().__init__()
        self.messages[reply.id] = self.leaf = reply

    def path(self, leaf: Message | None = None) -> list[Message]:
        """Return the path that is shown, which has the reply alone."""
        return list(self.messages.values())


class SidePane(Transcript):
    """Shows one reply and follows its end."""

    def __init__(self, frames_per_second: float) -> None:
        super().__init__(frames_per_second=frames_per_second)
        self.maker.in_chat = False
        self.reply: Message | None = None
        """The reply that is shown."""
        self.on_scrolled: Callable[[SidePane, float], None] = _nothing
        """Called with the pane and the number of rows when a person has scrolled."""

    def update_reply(self, reply: Message, change: Change | None = None) -> None:
        """Show a reply, or what a change has made of the shown one."""
        if reply is not self.reply:
            self.reply = reply
            self.show(OneReply(reply))
        elif change is not None:
            self.changed(self.conversation, reply, change)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Report the number of rows that a person has scrolled."""
        super().watch_scroll_y(old_value, new_value)
        self.on_scrolled(self, new_value - old_value)

    def fold(self) -> None:
        """Fold or unfold the reasoning."""
        for view in self.views:
            view.toggle_fold()


def _nothing(_: SidePane, __: float) -> None:
    """Ignore the scrolling; stands in until the comparison links its panes."""
