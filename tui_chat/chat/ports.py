"""The small protocols behind which rooms are handed to one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui_chat.chat.events import Failed
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
    """The settings name several endpoints and choose none; until a person does, each question fails and says so."""
    notices: tuple[str, ...] = ()
    """Sentences a person should read once (a key that goes over plain http, say)."""


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


class House(Protocol):
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

    def known_models(self) -> KnownModels | None:
        """The models of the current connection as they were last told, recently used ones first; `None`: never told.
        Reads a small file."""
        ...

    async def models(self) -> Sequence[ModelInfo] | Failed:
        """Ask the current connection for its models; recently used ones come first."""
        ...

    async def close(self) -> None:
        """Close all connections and the endpoint in the house."""
        ...
