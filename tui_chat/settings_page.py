"""What `tui-chat config` prints: every setting with where it came from, whom it makes us ask, and where files are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretStr

from tui_chat.chat.clean import clean_line
from tui_chat.chat.ports import SetupError
from tui_chat.config import Settings
from tui_chat.providers import choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.config import Loaded
    from tui_chat.providers import HostOf

LEGIBLE = 4
"""Characters of a key that are shown, so that a person can tell two keys apart."""
LONG_ENOUGH = 16
"""A key shorter than this is not shown at all: four characters of it would be too much."""

_PASSWORD = re.compile(r"(?<=://)[^/@]*(?=@)")
_QUERY = re.compile(r"(?<==)[^&#]+")


def masked(secret: str) -> str:
    """A secret as it may be shown: its last characters, if it is long."""
    if not secret:
        return ""
    return f"••••{secret[-LEGIBLE:]}" if len(secret) >= LONG_ENOUGH else "••••"


def page(loaded: Loaded, host_of: HostOf) -> tuple[list[str], SetupError | None]:
    """The lines, and why the settings cannot be used although each of them is right by itself."""
    origins = {name: loaded.origin(name) for name in Settings.model_fields}
    values = {name: _shown(name, getattr(loaded.settings, name)) for name in Settings.model_fields}
    width = max(map(len, values)) + 2
    lines: list[str] = []
    for name, field in Settings.model_fields.items():
        lines.append(clean_line(f"{name} = {values[name]}") + f"   ({clean_line(origins[name])})")
        lines.append(f"    {field.description}")
    lines += ["", "Asked:"]
    problem: SetupError | None = None
    try:
        lines += _asked(loaded, host_of)
    except SetupError as error:
        problem = error
        lines.append("    nobody: the settings do not go together")
    folders = loaded.folders
    lines += ["", "Files and folders:"]
    for what, path in (
        ("config.toml", folders.config_file),
        (".env", folders.env_file),
        ("chats", folders.data),
        ("log, earlier prompts", folders.state),
        ("cache", folders.cache),
    ):
        lines.append(f"    {what:<{width}} {clean_line(str(path))}{'' if path.exists() else '   (not there)'}")
    return lines, problem


def _asked(loaded: Loaded, host_of: HostOf) -> Iterator[str]:
    target = choose(loaded, host_of)
    if target is None:
        yield "    the demo in the house: no base URL and no key is set"
        return
    yield f"    {_without_secrets(target.base_url)}   ({target.url_origin})"
    yield f"    key {masked(target.key.value)}   ({target.key.origin})" if target.key else "    no key"
    yield from (f"    {clean_line(notice)}" for notice in target.notices)


def _shown(name: str, value: object) -> str:
    if isinstance(value, SecretStr):
        return json.dumps(masked(value.get_secret_value()), ensure_ascii=False)
    if name in {"headers", "query"} and isinstance(value, dict):
        # Keys travel in these, too, and no list of names would know all of them.
        value = {key: masked(str(each)) for key, each in value.items()}
    elif isinstance(value, BaseModel):
        value = value.model_dump()
    elif name == "base_url":
        value = _without_secrets(str(value))
    return json.dumps(value, ensure_ascii=False)


def _without_secrets(url: str) -> str:
    """A URL without password and without the values of its query."""
    return clean_line(_QUERY.sub("••••", _PASSWORD.sub("••••", url)))
