"""The path of a conversation that the transcript shows, as entries, and its branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.message import TextPart
from tui_chat.ui.transcript.entry import TranscriptEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Message


class BranchPath:
    """The shown path. Each entry is identified by its first message: a question, or a reply that others may
    continue."""

    def __init__(self) -> None:
        self.entries: list[Message] = []
        self._rest: dict[str, list[Message]] = {}
        """By an entry's id: the replies that continue its first message."""
        self._entry_of: dict[str, Message] = {}
        """By the id of a reply that continues another: the entry it belongs to."""
        self._last: Message | None = None
        self._newest: dict[str | None, Message] = {}
        """By a message's id: the newest of those that follow it."""
        self._alternatives: dict[str | None, list[Message]] = {}
        """By a message's id: those that follow it, oldest first, if they are several."""
        self._folds: dict[str, dict[int, bool]] = {}

    def show(self, conversation: Conversation) -> None:
        """Take the current path of another conversation."""
        self._folds.clear()
        self.reread(conversation)
        self._take(conversation.path())

    def reread(self, conversation: Conversation) -> None:
        """Read the conversation again after messages were added or removed anywhere in it. The path does not change
        until `switch`."""
        self._newest.clear()
        self._alternatives.clear()
        for message in conversation.messages.values():
            self._note(message)

    def _note(self, message: Message) -> None:
        older = self._newest.get(message.parent)
        if older is not None:
            self._alternatives.setdefault(message.parent, [older]).append(message)
        self._newest[message.parent] = message

    def switch(self, path: Sequence[Message]) -> int:
        """Change to another path of the same conversation; returns how many entries at its start stay the same."""
        before, rest = self.entries, self._rest
        self._take(path)
        for index, (old, new) in enumerate(zip(before, self.entries, strict=False)):
            if old is not new or rest.get(old.id) != self._rest.get(new.id):
                return index
        return min(len(before), len(self.entries))

    def _take(self, path: Sequence[Message]) -> None:
        self.entries, self._rest, self._entry_of, self._last = [], {}, {}, None
        for message in path:
            self._put(message)

    def add(self, message: Message) -> Message | None:
        """Add a new message of the conversation; returns the entry it begins or continues, if that is on the path."""
        self._note(message)
        on_path = message.parent == (self._last.id if self._last is not None else None)
        return self._put(message) if on_path else None

    def _put(self, message: Message) -> Message:
        before, self._last = self._last, message
        if before is None or before.role == "user" or message.role == "user":
            self.entries.append(message)
            return message
        entry = self.entry_of(before)
        self._rest.setdefault(entry.id, []).append(message)
        self._entry_of[message.id] = entry
        return entry

    def entry_of(self, message: Message) -> Message:
        """The entry that a message of the path belongs to."""
        return self._entry_of.get(message.id, message)

    def index_of(self, entry: Message) -> int | None:
        """The index of an entry; `None` if it is on another branch."""
        return next((index for index, other in enumerate(self.entries) if other is entry), None)

    def messages_of(self, entry: Message) -> list[Message]:
        """The messages of an entry, oldest first."""
        return [entry, *self._rest.get(entry.id, ())]

    def entry(self, entry: Message, *, to_fold: bool = False) -> TranscriptEntry:
        """An entry with a cursor to read from, and what the user has folded in it. `to_fold`: changes to what is folded
        are remembered."""
        folds = self._folds.setdefault(entry.id, {}) if to_fold else self._folds.get(entry.id, {})
        return TranscriptEntry(self.messages_of(entry), folds)

    def unfold(self, entry: Message) -> None:
        """Unfold the reasoning of an entry, as if the user had done it."""
        shown = self.entry(entry, to_fold=True)
        for key, part, _ in list(shown.fresh()):
            if isinstance(part, TextPart) and part.kind == "reasoning":
                shown.folded_by_hand[key] = False

    def siblings(self, entry: Message) -> tuple[Sequence[Message], int]:
        """The alternatives to an entry (or to its newest message that has any), itself included, oldest first, and its
        index among them; only itself if there are none."""
        message = entry
        for message in reversed(self.messages_of(entry)):
            if message.parent in self._alternatives:
                break
        alternatives = self._alternatives.get(message.parent, [message])
        return alternatives, alternatives.index(message)

    def last_with_siblings(self) -> Message | None:
        """The last entry that has alternatives."""
        return next((entry for entry in reversed(self.entries) if len(self.siblings(entry)[0]) > 1), None)

    def branch_of(self, entry: Message) -> str:
        """The position of an entry among its alternatives: `2/3`; empty if there are none."""
        siblings, index = self.siblings(entry)
        return f"{index + 1}/{len(siblings)}" if len(siblings) > 1 else ""

    def newest_below(self, message: Message) -> Message:
        """The leaf reached from a message by always following the newest child."""
        while (child := self._newest.get(message.id)) is not None:
            message = child
        return message
