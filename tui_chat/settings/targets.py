"""The endpoints that the settings define, the one that is used, and the settings that are sent to it.

A key is sent only to the host it was configured for; so are headers and query parameters, which may carry keys too.
What was set for one endpoint is not used for another.
"""

from __future__ import annotations

import difflib
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.settings.config import DEMO
from tui_chat.settings.keys import Key, KeyCommand, key_command, read_key
from tui_chat.settings.loading import FOREIGN
from tui_chat.settings.providers import OPENAI, PROVIDERS, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.settings.config import EndpointSettings, ModelSettings, PriceSettings
    from tui_chat.settings.loading import Layer, Loaded

HostOf: TypeAlias = "Callable[[str], str]"
"""Returns the host that a request to a URL really goes to. The HTTP client answers that: two parsers may disagree about
a URL, and then a key would go to the wrong host. Raises `SetupError` for an unusable URL."""

OLLAMA: Final = "ollama-chat"
OLLAMA_URL: Final = "http://127.0.0.1:11434"
OLLAMA_PORT: Final = 11434

_CHOICE: Final = (
    "model",
    "api",
    "headers",
    "query",
    "extra_body",
    "options",
    "send_unfinished",
    "context_window",
    "prices",
    "models",
)
"""Settings that an endpoint may have of its own, besides its URL and its key."""


class UndecidedError(SetupError):
    """The settings name several endpoints and choose none."""

    def __init__(self, what: str, how: str = "") -> None:
        """`what` is the problem; `how` says how to choose outside the screen."""
        super().__init__(f"{what}; {how}" if how else what)
        self.what = f"{what[:1].upper()}{what[1:]}".removesuffix(".") + "."
        """The problem, as a sentence."""


