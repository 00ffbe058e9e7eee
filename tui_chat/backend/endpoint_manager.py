"""Adds, tests, changes and lists the endpoints of a run, and writes them into config.toml."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from tui_chat.backend.target_endpoints import address_of, endpoint_of
from tui_chat.chat.endpoint_ports import EndpointDraft, EndpointInfo, TestReport, UrlReading
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.recipient import DEMO
from tui_chat.chat.secrets import Secrets
from tui_chat.settings.config_file import ConfigFile
from tui_chat.settings.keys import KeyCommand, key_command, read_key
from tui_chat.settings.presets import PRESETS
from tui_chat.settings.targets import Targets

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from tui_chat.backend.connections import Connections
    from tui_chat.backend.model_cache import ModelCache
    from tui_chat.chat.endpoint_ports import FormField, Preset
    from tui_chat.chat.model_ports import Connection, KnownModels, LocalServer, ModelInfo
    from tui_chat.settings.config_text import ConfigText
    from tui_chat.settings.loading import Loaded
    from tui_chat.settings.targets import Target
    from tui_chat.wire.endpoint import Endpoint

log = logging.getLogger(__name__)

LIST_WAIT: Final = 12.0
"""Seconds that an endpoint is given to list its models."""
_LONGEST_NAME: Final = 80
_KEY_SETTINGS: Final = ("key", "key_env", "key_command")
_BOUND_TO_HOST: Final = ("headers", "query")
"""Settings of an endpoint that may hold keys, and so are for the host they were set for."""
_TEST_NAME: Final = "endpoint"


class FieldError(SetupError):
    """A field of the form cannot be used; `field` says which, and `advice` what to change."""

    def __init__(self, problem: str, field: FormField, advice: str = "") -> None:
        super().__init__(f"{problem} {advice}".strip())
        self.problem, self.field, self.advice = problem, field, advice


class SettingsEndpoints:
    """The `EndpointManager` of a run."""

    def __init__(
        self,
        loaded: Loaded,
        connections: Connections,
        cache: ModelCache,
        hide: Callable[[Secrets], None],
        on_loaded: Callable[[Loaded], None],
    ) -> None:
        """`hide` masks secrets from now on; `on_loaded` is called with the settings each time they have changed."""
        self._loaded = loaded
        self._connections = connections
        self._cache = cache
        self._hide = hide
        self._on_loaded = on_loaded
        self._file = ConfigFile(loaded.folders.config_file)

    # ---- the form

    def presets(self) -> Sequence[Preset]:
        """Return the providers and servers with a form of their own, the usual first, and one for any other."""
        return PRESETS

    async def find_local_servers(self) -> Sequence[LocalServer]:
        """Probe the usual ports of this machine for servers."""
        from tui_chat.wire.local_servers import find_local_servers

        return await find_local_servers()

    def read_url(self, text: str) -> UrlReading:
        """Return what a typed URL would be completed to."""
        from tui_chat.wire.endpoint import Endpoint

        try:
            endpoint = Endpoint(text, dialect="auto")
        except SetupError as error:
            return UrlReading(problem=str(error))
        return UrlReading(endpoint.base_url, address_of(text))

    def variable_is_set(self, name: str) -> bool:
        """Whether an environment variable of that name is set."""
        return name.upper() in self._loaded.variables

    def hide(self, secret: str) -> None:
        """Mask a text that a person typed as a key in the log and in whatever a crash prints."""
        self._hide(Secrets([secret.strip()]))

    def draft_of(self, name: str) -> EndpointDraft:
        """Return an endpoint of config.toml for editing; its key is left out. Raises `SetupError`."""
        table = self._file.read().endpoint(name)
        if table is None:
            raise SetupError(f"{self._file.path}: there is no endpoint {name} any more")
        source: Any = "none"
        key = ""
        if "key" in table:
            source = "kept"
        elif "key_env" in table:
            source, key = "variable", str(table["key_env"])
        elif "key_command" in table:
            source, key = "command", str(table["key_command"])
        url = str(table.get("base_url", ""))
        if not url and (target := self._connections.targets.named(name)) is not None:
            url = target.base_url
        return EndpointDraft(
            url, source, key, str(table.get("model", "")), name, name == self._default_in_file, before=name
        )

    async def test(self, draft: EndpointDraft) -> AsyncGenerator[TestReport, None]:
        """Ask the endpoint for its models and for a short reply; nothing is stored."""
        from tui_chat.backend.endpoint_test import run_test

        try:
            if draft.key_source == "command":
                yield TestReport(doing="Running the command of the key")
            endpoint, host = await asyncio.to_thread(self._endpoint_of, draft)
        except FieldError as error:
            yield TestReport(problem=error.problem, advice=error.advice, field=error.field, done=True)
            return
        except SetupError as error:
            yield TestReport(problem=str(error), done=True)
            return
        client = self._connections.new_client(endpoint, max_retries=0)
        try:
            async with aclosing(run_test(client, host, draft.model.strip())) as reports:
                async for report in reports:
                    yield report
        finally:
            await client.aclose()

    def save(self, draft: EndpointDraft) -> str:
        """Write the endpoint into config.toml and return its name. Raises `SetupError`."""
        self._check_name(draft)
        target = self._target_of(draft)
        endpoint_of(replace(target, key=None if isinstance(target.key, KeyCommand) else target.key))
        name = draft.name.strip()
        if draft.default and self._loaded.file.values.get("base_url"):
            problem = f"{self._loaded.file.names['base_url']} is what tui-chat starts with."
            raise FieldError(problem, "", f"Remove it there to start with {name}.")
        self._file.save_endpoint(
            name,
            _values(draft),
            before=draft.before,
            known=self._known(draft),
            default=draft.default,
        )
        self._use(self._connections, name, draft.before)
        return name

    def remove(self, name: str) -> None:
        """Remove an endpoint from config.toml. Raises `SetupError`."""
        self._file.remove_endpoint(name)
        self._use(self._connections, name)

    def make_default(self, name: str, model: str) -> None:
        """Have an endpoint and a model of it used at the start. Raises `SetupError`."""
        self._file.set_default(name, model)
        self._use(self._connections)

    def reload(self) -> None:
        """Read config.toml again. Raises `SetupError`."""
        self._use(self._connections, *self._connections.names)

    # ---- the list

    def endpoints(self) -> Sequence[EndpointInfo]:
        """Return all endpoints that can be chosen, in the order of the settings; the demo is the last."""
        found: list[EndpointInfo] = []
        if (server := self._connections.found_server) is not None:
            base_url, opened = server
            host = opened.connection.host
            found.append(EndpointInfo(base_url, host, host, current=True))
        return [*found, *map(self._info, self._connections.names)]

    def recent(self) -> Sequence[tuple[str, str]]:
        """Return the models used lately as pairs of an endpoint's name and a model, the last one first."""
        by_url: dict[str, str] = {}
        for name in self._connections.names:
            if (url := self._url_of(name)) and url not in by_url:
                by_url[url] = name
        return [(by_url[url], model) for url, model in self._cache.recent() if url in by_url]

    def known_models(self, endpoint: str) -> KnownModels | None:
        """Return an endpoint's models as it listed them last; `None`: it never did."""
        url = self._url_of(endpoint)
        return self._cache.known(url) if url else None

    async def models(self, endpoint: str) -> Sequence[ModelInfo] | Failed:
        """Ask an endpoint for its models, for `LIST_WAIT` seconds at most."""
        try:
            async with asyncio.timeout(LIST_WAIT):
                opened = await asyncio.to_thread(self._connections.opened, endpoint)
                return await self._connections.models_of(opened)
        except SetupError as error:
            return Failed(_without_origin(str(error)), kind="setup")
        except TimeoutError:
            return Failed(f"No list of models within {LIST_WAIT:g} s.", kind="network")

    def open(self, endpoint: str, model: str = "") -> Connection:
        """Return a connection to an endpoint, and to a model of it. Raises `SetupError`."""
        connection = self._connections.open(endpoint)
        return replace(connection, model_name=model) if model else connection

    def connection_to(self, endpoint: str, model: str = "") -> Connection:
        """As `open`, but the current endpoint stays the current one. Raises `SetupError`."""
        connection = self._connections.opened(endpoint).connection
        return replace(connection, model_name=model) if model else connection

    # ---- inside

    @property
    def starts_with(self) -> str:
        """The endpoint, or the URL, that config.toml names for the start; empty: none."""
        return self._default_in_file or str(self._loaded.file.values.get("base_url", ""))

    @property
    def _default_in_file(self) -> str:
        return str(self._loaded.file.values.get("endpoint", ""))

    def _info(self, name: str) -> EndpointInfo:
        if name == DEMO:
            current, opened = self._connections.is_current(None), self._connections.is_open(None)
            return EndpointInfo(DEMO, DEMO, "built in", current=current, asks_first=not opened)
        tables = self._loaded.file.values.get("endpoints", {})
        editable = name in tables and self._loaded.layer("endpoints") is self._loaded.file
        default = name == self._default_in_file
        try:
            target = self._connections.targets.named(name)
            host = address_of(target.base_url) if target is not None else ""
        except SetupError as error:
            problem = _without_origin(str(error))
            return EndpointInfo(name, name, default=default, editable=editable, problem=problem)
        opened = self._connections.is_open(target)
        return EndpointInfo(
            name,
            name,
            host,
            target.model if target is not None else "",
            current=self._connections.is_current(target),
            default=default,
            editable=editable,
            asks_first=target is not None and isinstance(target.key, KeyCommand) and not opened,
            completed=self._connections.facts_of(target).completed,
        )

    def _url_of(self, name: str) -> str:
        """The URL of an endpoint as its requests have it; empty if it cannot be used."""
        if name == DEMO:
            return ""
        if name not in self._connections.names:
            return name  # a server that was found on this machine
        try:
            target = self._connections.targets.named(name)
            return endpoint_of(replace(target, key=None)).base_url if target is not None else ""
        except SetupError as error:
            log.info("%s cannot be used: %s", name, error)
            return ""

    def _use(self, connections: Connections, *changed: str) -> None:
        """Read config.toml again and use its settings; the `changed` endpoints get new connections."""
        text = self._file.read()
        loaded = self._loaded.with_file(text.values, text.text)
        for name in changed or ("",):
            connections.use_settings(loaded, name)
        self._loaded = loaded
        self._on_loaded(loaded)

    def _known(self, draft: EndpointDraft) -> dict[str, Any] | None:
        """The settings in use of the endpoint that a draft changes; `None`: it is a new one."""
        tables = self._loaded.file.values.get("endpoints", {})
        found = tables.get(draft.before or draft.name.strip()) if draft.before else None
        return found if isinstance(found, dict) else None

    def _check_name(self, draft: EndpointDraft) -> None:
        name = draft.name.strip()
        if not name:
            raise FieldError("The endpoint has no name.", "name", "Give it one.")
        if not name.isprintable() or len(name) > _LONGEST_NAME:
            raise FieldError("This name cannot be used.", "name", f"Take one of at most {_LONGEST_NAME} letters.")
        if name == DEMO:
            raise FieldError(f"{DEMO} is the name of the built-in endpoint.", "name", "Take another one.")
        if name != draft.before and name in self._loaded.settings.endpoints:
            raise FieldError(f"There is an endpoint {name} already.", "name", "Take another name.")

    def _endpoint_of(self, draft: EndpointDraft) -> tuple[Endpoint, str]:
        """The endpoint that a draft would be when saved, with its key, and its host. Raises `SetupError`."""
        target = self._target_of(draft)
        try:
            target = target.with_key()
        except SetupError as error:
            raise FieldError(_without_origin(str(error)), "key", "Check the command.") from error
        try:
            endpoint = endpoint_of(target, insecure_key=self._loaded.settings.allow_insecure_key)
        except SetupError as error:
            text = _without_origin(str(error))
            raise FieldError(text, "url" if "http" in text else "key") from error
        self._hide(endpoint.secrets)
        return endpoint, endpoint.host

    def _target_of(self, draft: EndpointDraft) -> Target:
        """The endpoint as the settings would define it if the draft was saved. Raises `SetupError`."""
        layer = self._loaded.layer("endpoints")
        if layer is not None and layer is not self._loaded.file:
            raise FieldError(f"{layer.names['endpoints']} is set and hides the endpoints of config.toml.", "")
        reading = self.read_url(draft.base_url)
        if reading.problem:
            raise FieldError(reading.problem, "url")
        self._check_key(draft)
        name = draft.name.strip() or draft.before or _TEST_NAME
        known = self._known(draft)
        if known is not None:
            self._check_host(draft, known, reading.host)
        text = self._file.read()
        text = self._without_taken(text, name, draft.before).with_endpoint(name, _values(draft), before=draft.before)
        values = dict(text.values)
        if values.get("endpoint"):
            values["endpoint"] = name
        loaded = self._loaded.with_file(values)
        target = Targets(loaded.for_later_choices(), lambda url: self.read_url(url).host.partition(":")[0]).named(name)
        if target is None:
            raise SetupError(f"there is no endpoint {name}")
        return target

    @staticmethod
    def _without_taken(text: ConfigText, name: str, before: str) -> ConfigText:
        """The text without another endpoint that has the name of a draft, which is only tested under it."""
        return text.without_endpoint(name) if name != before else text

    def _check_key(self, draft: EndpointDraft) -> None:
        key = draft.key.strip()
        match draft.key_source:
            case "typed":
                if key.startswith(("http://", "https://")):
                    raise FieldError("This is a URL, not a key.", "key", "Put it into the field above.")
                try:
                    read_key(key, "")
                except SetupError:
                    problem = "The key holds characters that no key has (a space, a line break, a quote?)."
                    raise FieldError(problem, "key", "Copy it again.") from None
            case "variable" if not self.variable_is_set(key):
                raise FieldError(
                    f"The variable {key} is not set." if key else "The variable has no name.",
                    "key",
                    "Set it before tui-chat starts, or type the key itself.",
                )
            case "command":
                try:
                    key_command(key, "")
                except SetupError as error:
                    raise FieldError(f"The command{_without_origin(str(error), keep=True)}.", "key") from error
            case _:
                pass

    def _check_host(self, draft: EndpointDraft, known: dict[str, Any], host: str) -> None:
        """A key goes only to the host it was entered for, and so do headers and query parameters."""
        before = self.read_url(str(known.get("base_url", ""))).host
        if not before or before == host:
            return
        if draft.key_source == "kept":
            raise FieldError(f"The saved key is for {before}.", "key", f"Enter the key of {host}.")
        bound = [name for name in _BOUND_TO_HOST if known.get(name)]
        if bound:
            problem = f"{draft.before} has {' and '.join(bound)} that were set for {before}."
            raise FieldError(problem, "url", "Add a new endpoint for the other host.")


def _values(draft: EndpointDraft) -> dict[str, object]:
    """The values of a draft for config.toml; `None` removes a setting."""
    values: dict[str, object] = {"base_url": draft.base_url.strip(), "model": draft.model.strip() or None}
    if draft.key_source == "kept":
        return values
    keys: dict[str, object] = dict.fromkeys(_KEY_SETTINGS)
    setting = {"typed": "key", "variable": "key_env", "command": "key_command"}.get(draft.key_source)
    if setting is not None and draft.key.strip():
        keys[setting] = draft.key.strip()
    return {"base_url": values["base_url"], **keys, "model": values["model"]}


def _without_origin(text: str, *, keep: bool = False) -> str:
    """A sentence without the setting that it names first, because the form has a field for it."""
    before, colon, rest = text.partition(": ")
    if not colon or not (keep or ".toml" in before or not before):
        return text
    return f" {rest}" if keep else rest
