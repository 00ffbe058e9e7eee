"""`tui-chat config`: every setting with its origin, the endpoint that will be used, and all paths."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, assert_never

from tui_chat.chat.clean import clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.keymap import read_keys
from tui_chat.settings.config import EndpointSettings, Settings
from tui_chat.settings.keys import Key, KeyCommand
from tui_chat.settings.light_pydantic import BaseModel, SecretStr
from tui_chat.settings.secrecy import masked, without_secrets
from tui_chat.settings.targets import Targets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.settings.loading import Loaded
    from tui_chat.settings.targets import HostOf, Target

WIDTH: Final = 22
"""Columns for the names of files."""
HISTORY: Final = "history.db"


def page(loaded: Loaded, host_of: HostOf) -> tuple[list[str], SetupError | None]:
    """Return the lines, and the error if the settings are valid one by one but do not work together."""
    lines: list[str] = []
    for name, field in Settings.model_fields.items():
        if name == "endpoints":
            continue
        value = _shown(name, getattr(loaded.settings, name))
        lines.append(f"{clean_line(f'{name} = {value}')}   ({clean_line(loaded.origin(name))})")
        lines.append(f"    {field.description}")
    lines += ["", f"Endpoints:   ({clean_line(loaded.origin('endpoints'))})", *_endpoints(loaded)]
    lines += ["", "Endpoint in use:"]
    problem: SetupError | None = None
    try:
        read_keys(loaded.settings.keys, lambda name: loaded.place("keys", name))
        lines += _asked(Targets(loaded, host_of).chosen())
    except SetupError as error:
        problem = error
        lines.append("    none: the settings contradict one another")
    folders = loaded.folders
    lines += ["", "Files and folders:"]
    for what, path in (
        ("config.toml", folders.config_file),
        (".env", folders.env_file),
        ("chats", folders.data / HISTORY),
        ("log, earlier prompts", folders.state),
        ("lists of models", folders.cache / "models"),
    ):
        lines.append(f"    {what:<{WIDTH}} {clean_line(str(path))}{'' if path.exists() else '   (does not exist)'}")
    return lines, problem


def _endpoints(loaded: Loaded) -> Iterator[str]:
    endpoints = loaded.settings.endpoints
    if not endpoints:
        yield "    none"
    for name, endpoint in endpoints.items():
        yield f"    {clean_line(name)}"
        for setting in EndpointSettings.model_fields:
            if setting in endpoint.model_fields_set:
                yield f"        {setting} = {clean_line(_shown(setting, getattr(endpoint, setting)))}"


def _asked(target: Target | None) -> Iterator[str]:
    if target is None:
        yield "    the built-in demo, because no base URL and no key is set or because it was chosen"
        return
    rows = [("base_url", without_secrets(target.base_url), target.origins["base_url"])]
    if target.named:
        rows.insert(0, ("endpoint", target.name, ""))
    rows.append(("api", target.api, target.origins.get("api", "default")))
    rows.append(("model", target.model or "the endpoint's only one", target.origins.get("model", "default")))
    match target.key:
        case Key(value, origin):
            rows.append(("key", masked(value), origin))
        case KeyCommand() as command:
            rows.append(("key", f"what {command.program} prints; it is not run here", command.origin))
        case None:
            rows.append(("key", "none", ""))
        case _:
            assert_never(target.key)
    rows += [
        (name, _shown(name, value), target.origins.get(name, "default"))
        for name in ("headers", "query", "extra_body", "options")
        if (value := getattr(target, name))
    ]
    for name, value, origin in rows:
        yield f"    {name} = {clean_line(value)}" + (f"   ({clean_line(origin)})" if origin else "")
    yield from (f"    {clean_line(notice)}" for notice in target.notices)


def _shown(name: str, value: object) -> str:
    if isinstance(value, SecretStr):
        value = masked(value.get_secret_value())
    elif name in {"headers", "query"} and isinstance(value, Mapping):
        # These may contain keys too, and no list of names is complete.
        value = {key: masked(str(each)) for key, each in value.items()}
    elif name == "base_url":
        value = without_secrets(str(value))
    elif name == "key_command":
        value = f"{str(value).split(maxsplit=1)[0]} …" if str(value).strip() else ""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    """A table of the settings, or a secret in one, as JSON can have it."""
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_unset=True)
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value())
    raise TypeError(f"{type(value).__name__} is not a value of a setting")
