"""The state in which a person left a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.history_ports import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.chat.conversation import Removal
    from tui_chat.chat.history_ports import ReadingPosition
    from tui_chat.chat.model_ports import Connection


class ChatViewState:
    """Draft, reading place, options, endpoint and deleted messages of a chat, for its next showing in this run."""

    def __init__(self) -> None:
        self.draft = Draft()
        self.draft_id = ""
        """The id under which the draft is kept on disk; empty: the chat's own. Where another window has the chat open,
        that window's draft has the chat's id, and this one's another."""
        self.reading_position: ReadingPosition | None = None
        """The reading position; `None`: at the end."""
        self.options: Mapping[str, object] = {}
        self.connection: Connection | None = None
        """The connection of the chat; `None`: not yet used in this run."""
        self.removals: list[Removal] = []
        """Messages that were deleted and can be brought back, the newest last."""
