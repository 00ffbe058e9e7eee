"""The `Backend` protocol: how the screen and the command line reach settings, endpoints and the history."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, Protocol

from tui_chat.chat.choices.chat_choices import ChatChoices
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tui_chat.chat.choices.chat_choices import Persona
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.endpoint_ports import EndpointManager
    from tui_chat.chat.events import Failed
    from tui_chat.chat.history_ports import History
    from tui_chat.chat.inspection.replay_control import ReplayControl
    from tui_chat.chat.inspection.wire_ports import Wire
    from tui_chat.chat.model_ports import Connection, KnownModels, LocalServer, ModelInfo
    from tui_chat.chat.recipient import Recipient


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """Whether to set the title, the progress mark and notices of the terminal's window."""

    title: bool = True
    """Whether to show the chat's title."""
    progress: Literal["auto", "on", "off"] = "auto"
    """Whether to show that a reply is coming; `auto`: in terminals that are known to show it."""
    notify: Literal["auto", "bell", "off"] = "auto"
    """Whether to notify of a reply that took long, while another window has the focus."""
    links: Literal["auto", "on", "off"] = "auto"
    """Whether links of replies are links of the terminal; `auto`: in terminals that are known to take them."""


@dataclass(frozen=True, slots=True)
class DisplaySettings:
    """The look of the screen, apart from its colours."""

    width: int = 100
    """The widest column of text in cells; 0: as wide as the window."""
    signs: Literal["unicode", "ascii"] = "unicode"
    reduced_motion: bool = False
    """Whether clocks change once a second only."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The loaded settings that a screen or a line-by-line chat starts with."""

    connection: Connection
    system: str = ""
    """The system prompt of new chats: that of their persona, if it has one."""
    usual_system: str = ""
    """The system prompt of the settings, without that of a persona."""
    choices: ChatChoices = field(default_factory=ChatChoices)
    """The persona of new chats, with its effort and options."""
    personas: Mapping[str, Persona] = field(default_factory=dict)
    """The personas of the settings by name."""
    templates: tuple[str, ...] = ()
    """The names of the templates of prompts."""
    template_problems: tuple[str, ...] = ()
    """A sentence for each template that cannot be used."""
    theme: str = "tui-chat-dark"
    look: DisplaySettings = field(default_factory=DisplaySettings)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Command ids and the keys that the settings give them, in Textual's spelling."""
    log_path: Path | None = None
    """The log file, which a crash message names."""
    state_folder: Path | None = None
    """Folder of the prompt history; `None`: prompts are not kept."""
    history: History | None = None
    """The store of chats; `None`: chats are not kept (`--no-log`)."""
    chat: str = ""
    """The id of the kept chat to open; empty: start a new chat."""
    window: WindowSettings = field(default_factory=WindowSettings)
    title_by_model: bool = False
    """Ask the model for each chat's title in a separate request; otherwise titles are made by rule."""


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page that was fetched from an address."""

    url: str
    """The address that answered, after redirects."""
    content_type: str
    """The header of that name; empty: there was none."""
    data: bytes


class Backend(Protocol):
    """The parts of the program that the screen does not import: settings, connections, history and export."""

    replay: ReplayControl | None
    """Steps through the recorded response that is shown; `None`: nothing is replayed."""

    @property
    def manager(self) -> EndpointManager:
        """Adds, tests, changes and lists endpoints; used after `load`."""
        ...

    @property
    def wire(self) -> Wire:
        """The requests of this run as they went over the wire; after `load`."""
        ...

    def load(self) -> Setup:
        """Read the settings and build the connection; call it in a thread. Raises `SetupError`."""
        ...

    async def prepare(self) -> None:
        """Import and load what the first request needs, so that it need not wait; sends nothing."""
        ...

    async def warm(self) -> None:
        """Open a connection to the current endpoint while a person types; sends no key and ignores failures."""
        ...

    async def fetch(self, url: str) -> FetchedPage | Failed:
        """Fetch a page or a file of the web, within bounds of time and size."""
        ...

    def connect(self, server: LocalServer) -> Connection:
        """Return a connection to a local server that was found."""
        ...

    def endpoints(self) -> Sequence[str]:
        """The names of all configured endpoints, including the current one; known after `load`."""
        ...

    def open(self, endpoint: str) -> Connection:
        """Make the endpoint of that name the current one and return its connection. May run the command that prints
        its key, so call it in a thread. Raises `SetupError`."""
        ...

    def connection_for(self, recipient: Recipient | None) -> Connection:
        """Return the connection for a chat that last used `recipient` (`None`: a new chat), and make it the current
        one. If no endpoint can be chosen, the connection is `undecided` and says why. May run the command that
        prints a key, so call it in a thread."""
        ...

    def use(self, connection: Connection) -> None:
        """Make an earlier connection the current one again."""
        ...

    def known_models(self) -> KnownModels | None:
        """The current endpoint's model list as last fetched, recently used models first; `None`: never fetched.
        Reads a small file."""
        ...

    async def models(self) -> Sequence[ModelInfo] | Failed:
        """Fetch the current endpoint's model list; recently used models come first."""
        ...

    async def learn_about(self, model: str) -> bool:
        """Ask the current endpoint for the context window and the prices of a model, where neither the settings nor
        the cached list have them; at most once in a run, and for some seconds at most. Returns True if
        `Connection.about` knows more now. The demo is not asked."""
        ...

    async def must_choose(self) -> bool:
        """Whether the endpoint has several models and none is chosen, so that a request without a model name would
        fail."""
        ...

    def template(self, name: str) -> str:
        """Return the text of a template of prompts. Reads a small file. Raises `SetupError`."""
        ...

    def keep_theme(self, name: str) -> None:
        """Save the chosen theme for the next start; writes a small file."""
        ...

    def export(self, conversation: Conversation, target: Path) -> Path:
        """Write a chat to a file in the format of its suffix (`.md`, `.html`, `.txt`, `.json`), or as Markdown into
        a folder, and return the file. Never overwrites a file. May be called in a thread; raises `HistoryError`."""
        ...

    def masked(self, text: str) -> str:
        """Return `text` (a traceback, for instance) with all secrets of the settings masked."""
        ...

    async def close(self) -> None:
        """Close all connections and the built-in endpoint."""
        ...
