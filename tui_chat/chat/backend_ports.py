"""The protocol behind which the screen and the command line find settings, endpoints and the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Failed
    from tui_chat.chat.history_ports import History
    from tui_chat.chat.model_ports import Connection, KnownModels, LocalServer, ModelInfo
    from tui_chat.chat.recipient import Recipient


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
