"""The queue of changes to write: noted cheaply by any thread, put in order by the writer's thread."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from tui_chat.chat.events import (
    Added,
    CutOff,
    Failed,
    Finished,
    Removed,
    Renamed,
    Restored,
    Selected,
    Stopped,
)
from tui_chat.history import journal
from tui_chat.history.writing.write_ops import (
    Add,
    Enter,
    Grow,
    KeepRequest,
    Leave,
    Remove,
    Rename,
    Restore,
    SelectLeaf,
    Settle,
    WriteMissing,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.history_ports import Draft, ReadingPosition
    from tui_chat.chat.message import Message
    from tui_chat.history.writing.write_ops import WriteOp

Noted: TypeAlias = "tuple[Conversation, Message | None, Change, str | None]"
"""A conversation, the changed message, the change, and the leaf's id if the change is one of the tree. A plain tuple,
because there is one for each delta."""


class WriteQueue:
    """Pending write operations in order, and the newest draft and reading position of each chat.

    Writing may fail for a long time. Meanwhile the queue holds the text of replies in progress; everything else is a
    reference to messages that are in memory anyway.
    """

    def __init__(self) -> None:
        self.noted: deque[Noted | WriteMissing | Enter | Leave | KeepRequest] = deque()
        """Appended to by all threads; `collect` empties it."""
        self.ops: list[WriteOp] = []
        self.drafts: dict[str, Draft] = {}
        """Written by all threads, as are `positions`."""
        self.positions: dict[str, ReadingPosition | None] = {}
        self._growing: dict[str, Grow] = {}
        """The pending `Grow` operation of each reply in progress."""

    @property
    def durable(self) -> bool:
        """Whether the operations should survive a power loss: they contain more than parts of a growing reply."""
        return any(isinstance(op, (Add, Settle, WriteMissing)) for op in self.ops)

    @property
    def what(self) -> str:
        """The pending changes, as the beginning of a sentence."""
        chats = {
            op.conversation.id: op.conversation.title
            for op in self.ops
            if not isinstance(op, (Enter, Leave, KeepRequest))
        }
        if len(chats) > 1:
            return f"{len(chats)} chats"
        if not chats:
            return "What was typed"
        (title,) = chats.values()
        return f"The chat “{title}”" if title else "A chat without a title"

    def collect(self) -> None:
        """Turn what was noted into operations."""
        while self.noted:
            noted = self.noted.popleft()
            if isinstance(noted, (WriteMissing, Enter, Leave, KeepRequest)):
                self.ops.append(noted)
            else:
                self._take(*noted)

    def match(self, conversations: Iterable[Conversation]) -> None:
        """Before all else, write what is missing on disk of these conversations."""
        self.ops[:0] = [WriteMissing(conversation) for conversation in conversations]

    def ops_written(self, count: int) -> None:
        """Drop the first `count` operations, which are on disk."""
        del self.ops[:count]
        self._growing = {op.message.id: op for op in self.ops if isinstance(op, Grow)}

    def drafts_written(self, drafts: dict[str, Draft], positions: dict[str, ReadingPosition | None]) -> None:
        """Drop these drafts and positions, which are on disk, unless there are newer ones."""
        for chat, draft in drafts.items():
            if self.drafts.get(chat) is draft:
                del self.drafts[chat]
        for chat, position in positions.items():
            if self.positions.get(chat) is position:
                del self.positions[chat]

    def _take(self, conversation: Conversation, message: Message | None, change: Change, leaf: str | None) -> None:
        ops = self.ops
        if isinstance(change, Renamed):
            ops.append(Rename(conversation))
        elif message is None or isinstance(change, Selected):
            ops.append(SelectLeaf(conversation, leaf))
        elif isinstance(change, Added):
            ops.append(Add(conversation, message))
        elif isinstance(change, Removed):
            ops.append(Remove(conversation, message, leaf))
        elif isinstance(change, Restored):
            ops.append(Restore(conversation, message, leaf))
        elif isinstance(change, (Finished, CutOff, Failed, Stopped)):
            if (growing := self._growing.pop(message.id, None)) is not None:
                growing.events.clear()  # the whole message is written instead
            ops.append(Settle(conversation, message))
        else:
            if (growing := self._growing.get(message.id)) is None:
                growing = self._growing[message.id] = Grow(conversation, message, [])
                ops.append(growing)
            journal.note(growing.events, change)
