"""Keeps pydantic from looking for plugins; has to be imported before it.

A plugin from any package in the environment would see every setting, keys included. Pydantic's own switch is an
environment variable, which the commands that this program starts would inherit, and with it pydantic still imports what
reads the metadata of packages: with the search itself that is a tenth of the time to load the settings.
"""

from __future__ import annotations

import sys
from types import ModuleType


def get_plugins() -> tuple[()]:
    """Replaces pydantic's function: there are no plugins."""
    return ()


_loader = ModuleType("pydantic.plugin._loader")
_loader.get_plugins = get_plugins  # type: ignore[attr-defined]
sys.modules.setdefault(_loader.__name__, _loader)
