"""The program's folders."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from tui_chat.chat.quick_dataclass import dataclass

APP = "tui-chat"


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

        def folder(variable: str, otherwise: Path) -> Path:
            # The XDG specification: a relative path is invalid and to be ignored.
            given = Path(os.environ.get(variable, ""))
            return given / APP if given.is_absolute() else otherwise

        return cls(
            config=folder("XDG_CONFIG_HOME", platformdirs.user_config_path(APP, appauthor=False)),
            data=folder("XDG_DATA_HOME", platformdirs.user_data_path(APP, appauthor=False)),
            state=folder("XDG_STATE_HOME", platformdirs.user_state_path(APP, appauthor=False)),
            cache=folder("XDG_CACHE_HOME", platformdirs.user_cache_path(APP, appauthor=False)),
        )

    @property
    def config_file(self) -> Path:
        """The settings file that a person writes."""
        return self.config / "config.toml"

    @property
    def env_file(self) -> Path:
        """A file with variables for this program only."""
        return self.config / ".env"
