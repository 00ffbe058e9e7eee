"""A history in memory, used when nothing may be stored on disk."""

from __future__ import annotations

from dataclasses import fields
from time import time
from typing import TYPE_CHECKING
from uuid import uuid4

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Added, CutOff, Failed, Finished, Stopped
from tui_chat.chat.history_ports import ChatInfo, Draft, HistoryError, Hit
from tui_chat.chat.message import Message, TextPart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from tui_chat.chat.conversation import Origin
    from tui_chat.chat.events import Change
    from tui_chat.chat.history_ports import ReadingPosition
    from tui_chat.chat.usage.sums import Grouping, RequestPurpose, UsageRow, UsageSums, Used


class MemoryHistory:
    """A `History` that lasts only for this run."""

    def __init__(self) -> None:
        self._chats: dict[str, Conversation] = {}
        self._changed: dict[str, float] = {}
        self._pinned: set[str] = set()
        self._deleted: set[str] = set()
        self._drafts: dict[str, Draft] = {}
        self._places: dict[str, ReadingPosition] = {}
        self._recorded: set[str] = set()
        self._requests: list[Used] = []

    def record(self, conversation: Conversation) -> Callable[[], None]:
        """Store a conversation once it has a message."""
        if conversation.id not in self._recorded:
            self._recorded.add(conversation.id)
            conversation.subscribe(self._on_change)  # never unsubscribed: chats in memory last to the end of the run
        return _nothing

    def _on_change(self, conversation: Conversation, _: Message | None, change: Change) -> None:
        match change:
            case Added() | Finished() | CutOff() | Failed() | Stopped():
                self._chats[conversation.id] = conversation
                self._changed[conversation.id] = time()
            case _:
                pass

    def enter(self, chat: str) -> bool:
        """Return False: no other program can open it."""
        return False

    def keep_draft(self, chat: str, draft: Draft) -> None:
        """Save the draft in memory."""
        self._drafts[chat] = draft

    def keep_reading_position(self, chat: str, place: ReadingPosition | None) -> None:
        """Save the reading position in memory."""
        if place is None:
            self._places.pop(chat, None)
        else:
            self._places[chat] = place

    def watch(self, tell: Callable[[str], None]) -> None:
        """Do nothing: there are no disk errors."""

    def draft(self, chat: str) -> Draft:
        """The saved draft of a chat."""
        return self._drafts.get(chat, Draft())

    def reading_position(self, chat: str) -> ReadingPosition | None:
        """The saved reading position of a chat."""
        return self._places.get(chat)

    def unfinished_chats(self) -> Sequence[str]:
        """Return nothing: no chats of earlier runs are known."""
        return ()

    def chats(self, words: str = "", *, limit: int = 500) -> Sequence[ChatInfo]:
        """List the chats, pinned ones first, then the newest."""
        wanted = words.casefold().split()
        infos = [self._info(chat) for id_, chat in list(self._chats.items()) if id_ not in self._deleted]
        infos = [info for info in infos if all(word in info.title.casefold() for word in wanted)]
        return sorted(infos, key=lambda info: (not info.pinned, -info.changed))[:limit]

    def search(self, words: str, *, limit: int = 50, offset: int = 0) -> Sequence[Hit]:
        """Find messages that contain all words, newest first."""
        from tui_chat.chat.search.excerpt import excerpt
        from tui_chat.chat.search.query import Query

        query = Query(words)
        found: list[Hit] = []
        for id_, chat in list(self._chats.items()) if query else ():
            if id_ in self._deleted:
                continue
            for message in list(chat.messages.values()):
                if query.matches(message.shown):
                    pieces = excerpt([message.shown], query)
                    found.append(Hit(self._info(chat), message.id, message.role, message.created, pieces))
        found.sort(key=lambda hit: -hit.created)
        return found[offset : offset + limit]

    def find(self, beginning: str) -> str:
        """Return the id of the only chat whose id starts with `beginning`."""
        ids = [id_ for id_ in self._chats if id_.startswith(beginning) and id_ not in self._deleted]
        if len(ids) != 1:
            raise HistoryError(f"There {'is no chat' if not ids else 'are several chats'} {beginning}…")
        return ids[0]

    def newest(self, origin: Origin = "") -> str | None:
        """The id of the most recently changed chat of that origin."""
        ids = {id_ for id_, chat in self._chats.items() if chat.origin == origin} - self._deleted
        return max(ids, key=self._changed.__getitem__, default=None)

    def usage(self, by: Grouping, since: float = 0.0) -> UsageSums:
        """Add up what this run used."""
        from tui_chat.chat.usage.sums import usage_sums, use_of

        messages = (message for chat in self._chats.values() for message in chat.messages.values())
        found = [use_of(message) for message in messages if not message.copied]
        return usage_sums([*(used for used in found if used is not None), *self._requests], by, since)

    def used_by(self, chat: str, messages: AbstractSet[str]) -> UsageRow:
        """Add up what these replies of a chat used."""
        from tui_chat.chat.usage.sums import UsageRow, use_of

        row = UsageRow(chat)
        for message in self._known(chat).messages.values():
            if message.id in messages and not message.copied and (used := use_of(message)) is not None:
                row.add(used)
        return row

    def keep_request(self, chat: str, purpose: RequestPurpose, reply: Message) -> None:
        """Remember what a request used whose reply is not a message of a chat, such as one for a title."""
        from tui_chat.chat.usage.sums import use_of

        if (used := use_of(reply, purpose)) is not None:
            self._requests.append(used)

    def open(self, chat: str) -> Conversation:
        """Return the conversation object itself."""
        return self._known(chat)

    def rename(self, chat: str, title: str) -> None:
        """Set a chat's title."""
        self._known(chat).rename(title)

    def pin(self, chat: str, *, pinned: bool) -> None:
        """Keep a chat at the top of the list, or stop doing so."""
        self._known(chat)
        (self._pinned.add if pinned else self._pinned.discard)(chat)

    def delete(self, chat: str) -> None:
        """Remove a chat from the list."""
        self._known(chat)
        self._deleted.add(chat)

    def restore(self, chat: str) -> None:
        """Put a deleted chat back."""
        self._deleted.discard(chat)

    def duplicate(self, chat: str, upto: str | None = None) -> str:
        """Copy a chat, or its path up to a message."""
        original = self._known(chat)
        copied = original.path(original.messages[upto]) if upto is not None else list(original.messages.values())
        new_ids = {message.id: uuid4().hex for message in copied}
        copy = Conversation(original.system, title=original.title if original.named else "")
        leaf = upto or (original.leaf.id if original.leaf is not None else None)
        copy.load([_copied(message, new_ids) for message in copied], new_ids[leaf] if leaf is not None else None)
        copy.recipient = original.recipient
        self._chats[copy.id], self._changed[copy.id] = copy, time()
        return copy.id

    def interrupted(self) -> None:
        """Do nothing: no data outlives this run."""

    def close(self) -> None:
        """Do nothing: there are no pending writes."""

    def _known(self, chat: str) -> Conversation:
        if chat not in self._chats or chat in self._deleted:
            raise HistoryError("This chat is gone.")
        return self._chats[chat]

    def _info(self, chat: Conversation) -> ChatInfo:
        messages = list(chat.messages.values())
        return ChatInfo(
            chat.id,
            chat.title,
            chat.created,
            self._changed[chat.id],
            next((message.model for message in reversed(messages) if message.role == "assistant"), ""),
            len(messages),
            sum(len(message.shown) + len(message.reasoning) for message in messages),
            pinned=chat.id in self._pinned,
            live=chat.replying,
        )


def _nothing() -> None:
    """Do nothing; the unsubscribe function of a conversation that is recorded already."""


def _copied(message: Message, new_ids: dict[str, str]) -> Message:
    """Copy a message under a new id; a reply that is still running counts as stopped in the copy."""
    values = {field.name: getattr(message, field.name) for field in fields(Message)}
    parent = new_ids[message.parent] if message.parent is not None else None
    copy = Message(**values | {"id": new_ids[message.id], "parent": parent})
    copy.parts = [
        TextPart(part.kind, part.key, part.text, part.began) if isinstance(part, TextPart) else part
        for part in message.parts
    ]
    if not copy.settled:
        copy.ending = Stopped()
    return copy
