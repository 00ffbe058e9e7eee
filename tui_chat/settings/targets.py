"""Whom the settings mean: who can be asked, who is, and what goes along with a question.

A key goes to the host it was configured for and to no other; so do headers and query parameters, in which keys travel
too. What was said beside one endpoint is not meant for another.
"""

from __future__ import annotations

import difflib
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.settings.config import DEMO, FOREIGN
from tui_chat.settings.keys import Key, KeyCommand, key_command, read_key
from tui_chat.settings.providers import OPENAI, PROVIDERS, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.settings.config import EndpointSettings, Layer, Loaded

HostOf: TypeAlias = "Callable[[str], str]"
"""The host that a request to a URL really goes to: asked of whoever sends it, because two readers of one URL may
disagree, and then a key goes astray. Raises `SetupError` for a URL that cannot be used."""

OLLAMA: Final = "ollama-chat"
OLLAMA_URL: Final = "http://127.0.0.1:11434"
OLLAMA_PORT: Final = 11434

_CHOICE: Final = ("model", "api", "headers", "query", "extra_body", "options", "send_unfinished")
"""What an endpoint may have of its own, besides its URL and its key."""


class UndecidedError(SetupError):
    """The settings name several endpoints and choose none."""

    def __init__(self, what: str, how: str = "") -> None:
        """`what` is so, and `how` a choice is made outside the screen."""
        super().__init__(f"{what}; {how}" if how else what)
        self.what = f"{what[:1].upper()}{what[1:]}".removesuffix(".") + "."
        """What is so, as a sentence."""


