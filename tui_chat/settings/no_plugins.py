"""Keeps pydantic from looking for plugins; has to be imported before it.

A plugin from any package in the environment would see every setting, keys included. Pydantic's own switch is an
environment variable, which the commands that this program starts would inherit, and with it pydantic still imports what
reads the metadata of packages: with the search itself that is a tenth of the time to load the settings.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_NAME = "pydantic.plugin._loader"
"""As in pydantic 2.14. A version without this module looks for plugins as it pleases."""


def get_plugins() -> tuple[()]:
    """Replaces pydantic's function: there are no plugins."""
    return ()


def _from_pydantic(name: str) -> Any:
    """Whatever else a version of pydantic wants of its module, from the module itself."""
    if name.startswith("__"):
        raise AttributeError(name)
    if sys.modules.get(_NAME) is _loader:
        del sys.modules[_NAME]
    return getattr(import_module(_NAME), name)


_loader = ModuleType(_NAME)
_loader.get_plugins = get_plugins  # type: ignore[attr-defined]
_loader.__getattr__ = _from_pydantic  # type: ignore[method-assign]
sys.modules.setdefault(_NAME, _loader)
