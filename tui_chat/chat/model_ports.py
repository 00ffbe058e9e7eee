"""Types shared by the screen, the backend and the endpoints: connections, model lists, local servers, setup errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.prices import Prices
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.chat.message import Attachment
    from tui_chat.chat.prices import CostSource
    from tui_chat.chat.turn import Model


class SetupError(Exception):
    """A setting cannot be used. The text is one line for a person that names the setting; the exit status is 2."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A model server that answered on one of the usual ports of this machine."""

    name: str
    base_url: str
    models: tuple[str, ...]
    wants_key: bool = False
    """It lists its models only to whom it knows."""

    @property
    def address(self) -> str:
        """Its host and port."""
        return self.base_url.partition("://")[2].partition("/")[0]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The known facts about a model, from the settings or a server; `None`: unknown."""

    name: str
    context: int | None = None
    """The size of the context window in tokens, for prompt and reply together."""
    input_price: float | None = None
    """US dollars per million prompt tokens."""
    output_price: float | None = None
    """US dollars per million completion tokens."""
    cached_price: float | None = None
    """US dollars per million prompt tokens that the provider had cached."""
    reasoning_price: float | None = None
    """US dollars per million reasoning tokens, where they differ from other completion tokens."""
    prices_from: CostSource = "model list"
    """The source of the prices."""
    images: bool | None = None
    """Whether it takes pictures."""

    @property
    def prices(self) -> Prices | None:
        """The prices for calculations; `None` if they are unknown."""
        return Prices.per_million(
            self.input_price, self.output_price, self.cached_price, self.reasoning_price, self.prices_from
        )


@dataclass(frozen=True, slots=True)
class KnownModels:
    """A model list that was saved earlier."""

    models: tuple[ModelInfo, ...]
    age: float
    """Seconds since the server reported the list."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An endpoint to chat with, and how it was chosen."""

    model: Model
    model_name: str
    demo: bool = False
    """This is the built-in endpoint, chosen by a person or because nothing is configured."""
    undecided: bool = False
    """The settings name several endpoints and choose none, or the chat's own endpoint is not among them. Every
    question fails with an explanation until a person chooses one."""
    notices: tuple[str, ...] = ()
    """Sentences to show once (that a key goes over plain http, for instance)."""
    effort: str = ""
    """The effort in chats without one of their own; empty: as the server decides."""
    host: str = ""
    """The host as in `Recipient.host`; empty if no endpoint is chosen."""
    name: str = ""
    """The endpoint's name in the settings; empty: it has none."""
    why_undecided: str = ""
    """A sentence that says why a person has to choose an endpoint."""
    refusal: Callable[[Attachment], str] = lambda _: ""
    """Returns a sentence if the endpoint's API does not take an attachment; empty: it does, or that is not known.
    Call it in a thread."""
    about: Callable[[str], ModelInfo] = ModelInfo
    """Returns what is known at the moment of the endpoint's model of that name (empty: its default one): of the
    settings, else of its cached model list. Sends nothing, and is quick once it was called."""
