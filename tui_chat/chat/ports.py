"""The small protocols behind which rooms are handed to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Failed
    from tui_chat.chat.message import Role
    from tui_chat.chat.recipient import Recipient
    from tui_chat.chat.turn import Model


class SetupError(Exception):
    """What was configured cannot be used. Its text is one line for a person, naming the setting; exit status 2."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answered on a usual port of this machine."""

    name: str
    base_url: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a server tells of one of its models; `None`: it does not."""

    name: str
    context: int | None = None
    """Tokens of prompt and reply together."""
    input_price: float | None = None
    """US dollars per million prompt tokens."""
    output_price: float | None = None
    """US dollars per million completion tokens."""


@dataclass(frozen=True, slots=True)
class KnownModels:
    """A list of models as it was some time ago."""

    models: tuple[ModelInfo, ...]
    age: float
    """Seconds since the server told."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Somebody to chat with."""

    model: Model
    model_name: str
    demo: bool = False
    """The endpoint in the house, because nothing is configured, or because a person chose it."""
    undecided: bool = False
    """The settings name several endpoints and choose none, or the chat's own endpoint is not among them; until a person
    chooses, each question fails and says so."""
    notices: tuple[str, ...] = ()
    """Sentences a person should read once (a key that goes over plain http, say)."""
    host: str = ""
    """Where it is, as `Recipient.host` has it; empty where nobody is chosen."""
    name: str = ""
    """The name that a person gave it in the settings; empty: it has none."""
    why_undecided: str = ""
    """A sentence: why a person has to choose."""


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


@dataclass(frozen=True, slots=True)
class Setup:
    """What the screen needs to begin."""

    connection: Connection
    system: str = ""
    theme: str = "tui-chat-dark"
    log_path: Path | None = None
    """Where a traceback would be found."""
    state_folder: Path | None = None
    """Where earlier prompts are kept; `None`: nowhere."""
    prices: tuple[float, float] | None = None
    """US dollars per million prompt and completion tokens, where configured."""
    history: History | None = None
    """Where chats are kept; `None`: nowhere, as `--no-log` asks."""
    chat: str = ""
    """The id of the kept chat to begin with; empty: a new one."""
    title_by_model: bool = False
    """Ask the model for each chat's title, with a request of its own; else titles are made by rule."""


class Backend(Protocol):
    """What the screen asks of the rooms it does not import."""

    def load(self) -> Setup:
        """Read the settings and build the connection; runs in a thread. Raises `SetupError`."""
        ...

    async def prepare(self) -> None:
        """Bring in what the first question needs, so that it need not wait; nothing is sent."""
        ...

    async def warm(self) -> None:
        """Open the connection to whoever answers, because a person has begun to type; no key is sent. Tells nobody if
        that fails."""
        ...

    async def look_for_local_servers(self) -> Sequence[LocalServer]:
        """Ask the usual ports of this machine which of them answer; only ever when a person asked for it."""
        ...

    def connect(self, server: LocalServer) -> Connection:
        """A connection to a server that was found."""
        ...

    def endpoints(self) -> Sequence[str]:
        """The names of those who can be asked, the current one among them; known once the settings are loaded."""
        ...

    def open(self, endpoint: str) -> Connection:
        """A connection to the endpoint of that name, the current one from here on. May run the command that gives its
        key, so call it in a thread. Raises `SetupError`."""
        ...

    def connection_for(self, recipient: Recipient | None) -> Connection:
        """The connection for a chat that was with `recipient` last, the current one from here on; `None`: for a new
        chat. One that is undecided says why. May run the command that gives a key, so call it in a thread."""
        ...

    def use(self, connection: Connection) -> None:
        """Let a connection that was given before be the current one."""
        ...

    def known_models(self) -> KnownModels | None:
        """The models of the current connection as they were last told, recently used ones first; `None`: never told.
        Reads a small file."""
        ...

    async def models(self) -> Sequence[ModelInfo] | Failed:
        """Ask the current connection for its models; recently used ones come first."""
        ...

    async def must_choose(self) -> bool:
        """Whether the current connection has several models, so that a question without a model's name would fail."""
        ...

    def keep_theme(self, name: str) -> None:
        """A person chose this theme: keep it for the next start. Writes a small file."""
        ...

    def export(self, conversation: Conversation, target: Path) -> Path:
        """Write a chat to a file, in the form that its name's end says (`.md`, `.html`, `.txt`, `.json`), or into a
        folder, as Markdown; gives the file. What is there is never overwritten. May be called in a thread; raises
        `HistoryError`."""
        ...

    def masked(self, text: str) -> str:
        """`text`, a traceback's for instance, without any secret of the settings."""
        ...

    async def close(self) -> None:
        """Close all connections and the endpoint in the house."""
        ...
