"""The `History` protocol, which stores chats, and its value types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from tui_chat.chat.conversation import Conversation, Origin
    from tui_chat.chat.message import Attachment, Message, Role
    from tui_chat.chat.usage.sums import Grouping, RequestPurpose, UsageRow, UsageSums


OPEN_ELSEWHERE = (
    "This chat is open in another running tui-chat, too: what each of them asks becomes a branch of its own."
)


class HistoryError(Exception):
    """The history cannot do what was asked. The text is one line for a person."""


@dataclass(frozen=True, slots=True)
class ChatInfo:
    """One row of a chat list."""

    id: str
    title: str
    created: float
    """Seconds since the epoch, as for `changed`."""
    changed: float
    """The time at which a message was last added or settled."""
    model: str
    """The model of the newest reply."""
    messages: int
    characters: int
    """The length of the text and reasoning of all messages."""
    pinned: bool = False
    live: bool = False
    """A running program has an unfinished reply in this chat."""
    origin: Origin = ""
    """`ask`: only `tui-chat ask` has asked in this chat."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message found by a search."""

    chat: ChatInfo
    message: str
    """The id of the message."""
    role: Role
    created: float
    excerpt: tuple[tuple[str, bool], ...]
    """The text around the first match, in pieces; True marks a match."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The unsent part of a chat: the prompt and the queue."""

    text: str = ""
    queue: tuple[str, ...] = ()
    """Prompts waiting for the current reply to end, oldest first."""
    files: tuple[tuple[Attachment, ...], ...] = ()
    """The attachments of the prompt, then of each queued prompt; empty if nothing is attached. A history keeps their
    names and keys, not their data."""

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The attachments of the prompt."""
        return self.files[0] if self.files else ()

    @property
    def queued(self) -> list[tuple[str, tuple[Attachment, ...]]]:
        """The queued prompts with their attachments."""
        return [(text, self.files[at] if at < len(self.files) else ()) for at, text in enumerate(self.queue, 1)]


def draft_of(
    text: str, attachments: Iterable[Attachment] = (), queued: Iterable[tuple[str, Sequence[Attachment]]] = ()
) -> Draft:
    """Put together what is unsent: the prompt with what is attached to it, and the queue likewise."""
    queue = [(each, tuple(files)) for each, files in queued]
    files = (tuple(attachments), *(attached for _, attached in queue))
    return Draft(text, tuple(each for each, _ in queue), files if any(files) else ())


@dataclass(frozen=True, slots=True)
class ReadingPosition:
    """A scroll position: the id of a message and the number of its rows above the window's top."""

    message: str
    rows: int


class History(Protocol):
    """Conversations on disk.

    `record`, `keep_draft` and `keep_reading_position` return at once and never raise: the functions given to `watch`
    are told about disk errors. The others read or write and raise `HistoryError`; each may be called from any thread
    and takes milliseconds.
    """

    def record(self, conversation: Conversation) -> Callable[[], None]:
        """Store a conversation from its next change on (a new one once it has a message); call the returned function
        to end that. Has no effect on a conversation that is recorded already."""
        ...

    def enter(self, chat: str) -> bool:
        """Mark a stored chat as open in this program until the function returned by `record` is called. Returns True
        if another running program has it open too."""
        ...

    def keep_draft(self, chat: str, draft: Draft) -> None:
        """Save the draft of the chat with the id `chat`, which may have no message yet."""
        ...

    def keep_reading_position(self, chat: str, place: ReadingPosition | None) -> None:
        """Save a chat's reading position; `None`: the reader is at the end."""
        ...

    def watch(self, tell: Callable[[str], None]) -> None:
        """Call `tell`, from any thread, with a sentence about each disk error and with an empty one when it is over."""
        ...

    def draft(self, chat: str) -> Draft:
        """The saved draft of a chat."""
        ...

    def reading_position(self, chat: str) -> ReadingPosition | None:
        """The saved reading position of a chat."""
        ...

    def unfinished_chats(self) -> Sequence[str]:
        """The ids of chats left unfinished (a draft, a queue or a reply) by programs that ended without closing them
        (killed, or their terminal was closed), newest first. Each id is returned once."""
        ...

    def chats(self, words: str = "", *, limit: int = 500) -> Sequence[ChatInfo]:
        """List the chats whose titles contain all `words`, pinned ones first, then the newest."""
        ...

    def search(self, words: str, *, limit: int = 50, offset: int = 0) -> Sequence[Hit]:
        """Find messages that contain all `words` (a word matches as a prefix, `"two words"` as a phrase), newest
        first."""
        ...

    def find(self, beginning: str) -> str:
        """Return the id of the only chat whose id starts with `beginning`. Raises `HistoryError` if there is no such
        chat, or several."""
        ...

    def newest(self, origin: Origin = "") -> str | None:
        """The id of the most recently changed chat of the screen, or of `ask`."""
        ...

    def usage(self, by: Grouping, since: float = 0.0) -> UsageSums:
        """Add up the requests, tokens and costs of all chats from `since` on (seconds since the epoch)."""
        ...

    def used_by(self, chat: str, messages: AbstractSet[str]) -> UsageRow:
        """Add up the requests, tokens and costs of the stored replies of a chat whose ids are among `messages`."""
        ...

    def keep_request(self, chat: str, purpose: RequestPurpose, reply: Message) -> None:
        """Save what a request used whose reply is not a message of a chat, as for its title. Returns at once."""
        ...

    def open(self, chat: str) -> Conversation:
        """Return a stored chat; message bodies are read when first accessed. It is not recorded yet, unless this
        program records it already: then the same object is returned, including a running reply."""
        ...

    def rename(self, chat: str, title: str) -> None:
        """Set the title of a chat that is not open."""
        ...

    def pin(self, chat: str, *, pinned: bool) -> None:
        """Keep a chat at the top of the list, or stop doing so."""
        ...

    def delete(self, chat: str) -> None:
        """Remove a chat from the list and from searches; it is erased when it can no longer be restored."""
        ...

    def restore(self, chat: str) -> None:
        """Undo a deletion made in this run."""
        ...

    def duplicate(self, chat: str, upto: str | None = None) -> str:
        """Copy a chat, or its path up to the message with the id `upto`, and return the copy's id."""
        ...

    def interrupted(self) -> None:
        """Note that this program is being ended from outside (a signal, a closed terminal). After `close`, its
        unfinished replies, drafts and queues count as unfinished chats for the next program."""
        ...

    def close(self) -> None:
        """Write all pending changes and close the files. Leaves no unfinished chats unless the program was
        `interrupted`."""
        ...
