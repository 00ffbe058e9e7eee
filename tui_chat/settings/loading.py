"""Read the settings from all sources, and remember where each value came from.

Flags win over `TUI_CHAT_*` variables, these over config.toml, that over other programs' variables, those over the
defaults. A `.env` file counts as variables (the real ones win over it); it is read from the configuration folder or
from the path of `--env-file`, never from the working folder.
"""

from __future__ import annotations

import difflib
import os
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.regular_files import read_text
from tui_chat.settings.config import (
    LONGEST_NAME,
    PREFIX,
    EndpointSettings,
    ModelSettings,
    PersonaSettings,
    PriceSettings,
    Settings,
)
from tui_chat.settings.folders import Folders
from tui_chat.settings.light_pydantic import DotEnvSettingsSource, EnvSettingsSource, ValidationError
from tui_chat.settings.providers import PROVIDERS
from tui_chat.settings.toml_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LARGEST_FILE = 1_000_000
"""The most bytes of a settings file."""
FOREIGN = {"base_url": ("OPENAI_BASE_URL", "OPENAI_API_BASE"), "model": ("OPENAI_MODEL",)}
"""Other programs' variables that set ours; the first that is set wins. Keys have rules of their own: `providers`."""

_MAY_HOLD_KEYS = frozenset(
    PREFIX + name for name in ("API_KEY", "SERVE_KEY", "HEADERS", "QUERY", "EXTRA_BODY", "ENDPOINTS")
)


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable, real or from a `.env` file."""

    value: str
    origin: str
    """The place in which it was set, for a person."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings of one source."""

    values: dict[str, Any]
    names: dict[str, str]
    """For each setting, what the source calls it, for a person."""
    source: str = ""
    """The place in which all of them were set, for a person: a file's path; empty where each has its own place."""
    text: str = ""
    """The text of the file."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """All settings, and where they came from."""

    settings: Settings
    given: tuple[Layer, ...]
    """The layers for this run: flags, variables, a `.env` file."""
    file: Layer
    """The layer of config.toml."""
    foreign: Layer
    """The layer of other programs' variables."""
    variables: dict[str, Variable]
    """Every variable by its name in capitals, those of a `.env` file included."""
    folders: Folders
    usual_system: str = ""
    """The system prompt without that of the chosen persona."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers; the first that has a setting wins."""
        return (*self.given, self.file, self.foreign)

    def layer(self, name: str) -> Layer | None:
        """Return the layer a setting came from; `None` if its default holds."""
        return next((layer for layer in self.layers if name in layer.values), None)

    def origin(self, name: str) -> str:
        """Return where a setting came from, for a person."""
        layer = self.layer(name)
        return layer.names[name] if layer else "default"

    def place(self, table: str, name: str) -> str:
        """Return where an entry of a table was set, for a person, with its line in a file."""
        layer = self.layer(table)
        if layer is None:
            return "default"
        shown = f"{table}.{_shown(name)} in {layer.source or layer.names[table]}"
        line = line_of(layer.text, table, name)
        return f"{shown}, line {line}" if line is not None else shown

    def keys(self) -> list[str]:
        """Return every key that is set anywhere, used or not."""
        endpoints = self.settings.endpoints.values()
        secrets = [self.settings.api_key, self.settings.serve_key, *(endpoint.key for endpoint in endpoints)]
        values = [secret.get_secret_value() for secret in secrets]
        values += [self.variables[name].value for name in self._key_variables() if name in self.variables]
        return [value.strip() for value in values]

    def secret_variables(self) -> list[str]:
        """Return the environment variables that hold or may hold a key, in their original spelling."""
        secret = self._key_variables() | _MAY_HOLD_KEYS
        urls = {"TUI_CHAT_BASE_URL", *FOREIGN["base_url"]}
        return [
            name
            for name, value in os.environ.items()
            if name.upper() in secret or (name.upper() in urls and ("?" in value or "@" in value))
        ]

    def _key_variables(self) -> set[str]:
        """Return the names, in capitals, of variables that hold nothing but a key."""
        named = {endpoint.key_env.upper() for endpoint in self.settings.endpoints.values() if endpoint.key_env}
        return named | {provider.variable for provider in PROVIDERS}

    def for_later_choices(self) -> Loaded:
        """Return the settings for an endpoint that a person chooses after the start. What was set for this run was
        meant for the endpoint chosen then, so only its tables of endpoints remain."""
        given = tuple(
            Layer({name: value for name, value in layer.values.items() if name == "endpoints"}, layer.names)
            for layer in self.given
        )
        return replace(self, settings=_validated((*given, self.file, self.foreign)), given=given)

    def with_file(self, values: dict[str, Any], text: str = "") -> Loaded:
        """Return the settings as they are when config.toml holds `values`, written as `text`. Raises `SetupError`."""
        layer = _file_layer(values, self.folders.config_file, text)
        settings = _validated((*self.given, layer, self.foreign), _unknown_keys(layer))
        return replace(self, settings=settings, file=layer)

    @staticmethod
    def value(layer: Layer, name: str) -> Any:
        """Return a setting of one layer, whether that layer wins or not. Raises `SetupError`."""
        try:
            return getattr(Settings(**{name: layer.values[name]}), name)
        except ValidationError as error:
            raise SetupError("\n".join(_bad_values({name: layer}, error))) from error


