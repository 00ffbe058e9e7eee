"""Joins the rooms: settings, wire and the endpoint in the house, for whichever door is opened.

What takes time to import is imported by the methods, which run after the screen's first frame.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Failed, ModelNamed
from tui_chat.chat.ports import Connection, Setup, SetupError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence
    from pathlib import Path

    from tui_chat.ask import Manner
    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.ports import LocalServer
    from tui_chat.chat.turn import Question
    from tui_chat.config import Loaded, Settings
    from tui_chat.log import Log
    from tui_chat.providers import Target
    from tui_chat.server.embedded import EmbeddedServer
    from tui_chat.wire.client import Client
    from tui_chat.wire.endpoint import Endpoint

log = logging.getLogger(__name__)

DEMO = "demo"
"""The model of the endpoint in the house that shows what the program can do."""


MOST_NAMES = 20
"""How many models a sentence lists."""


class SoleModel:
    """A `Model` for an endpoint of which no model is named: asks for the only one it has.

    Where the endpoint has no list, it gets the question without a model's name and decides. Where there are several,
    the reply fails with their names.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._found: str | None = None

    @property
    def endpoint(self) -> str:
        """Who answers, for a person."""
        return self._client.endpoint

    async def reply(self, question: Question) -> AsyncGenerator[ChatEvent, None]:
        """Ask, with the model's name looked up if the question has none."""
        if not question.model:
            if self._found is None:
                told = await self._client.models()
                names = () if isinstance(told, Failed) else tuple(model.name for model in told)
                if len(names) > 1:
                    yield self._several(names)
                    return
                self._found = names[0] if names else ""
            if self._found:
                yield ModelNamed(self._found)
                question = replace(question, model=self._found)
        async with aclosing(self._client.reply(question)) as events:
            async for event in events:
                yield event

    def _several(self, names: tuple[str, ...]) -> Failed:
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        return Failed(
            f"No model is chosen, and {self.endpoint} has several: {', '.join(names[:MOST_NAMES])}{more}",
            hint="Choose one: -m NAME, TUI_CHAT_MODEL, or /model NAME in the screen.",
            kind="setup",
        )