@dataclass(frozen=True, slots=True)
class Target:
    """One endpoint, and all that is set for it."""

    name: str
    """Its name for a person."""
    base_url: str
    api: str = "auto"
    key: Key | KeyCommand | None = None
    model: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    send_unfinished: bool = True
    context_window: int | None = None
    prices: PriceSettings | None = None
    models: Mapping[str, ModelSettings] = field(default_factory=dict)
    named: bool = False
    """Whether a person gave it its name."""
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The place in which each setting was set, for a person."""
    notices: tuple[str, ...] = ()

    def with_key(self) -> Target:
        """Return the target with the key that its command prints. Raises `SetupError`."""
        return replace(self, key=self.key.run()) if isinstance(self.key, KeyCommand) else self


class Targets:
    """All endpoints that the settings define."""

    def __init__(self, loaded: Loaded, host_of: HostOf) -> None:
        self._loaded = loaded
        self._host_of = host_of

    def names(self) -> list[str]:
        """Return the endpoints that can be chosen, in this order: those of the settings, single URLs, providers whose
        keys are set, and the demo. Raises `SetupError`."""
        hosts = [self._host(*url) for url in self._urls()]
        providers = [each.endpoint for each in self._held() if not any(each.owns(host) for host in hosts)]
        return [*dict.fromkeys([*self._loaded.settings.endpoints, *hosts, *providers, DEMO])]

    def chosen(self) -> Target | None:
        """Return the endpoint to use; `None` means the demo. Raises `UndecidedError` and `SetupError`."""
        loaded, chooser = self._loaded, self._chooser()
        if chooser is not None:
            if name := chooser.values.get("endpoint"):
                return self._by_name(name, chooser.names["endpoint"])
            return self._by_url(chooser.values["base_url"], chooser.names["base_url"])
        endpoints = loaded.settings.endpoints
        if len(endpoints) == 1:
            return self._by_name(next(iter(endpoints)), loaded.origin("endpoints"))
        if not endpoints and loaded.settings.api == OLLAMA:
            return self._by_url(*_ollama(loaded))
        if loaded.settings.api_key.get_secret_value():
            raise SetupError(
                f"{loaded.origin('api_key')}: there is no base URL that this key belongs to; set "
                "TUI_CHAT_BASE_URL or --base-url, or choose an endpoint with TUI_CHAT_ENDPOINT or -e"
            )
        if endpoints:
            raise UndecidedError(
                f"{loaded.origin('endpoints')}: several endpoints ({', '.join(endpoints)}), and none is chosen",
                "set endpoint there, or TUI_CHAT_ENDPOINT, or -e NAME",
            )
        return self._by_providers_key()

    def named(self, name: str) -> Target | None:
        """Return the endpoint with a name from `names`, which a person chose after the start; `None` means the demo.
        What was set for this run was meant for the endpoint chosen then. Raises `SetupError`."""
        try:
            chosen = self.chosen()
        except UndecidedError:
            chosen = None
        if chosen is not None and chosen.name == name:
            return chosen
        later = Targets(self._loaded.for_later_choices(), self._host_of)
        if name not in later.names():  # a URL given for this run, in a layer below the choosing one
            return self._by_name(name, "endpoint")
        return later._by_name(name, "endpoint")

    # ---- the endpoint

    def _chooser(self) -> Layer | None:
        """Return the layer that chooses the endpoint. Raises `SetupError` if it does so twice."""
        for layer in self._loaded.layers:
            said = [name for name in ("endpoint", "base_url") if layer.values.get(name)]
            if len(said) > 1:
                both = " and ".join(layer.names[name] for name in said)
                raise SetupError(f"{both}: each chooses an endpoint; keep one of them")
            if said and not (layer is self._loaded.foreign and self._loaded.settings.endpoints):
                return layer
            if "endpoint" in layer.values or "base_url" in layer.values:
                return None  # an empty value: none of the layers below chooses
        return None

    def _urls(self) -> list[tuple[str, str]]:
        """Return the single URLs and where they came from: those of this run, from the choosing layer on, and the
        file's."""
        chooser, loaded = self._chooser(), self._loaded
        last = loaded.file if loaded.settings.endpoints or loaded.file.values.get("base_url") else loaded.foreign
        given = loaded.given[loaded.given.index(chooser) :] if chooser in loaded.given else ()
        layers = [layer for layer in (chooser, *given, last) if layer is not None and layer.values.get("base_url")]
        return list(dict.fromkeys((layer.values["base_url"], layer.names["base_url"]) for layer in layers))

    def _held(self) -> list[Provider]:
        """Return the providers whose keys are set and that speak the configured API."""
        api = self._loaded.settings.api
        return [
            provider
            for provider in PROVIDERS
            if provider.variable in self._loaded.variables
            and (api in {"auto", "openai-chat", provider.native} or (provider is OPENAI and api == "openai-responses"))
        ]

    def _by_name(self, name: str, origin: str) -> Target | None:
        settings = self._loaded.settings
        if name in settings.endpoints:
            return self._configured(name, settings.endpoints[name])
        if name == DEMO:
            return None
        for provider in self._held():
            if provider.endpoint == name:
                return self._provider(provider)
        for url, url_origin in self._urls():
            if self._host(url, url_origin) == name:
                return self._by_url(url, url_origin)
        known = self.names()
        close = difflib.get_close_matches(name, known, n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        for provider in PROVIDERS:
            if provider.endpoint == name:
                meant = f"; for the provider, set {provider.variable}"
        raise SetupError(f"{origin}: there is no endpoint {name!r}{meant} (there are: {', '.join(known)})")

    def _by_providers_key(self) -> Target | None:
        loaded, held = self._loaded, self._held()
        if len(held) == 1:
            return self._provider(held[0])
        places = [loaded.variables[each.variable].origin for each in PROVIDERS if each.variable in loaded.variables]
        if held:
            raise UndecidedError(
                f"{', '.join(places)}: several keys are set, and no endpoint is chosen "
                f"(there are: {', '.join(each.endpoint for each in held)})",
                f"choose with -e {held[0].endpoint} or TUI_CHAT_ENDPOINT, or set TUI_CHAT_BASE_URL",
            )
        if places:
            raise SetupError(
                f"{loaded.origin('api')}: {loaded.settings.api} is not supported by the provider of {places[0]}"
            )
        return None

    def _provider(self, provider: Provider) -> Target:
        variable = self._loaded.variables[provider.variable]
        url, api = provider.speaking(self._loaded.settings.api)
        target = self._by_url(url, f"the provider of {variable.origin}")
        return replace(target, name=provider.endpoint, api=api, key=read_key(variable.value, variable.origin))

    # ---- its settings

    def _by_url(self, url: str, origin: str) -> Target:
        """Return the endpoint at a URL with the settings that are not in a table."""
        loaded, settings = self._loaded, self._loaded.settings
        host = self._host(url, origin)
        notices: list[str] = []
        values: dict[str, Any] = {name: getattr(settings, name) for name in _CHOICE}
        origins = {name: loaded.origin(name) for name in _CHOICE} | {"base_url": origin}
        for name in ("headers", "query"):
            layer = loaded.layer(name)
            if layer is not None and values[name] and (meant := self._meant_host(layer)) not in {None, host}:
                values[name] = {}
                notices.append(f"The {name} of {layer.names[name]} are for {meant}; they are not sent to {host}.")
        key = None
        own = loaded.layer("api_key")
        if own is not None and (secret := settings.api_key.get_secret_value()):
            meant = self._meant_host(own)
            if meant in {None, host}:
                key = read_key(secret, own.names["api_key"])
            else:
                notices.append(f"The key of {own.names['api_key']} is for {meant}; it is not sent to {host}.")
        if key is None:
            key = self._providers_key(host, origin)
        return Target(host, url, key=key, origins=origins, notices=tuple(notices), **values)

    def _configured(self, name: str, endpoint: EndpointSettings) -> Target:
        """Return an endpoint of a table: what was set for this run wins over the table, which wins over the file's
        general settings."""
        loaded = self._loaded
        place = f"endpoints.{name}"
        source = loaded.origin("endpoints")  # a variable's name, or the setting's and a file's
        where = source.removeprefix("endpoints") if source.startswith("endpoints in ") else f" in {source}"
        url, url_origin = endpoint.base_url, f"{place}.base_url{where}"
        if not url:
            if endpoint.api != OLLAMA:
                raise SetupError(f"{place}{where}: has no base_url")
            url, url_origin = _ollama(loaded)
        host = self._host(url, url_origin)
        given = [layer for layer in loaded.given if self._may_mean(layer, name, host)]
        general = [loaded.file] if self._url_host(loaded.file) in {None, host} else []
        if OPENAI.owns(host):
            general.append(loaded.foreign)
        values: dict[str, Any] = {}
        origins = {"base_url": url_origin}
        for setting in _CHOICE:
            upper = next((layer for layer in given if setting in layer.values), None)
            lower = next((layer for layer in general if setting in layer.values), None)
            if upper is not None:
                values[setting], origins[setting] = loaded.value(upper, setting), upper.names[setting]
            elif setting in endpoint.model_fields_set:
                values[setting], origins[setting] = getattr(endpoint, setting), f"{place}.{setting}{where}"
            elif lower is not None:
                values[setting], origins[setting] = loaded.value(lower, setting), lower.names[setting]
        key = self._given_key(given) or self._own_key(endpoint, place, where)
        if key is None and self._meant_host(loaded.file) == host:
            key = self._given_key([loaded.file])
        key = key or self._providers_key(host, url_origin)
        return Target(name, url, key=key, named=True, origins=origins, **values)

    def _may_mean(self, layer: Layer, name: str, host: str) -> bool:
        """Whether a layer's settings may be meant for the endpoint `name` at `host`, because it does not name
        another."""
        if other := layer.values.get("endpoint"):
            return bool(other == name)
        return self._url_host(layer) in {None, host}

    def _url_host(self, layer: Layer) -> str | None:
        """Return the host of a layer's URL, if it has one."""
        url = layer.values.get("base_url")
        return self._host(url, layer.names["base_url"]) if url else None

    def _meant_host(self, layer: Layer) -> str | None:
        """Return the host of the endpoint that a layer chooses, if it does; a key set beside it belongs to that
        host."""
        endpoint = self._loaded.settings.endpoints.get(layer.values.get("endpoint", ""))
        if endpoint is not None and endpoint.base_url:
            return self._host(endpoint.base_url, layer.names["endpoint"])
        return self._url_host(layer)

    # ---- keys

    def _given_key(self, layers: list[Layer]) -> Key | None:
        for layer in layers:
            if "api_key" in layer.values and (secret := self._loaded.value(layer, "api_key").get_secret_value()):
                return read_key(secret, layer.names["api_key"])
        return None

    def _own_key(self, endpoint: EndpointSettings, place: str, where: str) -> Key | KeyCommand | None:
        if secret := endpoint.key.get_secret_value():
            return read_key(secret, f"{place}.key{where}")
        if endpoint.key_command:
            variables = {name: variable.value for name, variable in self._loaded.variables.items()}
            return key_command(endpoint.key_command, f"{place}.key_command{where}", variables)
        if endpoint.key_env:
            variable = self._loaded.variables.get(endpoint.key_env.upper())
            if variable is None:
                raise SetupError(f"{place}.key_env{where}: the variable {endpoint.key_env} is not set")
            return read_key(variable.value, variable.origin)
        return None

    def _providers_key(self, host: str, url_origin: str) -> Key | None:
        """Return the key of the provider that owns the host. OPENAI_API_KEY also goes to the host of
        OPENAI_BASE_URL."""
        openai_url = any(url_origin.startswith(name) for name in FOREIGN["base_url"])
        for provider in PROVIDERS:
            variable = self._loaded.variables.get(provider.variable)
            if variable is not None and (provider.owns(host) or (provider is OPENAI and openai_url)):
                return read_key(variable.value, variable.origin)
        return None

    def _host(self, url: str, origin: str) -> str:
        try:
            return self._host_of(url)
        except SetupError as error:
            raise SetupError(f"{origin}: {error}") from error


def _ollama(loaded: Loaded) -> tuple[str, str]:
    """Return Ollama's URL, read from OLLAMA_HOST as its own programs do, and where it came from."""
    variable = loaded.variables.get("OLLAMA_HOST")
    if variable is None:
        return OLLAMA_URL, "Ollama's usual address"
    scheme, _, rest = variable.value.strip().rpartition("://")
    host, slash, path = rest.partition("/")
    if not scheme and not _has_port(host):
        host = f"{host or '127.0.0.1'}:{OLLAMA_PORT}"
    return f"{scheme or 'http'}://{host}{slash}{path}", variable.origin


def _has_port(host: str) -> bool:
    return host.rpartition("]")[2].count(":") == 1 and host.rpartition(":")[2].isdigit()