def load(flags: dict[str, str], env_file: Path | None = None) -> Loaded:
    """Read all sources. `flags` are the settings of the command line by name.

    Raises `SetupError` with one line for each bad or unknown setting.
    """
    folders = Folders.of_this_person()
    if env_file is not None and not env_file.is_file():
        raise SetupError(f"--env-file: there is no file {env_file}")
    dotenv = env_file or folders.env_file
    real = EnvSettingsSource(Settings)
    layers = [Layer(flags, {name: "--" + name.replace("_", "-") for name in flags}), _environment_layer(real)]
    variables = _variables(real)
    unknown = _unknown_variables(variables)
    if dotenv.is_file():
        source = _read_dotenv(dotenv)
        layers.append(_environment_layer(source, f" in {dotenv}"))
        more = _variables(source, f" in {dotenv}")
        unknown += _unknown_variables(more)
        variables = more | variables
    file_layer = _toml_layer(folders.config_file)
    unknown += _unknown_keys(file_layer)
    foreign = _foreign_layer(variables)
    settings = _validated((*layers, file_layer, foreign), unknown)
    usual_system = settings.system
    if settings.persona:
        everywhere = Loaded(settings, tuple(layers), file_layer, foreign, variables, folders)
        layers.insert(1, _persona_layer(everywhere))
        settings = _validated((*layers, file_layer, foreign))
    return Loaded(settings, tuple(layers), file_layer, foreign, variables, folders, usual_system)


def _validated(layers: tuple[Layer, ...], unknown: Sequence[str] = ()) -> Settings:
    """Merge and validate layers; the first that has a setting wins. Raises `SetupError` for bad values and for
    `unknown`, the lines about unknown settings."""
    winners = {name: layer for layer in reversed(layers) for name in layer.values if name in Settings.model_fields}
    try:
        settings = Settings(**{name: layer.values[name] for name, layer in winners.items()})
    except ValidationError as error:
        raise SetupError("\n".join([*unknown, *_bad_values(winners, error)])) from error
    if unknown:
        raise SetupError("\n".join(unknown))
    return settings


def _persona_layer(loaded: Loaded) -> Layer:
    """Return what the chosen persona sets: flags win over it, and it wins over all else. Raises `SetupError` if there
    is no such persona."""
    settings = loaded.settings
    name, personas = settings.persona, settings.personas
    if name not in personas:
        known = f" (there are: {', '.join(personas)})" if personas else ", and none is set"
        raise SetupError(
            f"{loaded.origin('persona')}: there is no persona {name!r}{_meant(name, set(personas))}{known}"
        )
    persona, place = personas[name], loaded.place("personas", name)
    values = {each: getattr(persona, each) for each in ("endpoint", "model", "system") if getattr(persona, each)}
    flags = loaded.given[0].values
    if persona.endpoint and {"endpoint", "base_url"} & flags.keys():  # its model is one of its own endpoint
        values = {each: value for each, value in values.items() if each == "system"}
    return Layer(values, {each: f"{each} of {place}" for each in values})


def _environment_layer(source: EnvSettingsSource, where: str = "") -> Layer:
    values = source()
    return Layer(values, {name: f"{PREFIX}{name.upper()}{where}" for name in values})


def _variables(source: EnvSettingsSource, where: str = "") -> dict[str, Variable]:
    """Return a source's variables by their names in capitals, without empty ones."""
    return {
        name.upper(): Variable(value, _shown(name.upper()) + where)
        for name, value in source.env_vars.items()
        if value is not None
    }


