"""The interface between screen and backend for endpoints: adding, testing, changing and listing them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from tui_chat.chat.events import Failed
    from tui_chat.chat.model_ports import Connection, KnownModels, LocalServer, ModelInfo

KeySource: TypeAlias = Literal["none", "typed", "variable", "command", "kept"]
"""The source of a key: none, this form, an environment variable, a command's output, or config.toml as it is."""

FormField: TypeAlias = Literal["", "url", "key", "model", "name"]
"""The field of the form that a sentence is about; empty: none."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider or a local server with what its form begins with."""

    name: str
    """Its name for a person."""
    base_url: str = ""
    variable: str = ""
    """The variable that usually holds its key."""
    local: bool = False
    """It runs on this computer and needs no key."""
    endpoint: str = ""
    """The usual name of the endpoint."""


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """An endpoint as a form holds it; texts are as a person typed them."""

    base_url: str
    key_source: KeySource = "none"
    key: str = field(default="", repr=False)
    """The key itself, the name of its variable, or its command."""
    model: str = ""
    name: str = ""
    default: bool | None = None
    """Whether it is the endpoint to start with; `None`: as it is."""
    before: str = ""
    """The name it has in config.toml; empty: it is a new one."""


@dataclass(frozen=True, slots=True)
class UrlReading:
    """The interpretation of a URL as a person typed it."""

    url: str = ""
    """The URL that is asked, without secrets; empty if the text is unusable."""
    host: str = ""
    problem: str = ""
    """A sentence that says why the text is unusable."""


@dataclass(frozen=True, slots=True)
class TestReport:
    """The results of an endpoint's test so far; the last report of a test has `done`."""

    __test__ = False  # its name would make pytest collect it

    doing: str = ""
    """The current step, in a few words."""
    models: tuple[ModelInfo, ...] | None = None
    """The models it lists; `None`: not asked, or it has no list."""
    model: str = ""
    """The model that was asked for the short reply."""
    first_token: float | None = None
    """Seconds from the request to the first piece of the reply."""
    pace: float | None = None
    """Tokens a second; `None`: too few came to say."""
    estimated: bool = False
    """Whether the pace counts pieces of the reply, because the server reports no tokens."""
    problem: str = ""
    """The problem, in a sentence; empty: none."""
    advice: str = ""
    """The change that would solve the problem, in a sentence."""
    field: FormField = ""
    """The field in which to change it."""
    choose: bool = False
    """It has several models and one has to be chosen, so no reply was asked for."""
    done: bool = False

    @property
    def works(self) -> bool:
        """Whether a reply came."""
        return self.done and not self.problem and not self.choose


@dataclass(frozen=True, slots=True)
class EndpointInfo:
    """One endpoint that can be chosen."""

    id: str
    """The identifier that `open` takes."""
    name: str
    """Its name for a person."""
    host: str = ""
    model: str = ""
    """The model that is set for it."""
    current: bool = False
    default: bool = False
    """It is the one that config.toml names for the start."""
    editable: bool = False
    """It stands in config.toml, so that it can be changed and removed."""
    asks_first: bool = False
    """Its key comes from a command that has not run yet, so its models are not asked for unasked."""
    problem: str = ""
    """Why it cannot be used."""
    completed: Callable[[ModelInfo], ModelInfo] = lambda listed: listed
    """Adds to a listed model what else is known of it, such as prices from the settings."""


class EndpointManager(Protocol):
    """Adds, tests, changes and lists endpoints."""

    @property
    def starts_with(self) -> str:
        """The endpoint, or the URL, that config.toml names for the start; empty: none."""
        ...

    def presets(self) -> Sequence[Preset]:
        """Return the providers and servers with a form of their own, the usual first, and one for any other."""
        ...

    async def find_local_servers(self) -> Sequence[LocalServer]:
        """Probe the usual ports of this machine for model servers. Call it only when a person asked for it."""
        ...

    def read_url(self, text: str) -> UrlReading:
        """Return the completed form of a typed URL; this is quick and sends no request."""
        ...

    def variable_is_set(self, name: str) -> bool:
        """Whether an environment variable of that name is set."""
        ...

    def hide(self, secret: str) -> None:
        """Mask a text that a person typed as a key in the log and in whatever a crash prints."""
        ...

    def draft_of(self, name: str) -> EndpointDraft:
        """Return an endpoint of config.toml for editing; its key is left out. Raises `SetupError`."""
        ...

    def test(self, draft: EndpointDraft) -> AsyncGenerator[TestReport, None]:
        """Ask the endpoint for its models and for a short reply. The reports say how it goes; the last one has `done`.
        Closing the generator, or cancelling its task, ends the test."""
        ...

    def save(self, draft: EndpointDraft) -> str:
        """Write the endpoint into config.toml and return its id; call it in a thread. Raises `SetupError`."""
        ...

    def remove(self, name: str) -> None:
        """Remove an endpoint from config.toml; call it in a thread. Raises `SetupError`."""
        ...

    def make_default(self, name: str, model: str) -> None:
        """Have an endpoint and a model of it used at the start; call it in a thread. Raises `SetupError`."""
        ...

    def endpoints(self) -> Sequence[EndpointInfo]:
        """Return all endpoints that can be chosen, in the order of the settings."""
        ...

    def reload(self) -> None:
        """Read config.toml again; call it in a thread. Raises `SetupError`."""
        ...

    def recent(self) -> Sequence[tuple[str, str]]:
        """Return the models used lately as pairs of an endpoint's id and a model, the last one first."""
        ...

    def known_models(self, endpoint: str) -> KnownModels | None:
        """Return an endpoint's models as it listed them last; reads a small file."""
        ...

    async def models(self, endpoint: str) -> Sequence[ModelInfo] | Failed:
        """Ask an endpoint for its models, for a few seconds at most."""
        ...

    def open(self, endpoint: str, model: str = "") -> Connection:
        """Return a connection to an endpoint, and to a model of it; call it in a thread. Raises `SetupError`."""
        ...

    def connection_to(self, endpoint: str, model: str = "") -> Connection:
        """As `open`, but the current endpoint stays the current one; for a question to several models."""
        ...
