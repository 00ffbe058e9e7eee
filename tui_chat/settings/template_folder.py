"""The templates of prompts: files named NAME.md in a folder beside config.toml."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from tui_chat.chat.choices.templates import NAME
from tui_chat.chat.model_ports import SetupError
from tui_chat.regular_files import read_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SUFFIX: Final = ".md"
LARGEST: Final = 1_000_000
"""The most bytes of a template."""
_NAMES: Final = "its name must begin with a letter from A to Z, followed by letters, digits, - and _"
MOST: Final = 500
"""The most templates that are looked at."""


class TemplateFolder:
    """The templates in a folder, by their names in lower case. Their texts are read when they are used."""

    def __init__(self, path: Path, command: Callable[[str], bool] = lambda _: False) -> None:
        """`command` says whether a slash word is that of a command, which no template can have."""
        self.path = path
        self._files: dict[str, Path] = {}
        self.notices: list[str] = []
        """A sentence for each file that cannot be used."""
        try:
            found = sorted(each for each in path.iterdir() if each.suffix.lower() == SUFFIX)[:MOST]
        except FileNotFoundError:
            found = []
        except OSError as error:
            found = []
            self.notices.append(f"The templates cannot be read: {path}: {error.strerror or error}.")
        for file in found:
            name = file.stem.lower()
            if not NAME.fullmatch(file.stem):
                self.notices.append(f"The template {file} is not used: {_NAMES}.")
            elif command(name):
                self.notices.append(f"The template {file} is not used: /{name} is a command; give it another name.")
            elif name in self._files:
                self.notices.append(f"The template {file} is not used: {self._files[name].name} has the same name.")
            else:
                self._files[name] = file

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the templates that can be used."""
        return tuple(self._files)

    def text(self, name: str) -> str:
        """Return the text of a template as the file has it, without a byte order mark. Raises `SetupError` with one
        sentence."""
        file = self._files.get(name.lower())
        if file is None:
            close = difflib.get_close_matches(name.lower(), self._files, n=1)
            known = f"; did you mean {close[0]}?" if close else ""
            listed = f" (there are: {', '.join(self._files)})" if self._files else ""
            raise SetupError(f"there is no template {name!r} in {self.path}{known}{listed}")
        try:
            return read_text(file, LARGEST).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise SetupError(f"{file}: cannot be read: it is not UTF-8 text") from error
        except OSError as error:
            raise SetupError(f"{file}: cannot be read: {error.strerror or error}") from error
