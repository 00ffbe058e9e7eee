"""Builds the program's parts from the settings: endpoint, client, model and history.

Slow imports are done inside the methods, which run after the screen's first frame.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui_chat.chat.backend_ports import Setup
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import Connection, SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.chat.recipient import DEMO, host_in, same_host
from tui_chat.chat.secrets import Secrets
from tui_chat.chat.wording.hints import SOME_ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tui_chat.backend.endpoint_model import EndpointModel
    from tui_chat.backend.history_options import HistoryOptions
    from tui_chat.backend.kept_theme import StoredTheme
    from tui_chat.backend.model_cache import ModelCache
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.model_ports import KnownModels, LocalServer, ModelInfo
    from tui_chat.chat.recipient import Recipient
    from tui_chat.chat.turn import Question
    from tui_chat.history.store import Store
    from tui_chat.log import Log
    from tui_chat.server.embedded import EmbeddedServer
    from tui_chat.settings.config import Settings
    from tui_chat.settings.targets import Target, Targets
    from tui_chat.wire.client import Client, Request
    from tui_chat.wire.endpoint import Endpoint

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedEndpoint:
    """An open connection with what is needed to list its models."""

    connection: Connection
    model: EndpointModel
    endpoint: Endpoint
    remembered: bool = True
    """Whether its list of models is cached on disk."""


class AppBackend:
    """The `Backend` of the screen, of `ask` and of `plain`."""

    def __init__(
        self,
        flags: dict[str, str],
        env_file: Path | None = None,
        *,
        stream: bool = True,
        options: Mapping[str, object] | None = None,
        history_options: HistoryOptions | None = None,
    ) -> None:
        """`flags` are settings by name; `stream` says whether to request streamed replies; `options` are sampling
        options that override those of the settings; `history_options` says what is stored and which chat to
        continue."""
        self._flags = flags
        self._env_file = env_file
        self._stream = stream
        self._options = options or {}
        self._keeping = history_options
        self._history: Store | None = None
        self._settings: Settings | None = None
        self._targets: Targets | None = None
        self._names: tuple[str, ...] = ()
        self._demo_model = ""
        """The model that is set for the demo."""
        self._model_cache: ModelCache | None = None
        self._kept_theme: StoredTheme | None = None
        self._current: OpenedEndpoint | None = None
        self._opened: dict[str, OpenedEndpoint] = {}
        self._clients: list[Client] = []
        self._server: EmbeddedServer | None = None
        self._log: Log | None = None
        self._secrets = Secrets()
        self.history_error = ""
        """The current history error as a sentence; after `close`, what could not be saved. Empty if all is well."""
        self.unsaved = False
        """Whether something could not be saved for the next start; known once this is closed."""

    def load(self) -> Setup:
        """Read the settings and build the connection. Raises `SetupError`."""
        from tui_chat.backend.history_options import HistoryOptions, open_history
        from tui_chat.backend.kept_theme import StoredTheme
        from tui_chat.backend.model_cache import ModelCache
        from tui_chat.settings.config import THEMES
        from tui_chat.settings.folders import Folders
        from tui_chat.settings.loading import load
        from tui_chat.settings.targets import Targets

        log_notices = self._open_log(Folders.of_this_person().state)
        loaded = load(self._flags, self._env_file)
        settings = self._settings = loaded.settings
        if self._log is not None:
            self._log.set_level(settings.log_level)
        self._hide(Secrets(loaded.keys()))
        for name in loaded.secret_variables():
            os.environ.pop(
                name, None
            )  # programs that are started (an editor, a clipboard tool) inherit the other variables
        self._kept_theme = StoredTheme(loaded.folders.state / "theme.json")
        self._model_cache = ModelCache(loaded.folders.cache, loaded.folders.state)
        targets = self._targets = Targets(loaded, host_of)
        self._names = tuple(targets.names())
        # A model set for other programs is not meant for the demo.
        layer = loaded.layer("model")
        self._demo_model = settings.model if layer is not None and layer is not loaded.foreign else ""
        prices = settings.prices
        chats = open_history(self._keeping or HistoryOptions(), loaded.folders.data, wanted=settings.history)
        self._history = chats.history
        connection = self._connection_for(chats.recipient)
        if self._history is not None:
            self._history.watch(self._troubled)
        return Setup(
            replace(connection, notices=(*log_notices, *chats.notices, *connection.notices)),
            system=settings.system,
            theme=self._kept_theme.instead_of(settings.theme, THEMES),
            log_path=self._log.path if self._log is not None else None,
            state_folder=loaded.folders.state if self._remembers else None,
            prices=None if prices is None else (prices.input, prices.output),
            history=chats.history,
            chat=chats.chat,
            title_by_model=settings.titles == "model",
        )

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
            except SetupError as error:
                log.info("The connection cannot be prepared; the first question will say so: %s", error)

    async def look_for_local_servers(self) -> Sequence[LocalServer]:
        """Probe the usual ports of this machine for servers."""
        from tui_chat.wire.local_servers import find_local_servers

        return await find_local_servers()

    def connect(self, server: LocalServer) -> Connection:
        """Connect to a server that was found; if it has several models, none is chosen."""
        from tui_chat.wire.endpoint import Endpoint

        name = server.models[0] if len(server.models) == 1 else ""
        return self._choose(server.base_url, lambda: self._open(Endpoint(server.base_url), name))

    def endpoints(self) -> Sequence[str]:
        """Return the names of the endpoints that can be chosen."""
        return self._names

    def open(self, endpoint: str) -> Connection:
        """Connect to the endpoint with that name. Raises `SetupError`."""
        if self._targets is None:
            raise RuntimeError("the settings are loaded first")
        return self._take(self._targets.named(endpoint))

    def connection_for(self, recipient: Recipient | None) -> Connection:
        """Return the connection for a chat whose last recipient was `recipient`, or for a new chat."""
        try:
            return self._connection_for(recipient)
        except SetupError as error:
            return self._undecided(str(error))

    def _connection_for(self, recipient: Recipient | None) -> Connection:
        from tui_chat.settings.returning import NoWayBackError, target_for
        from tui_chat.settings.targets import UndecidedError

        if self._targets is None:
            raise RuntimeError("the settings are loaded first")
        outright = recipient is None or any(self._flags.get(name) for name in ("endpoint", "base_url"))
        try:
            if recipient is None or outright:
                connection = self._take(self._targets.chosen(), self._demo_model)
            else:
                connection = self._take(target_for(self._targets, recipient, address_of), self._demo_model)
        except NoWayBackError as error:
            opened = self._opened_at(recipient.host) if recipient is not None else None
            if opened is None:
                return self._undecided(str(error))
            self._current = opened
            connection = opened.connection
        except UndecidedError as error:
            return self._undecided(str(error), error.what)
        return connection if recipient is None else self._returned(connection, recipient, outright=outright)

    def _returned(self, connection: Connection, recipient: Recipient, *, outright: bool) -> Connection:
        """Return a connection with the model that the chat used, and a notice if the endpoint's name has changed."""
        same = same_host(connection.host, recipient.host)
        renamed = same and recipient.name and connection.name != recipient.name
        if (same and not renamed) or not outright:
            model = self._flags.get("model") or recipient.model or connection.model_name
            connection = replace(connection, model_name=model)
        if renamed and not outright:
            notice = f"No endpoint is called {recipient.name} now; {connection.model.endpoint} is at the same host."
            connection = replace(connection, notices=(*connection.notices, notice))
        return connection

    def _opened_at(self, host: str) -> OpenedEndpoint | None:
        """Return a connection to that host that was opened earlier in this run."""
        return next((opened for opened in self._opened.values() if same_host(opened.connection.host, host)), None)

    def _undecided(self, why: str, sentence: str = "") -> Connection:
        from tui_chat.backend.endpoint_model import UndecidedModel

        self._current = None
        return Connection(UndecidedModel(why), "", undecided=True, why_undecided=sentence or why)

    def use(self, connection: Connection) -> None:
        """Make an earlier connection the current one."""
        opened = (each for each in self._opened.values() if each.model is connection.model)
        self._current = next(opened, None)

    @property
    def _remembers(self) -> bool:
        """Whether anything may be written to disk."""
        return self._keeping is None or not self._keeping.off

    @property
    def demo_wanted(self) -> bool:
        """Whether the settings name the demo; otherwise it is used only because nothing is configured."""
        from tui_chat.settings.config import DEMO

        return self._settings is not None and self._settings.endpoint == DEMO

    def known_models(self) -> KnownModels | None:
        """Return the cached list of the current endpoint's models."""
        if self._current is None or self._model_cache is None or not self._current.remembered:
            return None
        return self._model_cache.known(self._current.endpoint.base_url)

    async def models(self) -> Sequence[ModelInfo] | Failed:
        """Request the list of models from the current endpoint."""
        current, cache = self._current, self._model_cache
        if current is None or cache is None:
            return Failed("No endpoint is chosen.", SOME_ENDPOINT, "setup")
        listed = await current.model.client.models()
        if isinstance(listed, Failed) or not current.remembered or not self._remembers:
            return listed
        url = current.endpoint.base_url
        await asyncio.to_thread(cache.store, url, listed)
        return cache.recent_first(url, listed)

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

    def keep_theme(self, name: str) -> None:
        """Store a theme for the next start, unless nothing may be written to disk."""
        if self._kept_theme is not None and self._settings is not None and self._remembers:
            self._kept_theme.keep(name, configured=self._settings.theme)

    def export(self, conversation: Conversation, target: Path) -> Path:
        """Write a chat to a file, or into a folder. Raises `HistoryError`."""
        from tui_chat.history.transfer.export import export_conversation

        return export_conversation(conversation, target)

    async def close(self) -> None:
        """Close all connections, the built-in endpoint, the history and the log."""
        clients, self._clients = self._clients, []
        for client in clients:
            await client.aclose()
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)
            self._server = None
        if self._history is not None:
            await asyncio.to_thread(self._history.close)
            self.unsaved = self._history.unsaved
            self._history = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def _troubled(self, sentence: str) -> None:
        self.history_error = sentence

    def masked(self, text: str) -> str:
        """Return `text` (a traceback, for instance) with all secrets of the settings masked."""
        return self._secrets.masked(text)

    def _hide(self, secrets: Secrets) -> None:
        """Mask secrets in the log and in tracebacks."""
        self._secrets |= secrets
        if self._log is not None:
            for spelling in secrets.spellings:
                self._log.hide(spelling)

    def _open_log(self, folder: Path) -> tuple[str, ...]:
        from tui_chat.log import Log, without_file

        if not self._remembers:
            without_file()
            return ()
        try:
            self._log = Log(folder)
        except OSError as error:  # chatting works without a writable home
            without_file()
            return (f"There is no log: {folder} cannot be written ({error.strerror}).",)
        return ()

    def _choose(self, name: str, opening: Callable[[], OpenedEndpoint]) -> Connection:
        """Make the named connection the current one and return it."""
        if name not in self._opened:
            self._opened[name] = opening()
        self._current = self._opened[name]
        return self._current.connection

    def _take(self, target: Target | None, demo_model: str = "") -> Connection:
        if target is None:
            return self._choose(DEMO, lambda: self._open_demo(demo_model or DEMO))
        # Two URLs without names may be on one host.
        name = target.name if target.named else f"set {target.base_url}"
        return self._choose(name, lambda: self._open_target(target.with_key()))

    def _open_target(self, target: Target) -> OpenedEndpoint:
        endpoint = endpoint_of(target, insecure_key=self._settings is not None and self._settings.allow_insecure_key)
        return self._open(endpoint, target.model, target.options, (*target.notices, *endpoint.notices))

    def _open(
        self,
        endpoint: Endpoint,
        model: str = "",
        options: Mapping[str, object] | None = None,
        notices: tuple[str, ...] = (),
    ) -> OpenedEndpoint:
        self._hide(endpoint.secrets)
        on_asked = None
        if self._remembers and self._model_cache is not None:
            on_asked = partial(self._model_cache.mark_used, endpoint.base_url)
        asked = self._model(endpoint, {**(options or {}), **self._options}, on_asked)
        host = host_in(endpoint.base_url)
        return OpenedEndpoint(Connection(asked, model, notices=notices, host=host, name=endpoint.name), asked, endpoint)

    def _open_demo(self, model: str) -> OpenedEndpoint:
        from tui_chat.server.embedded import EmbeddedServer
        from tui_chat.wire.endpoint import Endpoint

        self._server = EmbeddedServer()
        self._server.start()
        endpoint = Endpoint(self._server.base_url, self._server.key, name="built-in demo")
        self._hide(endpoint.secrets)
        asked = self._model(endpoint, self._options)
        return OpenedEndpoint(Connection(asked, model, demo=True, host=DEMO), asked, endpoint, remembered=False)

    def _model(
        self,
        endpoint: Endpoint,
        options: Mapping[str, object],
        on_asked: Callable[[str], None] | None = None,
    ) -> EndpointModel:
        from tui_chat.backend.endpoint_model import EndpointModel

        return EndpointModel(endpoint.label, partial(self._client, endpoint), options, on_asked)

    def _client(self, endpoint: Endpoint) -> Client:
        from tui_chat.wire.client import Client

        settings = self._settings
        if settings is None:
            raise RuntimeError("the settings are loaded first")
        client = Client(
            endpoint,
            max_retries=settings.max_retries,
            connect_timeout=settings.connect_timeout,
            idle_timeout=settings.idle_timeout,
            head_timeout=settings.head_timeout,
            max_reply=settings.max_reply,
            stream=self._stream,
        )
        self._clients.append(client)
        return client


