"""Keeps pydantic from looking for plugins; to be imported before it.

A plugin of any package in the environment would see every setting, keys among them. Pydantic's own switch is an
environment variable, which the commands that this program starts would inherit, and it leaves the import of what reads
the metadata of packages: with the search itself that is a tenth of the time that the settings take.
"""

from __future__ import annotations

import sys
from types import ModuleType


def get_plugins() -> tuple[()]:
    """Pydantic's question, and that there are none."""
    return ()


_loader = ModuleType("pydantic.plugin._loader")
_loader.get_plugins = get_plugins  # type: ignore[attr-defined]
sys.modules.setdefault(_loader.__name__, _loader)
