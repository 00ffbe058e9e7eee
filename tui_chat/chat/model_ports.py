"""What the screen and the backend share about models: connections, model lists, local servers, and setup errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
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