def _import_client() -> None:
    import tui_chat.wire.client  # noqa: F401 - loaded ahead


def host_of(url: str) -> str:
    """Return the host that a request to `url` goes to. Raises `SetupError` for an unusable URL."""
    from tui_chat.wire.endpoint import Endpoint

    return urlsplit(Endpoint(url, dialect="auto").base_url).hostname or ""


def address_of(url: str) -> str:
    """Return the host and port that a request to `url` goes to. Raises `SetupError` for an unusable URL."""
    from tui_chat.wire.endpoint import Endpoint

    return host_in(Endpoint(url, dialect="auto").base_url)


def endpoint_of(target: Target, *, insecure_key: bool = False) -> Endpoint:
    """Build the endpoint of a target, part by part, so that an error names the setting it comes from. Raises
    `SetupError`."""
    from tui_chat.settings.keys import Key
    from tui_chat.wire.endpoint import Endpoint

    origins = target.origins
    with _naming(origins["base_url"]):
        endpoint = Endpoint(
            target.base_url,
            name=target.name if target.named else "",
            dialect=target.api,
            query=target.query,
            extra_body=target.extra_body,
            send_unfinished=target.send_unfinished,
        )
    with _naming(origins.get("headers", "headers")):
        endpoint = replace(endpoint, headers=target.headers)
    if isinstance(target.key, Key):
        with _naming(target.key.origin):
            endpoint = replace(endpoint, key=target.key.value, allow_insecure_key=insecure_key)
    return endpoint


@contextmanager
def _naming(origin: str) -> Iterator[None]:
    try:
        yield
    except SetupError as error:
        raise SetupError(f"{origin}: {error}") from error
