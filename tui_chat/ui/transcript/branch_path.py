"""The path that a pane shows, as entries, and what branches off it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.message import TextPart
from tui_chat.ui.transcript.entry import TranscriptEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Message


class BranchPath:
    """Each entry is named by its first message: a question, or a reply that others may go on with."""

    def __init__(self) -> None:
        self.entries: list[Message] = []
        self._rest: dict[str, list[Message]] = {}
        """By an entry's id: the replies that go on with its first."""
        self._entry_of: dict[str, Message] = {}
        """By the id of a reply that goes on with another: the entry it belongs to."""
        self._last: Message | None = None
        self._children: dict[str | None, list[Message]] = {}
        self._folds: dict[str, dict[int, bool]] = {}

    def show(self, conversation: Conversation) -> None:
        """Take another conversation."""
        self._folds.clear()
        self.reread(conversation)
        self._take(conversation.path())

    def reread(self, conversation: Conversation) -> None:
        """Messages have come or gone anywhere in the conversation; the path is as it was until `switch`."""
        self._children.clear()
        for message in conversation.messages.values():
            self._children.setdefault(message.parent, []).append(message)

    def switch(self, path: Sequence[Message]) -> int:
        """Take another path of the same conversation; gives how many entries from the root on are as before."""
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
        """A message is new in the conversation: the entry that it begins or goes on with, if it is on the path."""
        self._children.setdefault(message.parent, []).append(message)
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
        """Where an entry stands; `None`: on another branch."""
        return next((index for index, other in enumerate(self.entries) if other is entry), None)

    def messages_of(self, entry: Message) -> list[Message]:
        """The messages of an entry, oldest first."""
        return [entry, *self._rest.get(entry.id, ())]

    def entry(self, entry: Message, *, to_fold: bool = False) -> TranscriptEntry:
        """An entry to read from, with what a person has folded in it; `to_fold`: what is folded in it from now on is
        remembered."""
        folds = self._folds.setdefault(entry.id, {}) if to_fold else self._folds.get(entry.id, {})
        return TranscriptEntry(self.messages_of(entry), folds)

    def unfold(self, entry: Message) -> None:
        """Unfold the reasoning of an entry, as a person would by hand."""
        shown = self.entry(entry, to_fold=True)
        for key, part, _ in list(shown.fresh()):
            if isinstance(part, TextPart) and part.kind == "reasoning":
                shown.folded_by_hand[key] = False

    def siblings(self, entry: Message) -> tuple[Sequence[Message], int]:
        """The alternatives to an entry (or to its newest part that has some), itself among them, oldest first, and its
        index; one where there is no other."""
        message = entry
        for message in reversed(self.messages_of(entry)):
            if len(self._children[message.parent]) > 1:
                break
        alternatives = self._children[message.parent]
        return alternatives, alternatives.index(message)

    def last_with_siblings(self) -> Message | None:
        """The last entry that has alternatives."""
        return next((entry for entry in reversed(self.entries) if len(self.siblings(entry)[0]) > 1), None)

    def branch_of(self, entry: Message) -> str:
        """Which of several alternatives an entry of the path is: `2/3`; empty: there is one."""
        siblings, index = self.siblings(entry)
        return f"{index + 1}/{len(siblings)}" if len(siblings) > 1 else ""

    def newest_below(self, message: Message) -> Message:
        """The leaf that is reached from a message by the newest child each time."""
        while children := self._children.get(message.id):
            message = children[-1]
        return message
