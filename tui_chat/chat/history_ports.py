"""The protocol of a history, and the values that it takes and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Role


OPEN_ELSEWHERE = (
    "This chat is open in another running tui-chat, too: what each of them asks becomes a branch of its own."
)


class HistoryError(Exception):
    """The history cannot give or do what was asked. Its text is one line for a person."""


@dataclass(frozen=True, slots=True)
class ChatInfo:
    """A conversation as a list shows it."""

    id: str
    title: str
    created: float
    """Seconds since the epoch, as is `changed`."""
    changed: float
    """When a message last came or settled in it."""
    model: str
    """Of its newest reply."""
    messages: int
    characters: int
    """Of all its messages' text and reasoning."""
    pinned: bool = False
    live: bool = False
    """A running program has a reply under way in it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message in which a search found its words."""

    chat: ChatInfo
    message: str
    """The message's id."""
    role: Role
    created: float
    excerpt: tuple[tuple[str, bool], ...]
    """Text around the first hit, in pieces; True marks a hit."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has typed in a chat and not sent."""

    text: str = ""
    queue: tuple[str, ...] = ()
    """What waits for a reply to end, oldest first."""


@dataclass(frozen=True, slots=True)
class ReadingPosition:
    """Where a reader was: a message's id and how many rows of it are above the window's top."""

    message: str
    rows: int


class History(Protocol):
    """Conversations on disk.

    `record`, `keep_draft` and `keep_reading_position` return at once and never raise: the functions given to `watch`
    are told about disk errors. The others read or write and raise `HistoryError`; each may be called from any thread
    and takes milliseconds.
    """

    def record(self, conversation: Conversation) -> Callable[[], None]:
        """Keep a conversation from its next change on (a new one is kept once it has a message); call what is returned
        to end that. A conversation that is recorded already goes on as it is."""
        ...

    def enter(self, chat: str) -> bool:
        """Say that a kept chat is open in this program from here on, until what `record` returned is called. True:
        another running program has it open, too."""
        ...

    def keep_draft(self, chat: str, draft: Draft) -> None:
        """Keep what is typed and queued in the chat with the id `chat` (which may have no message yet)."""
        ...

    def keep_reading_position(self, chat: str, place: ReadingPosition | None) -> None:
        """Keep where the reader of a chat is; `None` is at its end."""
        ...

    def watch(self, tell: Callable[[str], None]) -> None:
        """Let `tell` hear, in whatever thread, a sentence when the disk makes trouble and an empty one when that is
        over."""
        ...

    def draft(self, chat: str) -> Draft:
        """What was typed and queued in a chat."""
        ...

    def reading_position(self, chat: str) -> ReadingPosition | None:
        """Where its reader was."""
        ...

    def unfinished_chats(self) -> Sequence[str]:
        """The ids of chats that programs had open which ended without closing them (killed, or their terminal was
        closed), newest first, where a draft, a queue or a reply was unfinished. Each is given once."""
        ...

    def chats(self, words: str = "", *, limit: int = 500) -> Sequence[ChatInfo]:
        """Chats with all `words` in their titles: pinned ones first, then the newest."""
        ...

    def search(self, words: str, *, limit: int = 50, offset: int = 0) -> Sequence[Hit]:
        """Messages with all `words` (a word matches as a beginning; `"two words"` as a phrase), newest first."""
        ...

    def find(self, beginning: str) -> str:
        """The id of the chat whose id begins so, where there is exactly one."""
        ...

    def newest(self) -> str | None:
        """The id of the chat that changed last."""
        ...

    def open(self, chat: str) -> Conversation:
        """A chat with its messages' places; their bodies are read when they are looked at. It is not recorded yet; one
        that is recorded by this program is that very conversation, a reply under way in it included."""
        ...

    def rename(self, chat: str, title: str) -> None:
        """Give a chat that is not open a title."""
        ...

    def pin(self, chat: str, *, pinned: bool) -> None:
        """Keep it on top of the list, or no longer."""
        ...

    def delete(self, chat: str) -> None:
        """Take it out of the list and of searches; it is gone for good once `restore` can no longer be asked for."""
        ...

    def restore(self, chat: str) -> None:
        """Undo a `delete` of this run."""
        ...

    def duplicate(self, chat: str, upto: str | None = None) -> str:
        """Copy a chat, or its path up to the message with the id `upto`; gives the copy's id."""
        ...

    def interrupted(self) -> None:
        """This program is being ended from outside (a signal, a closed terminal), and replies under way will be stopped
        for that: after `close` they, drafts and queues are what the next program finds left behind."""
        ...

    def close(self) -> None:
        """Write what waits, and let go of the files; nothing is left behind, unless this program is `interrupted`."""
        ...