@dataclass(frozen=True, slots=True)
class Target:
    """One endpoint, and all that is set for it."""

    name: str
    """What a person calls it."""
    base_url: str
    api: str = "auto"
    key: Key | KeyCommand | None = None
    model: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    send_unfinished: bool = True
    named: bool = False
    """A person gave it its name."""
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Setting → where it came from, for a person."""
    notices: tuple[str, ...] = ()

    def with_key(self) -> Target:
        """With the key that a command has to be run for. Raises `SetupError`."""
        return replace(self, key=self.key.run()) if isinstance(self.key, KeyCommand) else self


class Targets:
    """Everybody whom the settings name."""

    def __init__(self, loaded: Loaded, host_of: HostOf) -> None:
        self._loaded = loaded
        self._host_of = host_of

    def names(self) -> list[str]:
        """Who can be asked: the endpoints of the settings, the URLs that stand by themselves, the providers whose keys
        are there, and the demo, in this order. Raises `SetupError`."""
        hosts = [self._host(*url) for url in self._urls()]
        providers = [each.endpoint for each in self._held() if not any(each.owns(host) for host in hosts)]
        return [*dict.fromkeys([*self._loaded.settings.endpoints, *hosts, *providers, DEMO])]

    def chosen(self) -> Target | None:
        """Whom to ask; `None`: the demo. Raises `UndecidedError` and `SetupError`."""
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
                f"{loaded.origin('api_key')}: no base URL says whose key this is; set TUI_CHAT_BASE_URL or --base-url, "
                "or choose an endpoint with TUI_CHAT_ENDPOINT or -e"
            )
        if endpoints:
            raise UndecidedError(
                f"{loaded.origin('endpoints')}: several endpoints ({', '.join(endpoints)}), and none is chosen",
                "set endpoint there, or TUI_CHAT_ENDPOINT, or -e NAME",
            )
        return self._by_providers_key()

    def named(self, name: str) -> Target | None:
        """The endpoint of a name that `names` gives, for a person who chose it after the start; `None`: the demo.
        What was said for this run is for whom it chose. Raises `SetupError`."""
        try:
            chosen = self.chosen()
        except UndecidedError:
            chosen = None
        if chosen is not None and chosen.name == name:
            return chosen
        later = Targets(self._loaded.for_later_choices(), self._host_of)
        if name not in later.names():  # a URL that was given for this run, below what chooses
            return self._by_name(name, "endpoint")
        return later._by_name(name, "endpoint")

    # ---- who

    def _chooser(self) -> Layer | None:
        """The layer that says whom to ask. Raises `SetupError` where it says it twice."""
        for layer in self._loaded.layers:
            said = [name for name in ("endpoint", "base_url") if layer.values.get(name)]
            if len(said) > 1:
                both = " and ".join(layer.names[name] for name in said)
                raise SetupError(f"{both}: each says whom to ask; keep one of them")
            if said and not (layer is self._loaded.foreign and self._loaded.settings.endpoints):
                return layer
            if "endpoint" in layer.values or "base_url" in layer.values:
                return None  # an empty one: nobody of those below
        return None

    def _urls(self) -> list[tuple[str, str]]:
        """The URLs that stand by themselves, and where they came from: those that were given for this run from the
        layer on that chooses, and the file's."""
        chooser, loaded = self._chooser(), self._loaded
        last = loaded.file if loaded.settings.endpoints or loaded.file.values.get("base_url") else loaded.foreign
        given = loaded.given[loaded.given.index(chooser) :] if chooser in loaded.given else ()
        layers = [layer for layer in (chooser, *given, last) if layer is not None and layer.values.get("base_url")]
        return list(dict.fromkeys((layer.values["base_url"], layer.names["base_url"]) for layer in layers))

    def _held(self) -> list[Provider]:
        """The providers whose keys are there, and who speak the API that is set."""
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
        places = [loaded.variables[each.variable].place for each in PROVIDERS if each.variable in loaded.variables]
        if held:
            raise UndecidedError(
                f"{', '.join(places)}: several keys, and nothing says whom to ask",
                f"choose with -e {held[0].endpoint} or TUI_CHAT_ENDPOINT, or set TUI_CHAT_BASE_URL",
            )
        if places:
            raise SetupError(f"{loaded.origin('api')}: {loaded.settings.api} is not spoken by whom {places[0]} is for")
        return None

    def _provider(self, provider: Provider) -> Target:
        variable = self._loaded.variables[provider.variable]
        url, api = provider.speaking(self._loaded.settings.api)
        target = self._by_url(url, f"the provider of {variable.place}")
        return replace(target, name=provider.endpoint, api=api, key=read_key(variable.value, variable.place))

    # ---- what goes along

    def _by_url(self, url: str, origin: str) -> Target:
        """The endpoint at a URL: what is set by itself belongs to it."""
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
        """An endpoint of the settings: what it says itself, below what was said for this run, above what the file
        says for all."""
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
        """Whether what a layer says may be meant for the endpoint `name` at `host`: it does not speak of another."""
        if other := layer.values.get("endpoint"):
            return bool(other == name)
        return self._url_host(layer) in {None, host}

    def _url_host(self, layer: Layer) -> str | None:
        """The host of the URL that a layer has, where it has one."""
        url = layer.values.get("base_url")
        return self._host(url, layer.names["base_url"]) if url else None

    def _meant_host(self, layer: Layer) -> str | None:
        """The host that a layer says to ask, where it does: a key that stands beside that belongs to it."""
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
            return read_key(variable.value, variable.place)
        return None

    def _providers_key(self, host: str, url_origin: str) -> Key | None:
        """The key of the provider whose own host it is. Whoever sets OPENAI_BASE_URL means OPENAI_API_KEY to go
        there."""
        openai_url = any(url_origin.startswith(name) for name in FOREIGN["base_url"])
        for provider in PROVIDERS:
            variable = self._loaded.variables.get(provider.variable)
            if variable is not None and (provider.owns(host) or (provider is OPENAI and openai_url)):
                return read_key(variable.value, variable.place)
        return None

    def _host(self, url: str, origin: str) -> str:
        try:
            return self._host_of(url)
        except SetupError as error:
            raise SetupError(f"{origin}: {error}") from error


def _ollama(loaded: Loaded) -> tuple[str, str]:
    """Where Ollama listens, as its own programs read OLLAMA_HOST, and where that came from."""
    variable = loaded.variables.get("OLLAMA_HOST")
    if variable is None:
        return OLLAMA_URL, "Ollama's usual address"
    scheme, _, rest = variable.value.strip().rpartition("://")
    host, slash, path = rest.partition("/")
    if not scheme and not _has_port(host):
        host = f"{host or '127.0.0.1'}:{OLLAMA_PORT}"
    return f"{scheme or 'http'}://{host}{slash}{path}", variable.place


def _has_port(host: str) -> bool:
    return host.rpartition("]")[2].count(":") == 1 and host.rpartition(":")[2].isdigit()