class BuiltHouse:
    """The `House` of the screen and of `ask`."""

    def __init__(self, flags: dict[str, str], env_file: Path | None = None, *, stream: bool = True) -> None:
        """`flags` are settings by name; `stream`: whether answers are asked for as streams."""
        self._flags = flags
        self._env_file = env_file
        self._stream = stream
        self._settings: Settings | None = None
        self._clients: list[Client] = []
        self._server: EmbeddedServer | None = None
        self._log: Log | None = None

    def load(self) -> Setup:
        """Read the settings and build the connection. Raises `SetupError`."""
        from tui_chat import config
        from tui_chat.providers import choose

        log_notices = self._open_log(config.Folders.of_this_person().state)
        loaded = config.load(self._flags, self._env_file)
        settings = self._settings = loaded.settings
        if self._log is not None:
            self._log.set_level(settings.log_level)
        target = choose(loaded, host_of)
        connection = self._demo(loaded) if target is None else self._configured(loaded, target)
        prices = settings.prices
        return Setup(
            replace(connection, notices=(*log_notices, *connection.notices)),
            system=settings.system,
            theme=settings.theme,
            log_path=self._log.path if self._log is not None else None,
            state_folder=loaded.folders.state,
            prices=None if prices is None else (prices.input, prices.output),
        )

    async def warm(self) -> None:
        """Import the HTTP client and load certificates."""
        for client in self._clients:
            try:
                await client.prepare()
            except SetupError as error:
                log.info("The connection cannot be prepared; the first question will say so: %s", error)

    async def look_for_local_servers(self) -> Sequence[LocalServer]:
        """Ask the usual ports of this machine which of them answer."""
        from tui_chat.wire.local_servers import find_local_servers

        return await find_local_servers()

    def connect(self, server: LocalServer) -> Connection:
        """A connection to a server that was found; with several models, none is chosen."""
        from tui_chat.wire.endpoint import Endpoint

        client = self._client(Endpoint(server.base_url))
        name = server.models[0] if len(server.models) == 1 else ""
        return Connection(client if name else SoleModel(client), name)

    async def close(self) -> None:
        """Close all connections, the endpoint in the house and the log."""
        clients, self._clients = self._clients, []
        for client in clients:
            await client.aclose()
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)
            self._server = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def _open_log(self, folder: Path) -> tuple[str, ...]:
        from tui_chat.log import Log, without_file

        try:
            self._log = Log(folder)
        except OSError as error:  # a read-only home is no reason not to chat
            without_file()
            return (f"There is no log: {folder} cannot be written ({error.strerror}).",)
        return ()

    def _configured(self, loaded: Loaded, target: Target) -> Connection:
        endpoint = _endpoint(loaded, target)
        if self._log is not None and target.key:
            self._log.hide(target.key.value)
        client, name = self._client(endpoint), loaded.settings.model
        return Connection(client if name else SoleModel(client), name, notices=(*target.notices, *endpoint.notices))

    def _demo(self, loaded: Loaded) -> Connection:
        from tui_chat.server.embedded import EmbeddedServer
        from tui_chat.wire.endpoint import Endpoint

        self._server = EmbeddedServer()
        self._server.start()
        if self._log is not None:
            self._log.hide(self._server.key)
        endpoint = Endpoint(self._server.base_url, self._server.key, name="demo in the house")
        # A model that other programs are told to use says nothing about the demo.
        layer = loaded.layer("model")
        meant = layer is not None and layer is not loaded.layers[-1]
        return Connection(self._client(endpoint), loaded.settings.model if meant else DEMO, demo=True)

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
            stream=self._stream,
        )
        self._clients.append(client)
        return client


def host_of(url: str) -> str:
    """The host that a request to `url` goes to. Raises `SetupError` for what is no usable URL."""
    from tui_chat.wire.endpoint import Endpoint

    return urlsplit(Endpoint(url).base_url).hostname or ""


def answer(house: BuiltHouse, prompt: str, manner: Manner) -> int:
    """Ask once, print the answer, and give the exit status. Raises `SetupError`."""
    setup = house.load()
    notices = list(setup.connection.notices)
    if setup.connection.demo:
        notices.append("No endpoint is configured, so this is the demo; set TUI_CHAT_BASE_URL to ask a real one.")
    for notice in [] if manner.quiet else notices:
        sys.stderr.write(f"tui-chat: {clean_line(notice)}\n")
    return asyncio.run(_answer(house, setup, prompt, replace(manner, prices=setup.prices)))


async def _answer(house: BuiltHouse, setup: Setup, prompt: str, manner: Manner) -> int:
    from tui_chat.ask import Asking

    hint = f"The traceback is in {setup.log_path}." if setup.log_path else ""
    asking = Asking(setup.connection.model, setup.connection.model_name, setup.system, manner, hint)
    try:
        return await asking.ask(prompt)
    finally:
        await house.close()


def _endpoint(loaded: Loaded, target: Target) -> Endpoint:
    """The endpoint as a value. It is built up piece by piece, so that a piece that is refused is named."""
    from tui_chat.wire.endpoint import Endpoint

    settings = loaded.settings
    with _naming(target.url_origin):
        endpoint = Endpoint(target.base_url, query=settings.query, extra_body=settings.extra_body)
    with _naming(loaded.origin("headers")):
        endpoint = replace(endpoint, headers=settings.headers)
    if target.key is not None:
        with _naming(target.key.origin):
            endpoint = replace(endpoint, key=target.key.value, allow_insecure_key=settings.allow_insecure_key)
    return endpoint


@contextmanager
def _naming(origin: str) -> Iterator[None]:
    try:
        yield
    except SetupError as error:
        raise SetupError(f"{origin}: {error}") from error
