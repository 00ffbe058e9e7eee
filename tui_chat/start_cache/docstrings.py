"""Removes the docstrings of functions from compiled code: nothing reads them while the program runs, and they are a
tenth of the code."""

from __future__ import annotations

from types import CodeType

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from collections.abc import Callable

_OF_FUNCTIONS = 0x3
"""The flags CO_OPTIMIZED and CO_NEWLOCALS, which code of functions has and that of modules and classes does not."""
_HAS_DOCSTRING = 0x4000000
"""The flag CO_HAS_DOCSTRING of Python 3.14 and newer."""


def without_docstrings(code: CodeType) -> CodeType:
    """Return a module's code without the docstrings of its functions, or unchanged where Python stores them in another
    way than those seen, up to 3.14."""
    return code if _has_docstring is None else _without(code, _has_docstring)


def _without(code: CodeType, has_docstring: Callable[[CodeType], bool]) -> CodeType:
    constants = list(code.co_consts)
    if has_docstring(code):
        constants[0] = None
    for place, constant in enumerate(constants):
        if isinstance(constant, CodeType):
            constants[place] = _without(constant, has_docstring)
    if all(new is old for new, old in zip(constants, code.co_consts, strict=True)):
        return code
    return code.replace(co_consts=tuple(constants))


def _by_flag(code: CodeType) -> bool:
    return bool(code.co_flags & _HAS_DOCSTRING) and isinstance(code.co_consts[0], str)


def _by_place(code: CodeType) -> bool:
    """The first constant of a function is its docstring or `None`; comprehensions (`<listcomp>`) have no such place."""
    named = not code.co_name.startswith("<") and code.co_flags & _OF_FUNCTIONS == _OF_FUNCTIONS
    return bool(named) and bool(code.co_consts) and isinstance(code.co_consts[0], str)


def _rule() -> Callable[[CodeType], bool] | None:
    """Return how this Python marks functions with docstrings; `None` if no way that is known fits."""
    probe = "def with_one():\n 'a docstring'\n return 'text'\ndef without():\n return 'text'\n"
    functions = [each for each in compile(probe, "", "exec").co_consts if isinstance(each, CodeType)]
    for rule in (_by_flag, _by_place):
        if [rule(each) for each in functions] == [True, False]:
            return rule
    return None


_has_docstring = _rule()
