"""Stand-ins for modules that other packages name at their top and this program never or seldom uses.

While such a package is being imported, stand-ins are found in place of those modules; afterwards an import gives the
modules themselves. What the package took of a stand-in is imported when it is used.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_OF_GENERIC_TYPES = frozenset({"__args__", "__origin__", "__parameters__"})
"""Attributes that `typing` looks for in a type, and that a class without type parameters does not have."""


class Late:
    """Stands for a function or class of a module, which is imported when it is called, made a base class, combined
    with types, or asked for an attribute."""

    def __init__(self, module: str, name: str) -> None:
        self._where = module, name

    def _real(self) -> Any:
        module, name = self._where
        if isinstance(sys.modules.get(module), StandIn):
            del sys.modules[module]
        return getattr(import_module(module), name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._real()(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        if name in _OF_GENERIC_TYPES or name.startswith("__typing_"):
            raise AttributeError(name)
        return getattr(self._real(), name)

    def __getitem__(self, arguments: Any) -> Any:
        return self._real()[arguments]

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._real(),)

    def __or__(self, other: Any) -> Any:
        return self._real() | other

    def __ror__(self, other: Any) -> Any:
        return other | self._real()

    def __instancecheck__(self, instance: object) -> bool:
        return self._imported() and isinstance(instance, self._real())

    def __subclasscheck__(self, subclass: type) -> bool:
        return self._imported() and issubclass(subclass, self._real())

    def _imported(self) -> bool:
        """Whether the module itself has been imported; before, its classes can't have instances or subclasses."""
        return not isinstance(sys.modules.get(self._where[0]), StandIn | None)


class StandIn(ModuleType):
    """A module of which each name is a `Late`, except for those that it is given."""

    def __init__(self, name: str, *, on_parent: bool = False, **given: object) -> None:
        """`name`: of the module; `given`: what it has in place of the module's own. `on_parent`: the package imports it
        as `import parent.name`, and so finds it as an attribute of its parent."""
        super().__init__(name)
        self.__on_parent__ = on_parent
        vars(self).update(given)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Late(self.__name__, name)


@contextmanager
def stand_ins(modules: Iterable[StandIn]) -> Iterator[None]:
    """Let these be found in place of the modules of their names, as far as those have not been imported."""
    put = [each for each in modules if sys.modules.setdefault(each.__name__, each) is each]
    for each in put:
        if each.__on_parent__:  # it stays there until the module itself is imported
            parent, _, name = each.__name__.rpartition(".")
            setattr(import_module(parent), name, each)
    try:
        yield
    finally:
        for each in put:
            if sys.modules.get(each.__name__) is each:
                del sys.modules[each.__name__]