def _read_dotenv(path: Path) -> DotEnvSettingsSource:
    from dotenv.parser import parse_stream  # most people have no file

    try:
        with StringIO(read_text(path, LARGEST_FILE)) as stream:
            bad = [binding.original for binding in parse_stream(stream) if binding.error]
        if bad:  # the parser itself would only log the line
            raise SetupError(f"{path}: line {bad[0].line} is not NAME=VALUE")
        return DotEnvSettingsSource(
            Settings, env_file=path, env_file_encoding="utf-8-sig", dotenv_filtering="only_existing"
        )
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{path}: cannot be read: {unreadable(error)}") from error


def _toml_layer(path: Path) -> Layer:
    if not path.is_file():
        return Layer({}, {})
    import tomllib  # most people have no file

    try:
        # Notepad and PowerShell put a byte order mark in front, which TOML's grammar does not know.
        text = read_text(path, LARGEST_FILE).removeprefix("\ufeff")
        values = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:  # bad TOML and bad UTF-8 are ValueErrors
        raise SetupError(f"{path}: cannot be read: {unreadable(error)}") from error
    return _file_layer(values, path, text)


def _file_layer(values: dict[str, Any], path: Path, text: str) -> Layer:
    return Layer(values, {name: f"{_shown(name)} in {path}" for name in values}, str(path), text)


def _shown(name: str) -> str:
    """Return a name of the file on one line, quoted if it is unreadable or long."""
    return name if name.strip() and name.isprintable() and len(name) <= LONGEST_NAME else ascii(name[:LONGEST_NAME])


def unreadable(error: Exception) -> str:
    """A clause that says why a file of settings cannot be read."""
    if isinstance(error, RecursionError):
        return "a value is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return f"it is not UTF-8 (line {line}); save it in that encoding"
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _foreign_layer(variables: dict[str, Variable]) -> Layer:
    found = {
        setting: variables[name]
        for setting, names in FOREIGN.items()
        for name in reversed(names)  # a later item of a dict replaces an earlier one
        if name in variables
    }
    return Layer(
        {setting: variable.value for setting, variable in found.items()},
        {setting: variable.origin for setting, variable in found.items()},
    )


def _unknown_variables(variables: dict[str, Variable]) -> list[str]:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return [
        f"{variable.origin}: there is no such setting{_meant(name, known)}"
        for name, variable in sorted(variables.items())
        if name.startswith(PREFIX) and name not in known
    ]


def _unknown_keys(layer: Layer) -> list[str]:
    known = set(Settings.model_fields)
    return [
        f"{origin}: there is no such setting{_meant(name, known)}"
        for name, origin in layer.names.items()
        if name not in known
    ]


def _meant(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _known_in(place: tuple[str, ...]) -> set[str]:
    """Return the settings of the table that is at `place`, as pydantic names places."""
    if place[-1] == "prices":
        return set(PriceSettings.model_fields)
    if place[0] == "personas":
        return set(PersonaSettings.model_fields)
    in_models = len(place) > 1 and place[-2] == "models"
    return set(ModelSettings.model_fields if in_models else EndpointSettings.model_fields)


_WORDS: Final = (
    ("missing", "is missing"),
    (("dict_type", "model_type", "model_attributes_type"), "should be a table"),
    ("int_", "should be a whole number"),
    (("float_type", "float_parsing"), "should be a number"),
    ("bool_", "should be true or false"),
    (("string_type", "string_sub_type"), "should be text"),
)
"""Beginnings of pydantic's types of errors, and what they mean in a file of settings."""


def _bad_values(given: dict[str, Layer], error: ValidationError) -> list[str]:
    """Return one line for each error that pydantic found. Values are left out, because one of them may be a key."""
    lines = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        name, *inner = (str(step) for step in detail["loc"])
        said = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
        message = next((words for kinds, words in _WORDS if detail["type"].startswith(kinds)), said)
        if detail["type"] == "extra_forbidden":
            message = f"is not a setting{_meant(inner[-1], _known_in((name, *inner[:-1])))}"
        layer = given[name]
        line = line_of(layer.text, name, *inner) or line_of(layer.text, name, *inner[:1]) if layer.text else None
        where = f"{layer.names[name]}, line {line}" if line else layer.names[name]
        lines.append(f"{where}: {'.'.join(map(_shown, inner)) + ' ' if inner else ''}{message}")
    return lines
