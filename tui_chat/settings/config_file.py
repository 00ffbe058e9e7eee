"""Writes config.toml: completely or not at all, readable by its owner only, and never over another program's change."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.regular_files import read_bytes
from tui_chat.settings.config_text import ConfigText
from tui_chat.settings.loading import LARGEST_FILE, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TRIES: Final = 3
"""The number of times that a change is tried again because another program has written the file meanwhile."""


class ConfigFile:
    """The settings file that a person writes, and the program changes on request."""

    def __init__(self, path: Path) -> None:
        """`path` may be a symbolic link; its target is written, and the link stays."""
        self.path = path

    def read(self) -> ConfigText:
        """Return the file's text; empty if there is no file. Raises `SetupError`."""
        return self._text_of(self._bytes())

    def save_endpoint(
        self,
        name: str,
        values: Mapping[str, object],
        *,
        before: str = "",
        known: Mapping[str, Any] | None = None,
        default: bool | None = None,
    ) -> None:
        """Add an endpoint, or change the one whose name was `before`; `known` is what the file said about it when it
        was read. `default` says whether it is to be used at the start (`None`: leave that). Raises `SetupError`."""

        def changed(text: ConfigText) -> ConfigText:
            old = before or name
            if text.endpoint(name) is not None and name != before:
                raise SetupError(f"{self.path}: there is an endpoint {name} already")
            if text.endpoint(old) != known:
                raise SetupError(f"{self.path}: {old} was changed there meanwhile; open it again")
            was_default = text.values.get("endpoint") == old
            text = text.with_endpoint(name, values, before=before)
            if default or (default is None and was_default):
                return text.with_value("endpoint", name)
            return text.with_value("endpoint", None) if was_default else text

        self.change(changed)

    def remove_endpoint(self, name: str) -> None:
        """Remove an endpoint, also as the default. Raises `SetupError`."""

        def changed(text: ConfigText) -> ConfigText:
            default = text.values.get("endpoint") == name
            text = text.without_endpoint(name)
            return text.with_value("endpoint", None) if default else text

        self.change(changed)

    def set_default(self, endpoint: str, model: str = "") -> None:
        """Set the endpoint and the model to use at the start. Raises `SetupError`."""

        def changed(text: ConfigText) -> ConfigText:
            text = text.with_value("endpoint", endpoint)
            if model and text.endpoint(endpoint) is not None:
                return text.with_endpoint(endpoint, {"model": model})
            return text

        self.change(changed)

    def change(self, change: Callable[[ConfigText], ConfigText]) -> None:
        """Write what `change` makes of the text. It is called again if another program writes meanwhile. Raises
        `SetupError`."""
        for _ in range(_TRIES):
            before = self._bytes()
            try:
                after = change(self._text_of(before)).text.encode()
            except SetupError as error:
                text = str(error)
                raise SetupError(text if text.startswith(str(self.path)) else f"{self.path}: {text}") from error
            if after == (before or b""):
                return
            if self._replaced(before, after):
                return
        raise SetupError(f"{self.path}: another program keeps writing it; try again")

    def _bytes(self) -> bytes | None:
        """The file's content; `None`: there is no file."""
        try:
            return read_bytes(self.path, LARGEST_FILE)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SetupError(f"{self.path}: cannot be read: {error.strerror or error}") from error

    def _text_of(self, content: bytes | None) -> ConfigText:
        try:
            return ConfigText((content or b"").decode())
        except (ValueError, RecursionError) as error:  # neither TOML nor UTF-8
            raise SetupError(f"{self.path}: cannot be read: {unreadable(error)}") from error

    def _replaced(self, before: bytes | None, after: bytes) -> bool:
        """Replace the file's content. False: it is no longer `before`."""
        target = Path(os.path.realpath(self.path))
        try:
            folder = target.parent
            for each in reversed(target.parents):  # `parents=True` would make them readable for everybody
                each.mkdir(mode=0o700, exist_ok=True)
            with NamedTemporaryFile(dir=folder, prefix=".config.", suffix=".tmp", delete=False) as file:  # mode 0600
                try:
                    file.write(after)
                    file.flush()
                    os.fsync(file.fileno())
                    if self._bytes() != before:
                        os.unlink(file.name)  # noqa: PTH108
                        return False
                    os.replace(file.name, target)  # noqa: PTH105
                except BaseException:  # re-raised; the new file is not left behind, also after Ctrl+C
                    with contextlib.suppress(OSError):
                        os.unlink(file.name)  # noqa: PTH108
                    raise
            _flush_folder(folder)
        except OSError as error:
            raise SetupError(f"{self.path}: cannot be written: {error.strerror or error}") from error
        return True


def _flush_folder(folder: Path) -> None:
    """Have the new name on disk too, where a folder can be opened."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
