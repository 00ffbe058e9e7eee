"""The connections of one run: opens endpoints, knows the current one, and closes them all."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from tui_chat.backend.target_endpoints import address_of, endpoint_of, host_of
from tui_chat.chat.choices.effort import effort_of, effort_option
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import Connection, SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.chat.recipient import DEMO, host_in, same_host
from tui_chat.chat.wording.hints import SOME_ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_chat.backend.endpoint_model import EndpointModel
    from tui_chat.backend.model_cache import ModelCache
    from tui_chat.backend.model_facts import ModelFacts
    from tui_chat.backend.recording import RunRecording
    from tui_chat.backend.run_options import RunOptions
    from tui_chat.chat.model_ports import KnownModels, LocalServer, ModelInfo
    from tui_chat.chat.recipient import Recipient
    from tui_chat.chat.secrets import Secrets
    from tui_chat.chat.turn import Question
    from tui_chat.server.embedded import EmbeddedServer
    from tui_chat.settings.loading import Loaded
    from tui_chat.settings.targets import Target
    from tui_chat.wire.client import Client, Request
    from tui_chat.wire.doctor.examination import Examination
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.tape.tape import Tape

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedEndpoint:
    """An open connection with what is needed to list its models."""

    connection: Connection
    model: EndpointModel
    endpoint: Endpoint
    facts: ModelFacts
    """The known context windows and prices of its models."""
    remembered: bool = True
    """Whether its list of models is cached on disk."""


class Connections:
    """The endpoints that were opened, and which of them is the current one."""

    def __init__(
        self,
        loaded: Loaded,
        run: RunOptions,
        cache: ModelCache,
        recording: RunRecording,
        hide: Callable[[Secrets], None],
    ) -> None:
        """`cache` keeps lists of models on disk; `recording` keeps what went over the wire; `hide` is called with each
        endpoint's secrets before its first request. Raises `SetupError`."""
        self._run = run
        self._options = {**effort_option(loaded.settings.effort), **(run.options or {})}
        self._cache = cache
        self._recording = recording
        self._hide = hide
        self._current: OpenedEndpoint | None = None
        self._opened: dict[str, OpenedEndpoint] = {}
        self._clients: list[Client] = []
        self._server: EmbeddedServer | None = None
        self.use_settings(loaded)

    def use_settings(self, loaded: Loaded, changed: str = "") -> None:
        """Use these settings from now on; the endpoint `changed` gets a new connection when it is next opened. Raises
        `SetupError`."""
        from tui_chat.settings.targets import Targets

        targets = Targets(loaded, host_of)
        self.names = tuple(targets.names())
        """The endpoints that can be chosen."""
        self.targets = targets
        """The endpoints as the settings define them."""
        self._settings = loaded.settings
        # A model set for other programs is not meant for the demo.
        layer = loaded.layer("model")
        self._demo_model = self._settings.model if layer is not None and layer is not loaded.foreign else ""
        if changed:
            self._opened.pop(changed, None)

    async def warm(self) -> None:
        """Open a connection to the endpoint ahead of the first question; the built-in demo needs none."""
        if self._current is not None and not self._current.connection.demo:
            await self._current.model.client.warm()

    async def prepare(self) -> None:
        """Import the HTTP client and load certificates."""
        current = self._current
        if current is not None:
            try:
                await asyncio.to_thread(_import_client)
                await current.model.client.prepare()
                await asyncio.to_thread(_rehearse, current.model.client)
            except SetupError as error:
                log.info("The connection cannot be prepared; the first question will say so: %s", error)

    def connect(self, server: LocalServer) -> Connection:
        """Connect to a server that was found; if it has several models, none is chosen."""
        from tui_chat.wire.endpoint import Endpoint

        name = server.models[0] if len(server.models) == 1 else ""
        endpoint = Endpoint(server.base_url)
        return self._choose(endpoint.base_url, lambda: self._open(endpoint, name))

    def open(self, endpoint: str) -> Connection:
        """Connect to the endpoint with that name. Raises `SetupError`."""
        self._current = self.opened(endpoint)
        return self._current.connection

    def opened(self, endpoint: str) -> OpenedEndpoint:
        """Return the endpoint with that name, opened if it was not, without making it the current one. Raises
        `SetupError`."""
        if endpoint not in self.names and (found := self._opened.get(endpoint)) is not None:
            return found  # a server that was found on this machine
        return self._open_once(self.targets.named(endpoint))

    def is_open(self, target: Target | None) -> bool:
        """Whether an endpoint of the settings has been opened in this run."""
        return _id_of(target) in self._opened

    def is_current(self, target: Target | None) -> bool:
        """Whether an endpoint of the settings is the current one."""
        return self._current is not None and self._opened.get(_id_of(target)) is self._current

    @property
    def found_server(self) -> tuple[str, OpenedEndpoint] | None:
        """The current endpoint and the name that `open` takes, if it is a server that was found on this machine."""
        for name, opened in self._opened.items():
            if opened is self._current and name == opened.endpoint.base_url:
                return name, opened
        return None

    def connection_for(self, recipient: Recipient | None) -> Connection:
        """Return the connection for a chat whose last recipient was `recipient`, or for a new chat."""
        try:
            return self.opened_for(recipient)
        except SetupError as error:
            return self._undecided(str(error))

    def use(self, connection: Connection) -> None:
        """Make an earlier connection the current one."""
        opened = (each for each in self._opened.values() if each.model is connection.model)
        self._current = next(opened, None)

    def known_models(self) -> KnownModels | None:
        """Return the cached list of the current endpoint's models."""
        if self._current is None or not self._current.remembered:
            return None
        return self._cache.known(self._current.endpoint.base_url)

    async def models(self) -> Sequence[ModelInfo] | Failed:
        """Request the list of models from the current endpoint."""
        if self._current is None:
            return Failed("No endpoint is chosen.", SOME_ENDPOINT, "setup")
        listed = await self.models_of(self._current)
        return listed if isinstance(listed, Failed) else tuple(map(self._current.facts.completed, listed))

    def facts_of(self, target: Target | None) -> ModelFacts:
        """The known facts about the models of an endpoint of the settings, opened or not."""
        from tui_chat.backend.model_facts import ModelFacts

        opened = self._opened.get(_id_of(target))
        return opened.facts if opened is not None else ModelFacts(_nothing_known, target)

    async def models_of(self, opened: OpenedEndpoint) -> Sequence[ModelInfo] | Failed:
        """Request the list of models from an endpoint."""
        listed = await opened.model.client.models()
        if not isinstance(listed, Failed):
            opened.facts.take_list(listed)
        if isinstance(listed, Failed) or not opened.remembered or not self._run.remembers:
            return listed
        url = opened.endpoint.base_url
        await asyncio.to_thread(self._cache.store, url, listed)
        return self._cache.recent_first(url, listed)

    async def learn_about(self, model: str) -> bool:
        """Ask the current endpoint once for what is unknown of a model: window, prices, pictures. Returns
        whether something was learned."""
        current = self._current
        if current is None or current.connection.demo or not current.facts.wants(model):
            return False
        before = current.facts.about(model)
        try:
            client = current.model.client
            details = await client.model_details(model, current.model.options)
            current.facts.take_details(model, details)
            if details.context is None and not current.facts.lists(model):
                await self.models_of(current)
        except SetupError as error:
            log.info("The size of the context window cannot be asked for: %s", error)
        current.facts.asked(model)
        return current.facts.about(model) != before

    async def must_choose(self) -> bool:
        """Whether the current endpoint has several models and none is chosen."""
        try:
            return self._current is not None and bool(await self._current.model.several())
        except SetupError as error:
            log.info("The models cannot be asked for; the first question will say so: %s", error)
            return False

    def request(self, question: Question) -> tuple[Request, Endpoint]:
        """Return the first request a question would cause, and the endpoint it would go to. Raises `SetupError`."""
        if self._current is None:
            raise SetupError("no endpoint is chosen; choose one with -e NAME")
        return self._current.model.request(question), self._current.endpoint

    async def close(self) -> None:
        """Close all connections and the built-in endpoint."""
        clients, self._clients = self._clients, []
        for client in clients:
            await client.aclose()
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)
            self._server = None

    def opened_for(self, recipient: Recipient | None) -> Connection:
        """`connection_for`, but the settings' own errors are raised as `SetupError`."""
        from tui_chat.settings.returning import NoWayBackError, target_for
        from tui_chat.settings.targets import UndecidedError

        outright = recipient is None or any(self._run.flags.get(name) for name in ("endpoint", "base_url"))
        try:
            if recipient is None or outright:
                connection = self._take(self.targets.chosen(), self._demo_model)
            else:
                connection = self._take(target_for(self.targets, recipient, address_of), self._demo_model)
        except NoWayBackError as error:
            opened = self._opened_at(recipient.host) if recipient is not None else None
            if opened is None:
                return self._undecided(str(error))
            self._current = opened
            connection = opened.connection
        except UndecidedError as error:
            return self._undecided(error.what)
        return connection if recipient is None else self._returned(connection, recipient, outright=outright)

    def _returned(self, connection: Connection, recipient: Recipient, *, outright: bool) -> Connection:
        """Return a connection with the model that the chat used, and a notice if the endpoint's name has changed."""
        same = same_host(connection.host, recipient.host)
        renamed = same and recipient.name and connection.name != recipient.name
        if (same and not renamed) or not outright:
            model = self._run.flags.get("model") or recipient.model or connection.model_name
            connection = replace(connection, model_name=model)
        if renamed and not outright:
            notice = f"No endpoint is called {recipient.name} now; {connection.model.endpoint} is at the same host."
            connection = replace(connection, notices=(*connection.notices, notice))
        return connection

    def _opened_at(self, host: str) -> OpenedEndpoint | None:
        """Return a connection to that host that was opened earlier in this run."""
        return next((opened for opened in self._opened.values() if same_host(opened.connection.host, host)), None)

    def none_open(self) -> Connection:
        """Return a connection to no endpoint, for a run that names one with each question."""
        return self._undecided("no endpoint is chosen")

    def _undecided(self, why: str) -> Connection:
        from tui_chat.backend.endpoint_model import UndecidedModel

        self._current = None
        return Connection(UndecidedModel(why), "", undecided=True, why_undecided=why)

    def _choose(self, name: str, opening: Callable[[], OpenedEndpoint]) -> Connection:
        """Make the named connection the current one and return it."""
        if name not in self._opened:
            self._opened[name] = opening()
        self._current = self._opened[name]
        return self._current.connection

    def _take(self, target: Target | None, demo_model: str = "") -> Connection:
        self._current = self._open_once(target, demo_model)
        return self._current.connection

    def _open_once(self, target: Target | None, demo_model: str = "") -> OpenedEndpoint:
        name = _id_of(target)
        if name not in self._opened:
            self._opened[name] = (
                self._open_demo(demo_model or DEMO) if target is None else self._open_target(target.with_key())
            )
        return self._opened[name]

    def _open_target(self, target: Target) -> OpenedEndpoint:
        endpoint = endpoint_of(target, insecure_key=self._settings.allow_insecure_key)
        return self._open(endpoint, target.model, target.options, (*target.notices, *endpoint.notices), target)

    def _open(
        self,
        endpoint: Endpoint,
        model: str = "",
        options: Mapping[str, object] | None = None,
        notices: tuple[str, ...] = (),
        target: Target | None = None,
    ) -> OpenedEndpoint:
        from tui_chat.backend.model_facts import ModelFacts

        self._hide(endpoint.secrets)
        on_asked = None
        if self._run.remembers:
            on_asked = partial(self._cache.mark_used, endpoint.base_url)
        options = {**(options or {}), **self._options}
        asked = self._model(endpoint, options, on_asked)
        facts = ModelFacts(partial(self._cache.known, endpoint.base_url), target)
        connection = Connection(
            asked,
            model,
            notices=notices,
            effort=effort_of(options),
            host=host_in(endpoint.base_url),
            name=endpoint.name,
            about=facts.about,
            refusal=asked.refusal,
        )
        return OpenedEndpoint(connection, asked, endpoint, facts)

    def _open_demo(self, model: str) -> OpenedEndpoint:
        from tui_chat.backend.model_facts import ModelFacts
        from tui_chat.server.embedded import EmbeddedServer
        from tui_chat.wire.endpoint import Endpoint

        self._server = EmbeddedServer()
        self._server.start()
        endpoint = Endpoint(self._server.base_url, self._server.key, name="built-in demo")
        self._hide(endpoint.secrets)
        asked = self._model(endpoint, self._options)
        connection = Connection(asked, model, demo=True, effort=effort_of(self._options), host=DEMO)
        return OpenedEndpoint(connection, asked, endpoint, ModelFacts(_nothing_known), remembered=False)

    def _model(
        self,
        endpoint: Endpoint,
        options: Mapping[str, object],
        on_asked: Callable[[str], None] | None = None,
    ) -> EndpointModel:
        from tui_chat.backend.endpoint_model import EndpointModel

        return EndpointModel(endpoint.label, partial(self._client, endpoint), options, on_asked)

    def _client(self, endpoint: Endpoint) -> Client:
        client = self.new_client(endpoint, self._settings.max_retries)
        self._clients.append(client)
        return client

    def examination(self, tape: Tape) -> Examination:
        """An examination of the current endpoint, whose requests are kept on `tape`. Raises `SetupError`."""
        from tui_chat.wire.doctor.examination import Examination

        if self._current is None:
            raise SetupError("no endpoint is chosen; choose one with -e NAME")
        opened = self._current
        wait = self._settings.connect_timeout
        return Examination(
            opened.endpoint, opened.connection.model_name, tape, lambda at, on: self.new_client(at, 0, on), wait
        )

    def new_client(self, endpoint: Endpoint, max_retries: int, tape: Tape | None = None) -> Client:
        """Return a client with the settings' limits, which its caller closes; `tape` is used instead of this run's."""
        from tui_chat.wire.client import Client

        settings = self._settings
        return Client(
            endpoint,
            max_retries=max_retries,
            connect_timeout=settings.connect_timeout,
            idle_timeout=0.0 if self._run.patient else settings.idle_timeout,
            head_timeout=settings.head_timeout,
            max_reply=settings.max_reply,
            stream=self._run.stream,
            rest=self._run.rest,
            tape=tape or self._recording.tape,
        )


def _id_of(target: Target | None) -> str:
    """The name by which an opened endpoint is kept; `None` is the demo. Two URLs without names may be on one host."""
    if target is None:
        return DEMO
    return target.name if target.named else f"set {target.base_url}"


def _nothing_known() -> None:
    """The built-in endpoint's models cost nothing and forget nothing."""


def _import_client() -> None:
    from tui_chat.wire.load_ahead import load_client

    load_client()


def _rehearse(client: Client) -> None:
    from tui_chat.wire.load_ahead import rehearse

    rehearse(client)
