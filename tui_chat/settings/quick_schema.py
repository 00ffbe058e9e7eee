"""Imports pydantic's table of schema types quickly; has to be imported before pydantic.

`pydantic_core.core_schema` defines a hundred `TypedDict`s, for type checkers alone: its functions return plain
dictionaries. `TypedDict` compiles each of their annotations, which takes as long as building the settings. While that
module is imported, a class that does nothing stands for `TypedDict`. Seen with pydantic 2.12 to 2.14.
"""

from __future__ import annotations

import sys
import typing
from importlib.machinery import PathFinder, SourceFileLoader
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

NAME = "pydantic_core.core_schema"


class PlainDict(dict[str, Any]):
    """A stand-in for `TypedDict`, which checks nothing."""

    def __init_subclass__(cls, total: bool = True) -> None:
        """Accept the arguments of a `TypedDict`."""


class QuickLoader(SourceFileLoader):
    """Executes a module without its typed dictionaries."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module with the stand-in in place of `TypedDict`."""
        import typing_extensions  # pydantic has imported it by now

        owners: list[Any] = [typing, typing_extensions]
        originals = [owner.TypedDict for owner in owners]
        for owner in owners:
            owner.TypedDict = PlainDict
        try:
            super().exec_module(module)
        finally:
            for owner, original in zip(owners, originals, strict=True):
                owner.TypedDict = original


class SchemaFinder:
    """Finds that one module, once."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the module's spec with the quick loader; `None` for any other module."""
        if name != NAME:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = QuickLoader(spec.loader.name, spec.loader.path)
        return spec


if NAME not in sys.modules:
    sys.meta_path.insert(0, SchemaFinder())
