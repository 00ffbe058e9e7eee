"""The folders of the program: settings, data, state and cache."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tui_chat.chat.quick_dataclass import dataclass

APP = "tui-chat"


ON_LINUX = {"config": ".config", "data": ".local/share", "state": ".local/state", "cache": ".cache"}
"""The folders for files of each kind, in the home folder: those of platformdirs, which takes 3 ms to import."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The program's folders: the XDG folders if those variables are set, otherwise the system's usual ones."""

    config: Path
    data: Path
    state: Path
    cache: Path

    @classmethod
    def of_this_person(cls) -> Folders:
        """Return the folders for this environment; nothing is created."""

        def folder(kind: str) -> Path:
            # The XDG specification: a relative path is invalid and to be ignored.
            given = Path(os.environ.get(f"XDG_{kind.upper()}_HOME", ""))
            return given / APP if given.is_absolute() else _usual(kind)

        return cls(config=folder("config"), data=folder("data"), state=folder("state"), cache=folder("cache"))

    @property
    def config_file(self) -> Path:
        """The settings file that a person writes."""
        return self.config / "config.toml"

    @property
    def env_file(self) -> Path:
        """A file with variables for this program only."""
        return self.config / ".env"


def _usual(kind: str) -> Path:
    """Return the system's usual folder for the program's files of a kind."""
    home = os.environ.get("HOME", "")
    if sys.platform == "linux" and home.startswith("/") and "ANDROID_DATA" not in os.environ:
        return Path(home, ON_LINUX[kind], APP)
    import platformdirs

    path: Path = getattr(platformdirs, f"user_{kind}_path")(APP, appauthor=False)
    return path
