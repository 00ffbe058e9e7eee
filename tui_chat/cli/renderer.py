"""Finds out before the first frame what of the settings must be known by then."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat.chat.model_ports import SetupError
from tui_chat.regular_files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "TUI_CHAT_RENDERER"
KEYS_VARIABLE = "TUI_CHAT_KEYS"
_KEYS = re.compile(r"\bkeys\b|tui_chat_keys")
_LARGEST_FILE = 1_000_000
"""The most bytes of a settings file that are read here; loading the settings reports larger ones."""


def choose_renderer(env_file: Path | None) -> None:
    """Set the renderer's environment variable if a settings file names a renderer.

    The settings are loaded after the first frame, which already needs the renderer. They are loaded here only if one of
    their files contains the word; errors are reported when they are loaded again.
    """
    if os.environ.get(VARIABLE) or not any("renderer" in _text(path) for path in _files(env_file)):
        return
    from tui_chat.settings import loading

    try:
        os.environ[VARIABLE] = loading.load({}, env_file).settings.renderer
    except SetupError:
        return


def _files(env_file: Path | None) -> Iterator[Path]:
    """Return the settings files, in the same folders as `Folders`, without importing it."""
    given = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    home = Path.home()
    folders = [given] if given.is_absolute() else [home / ".config"]
    if sys.platform == "darwin":
        folders.append(home / "Library" / "Application Support")
    for folder in folders:
        yield folder / "tui-chat" / "config.toml"
        yield folder / "tui-chat" / ".env"
    if env_file is not None:
        yield env_file


def may_change_keys(env_file: Path | None) -> bool:
    """Whether the settings may give commands other keys, so that what is typed has to wait for them."""
    if os.environ.get(KEYS_VARIABLE):
        return True
    return any(_KEYS.search(_text(path)) for path in _files(env_file))


def _text(path: Path) -> str:
    try:
        return read_text(path, _LARGEST_FILE).lower()
    except (OSError, ValueError):  # the settings say what is wrong with it
        return ""
