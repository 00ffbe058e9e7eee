"""Makes compiled code a quarter smaller by leaving out what nothing reads while the program runs: the docstrings of
functions, and the columns of instructions, which tracebacks underline. Python's own option for the columns is
`-X no_debug_ranges`."""

from __future__ import annotations

from types import CodeType

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from collections.abc import Callable

_OF_FUNCTIONS = 0x3
"""The flags CO_OPTIMIZED and CO_NEWLOCALS, which code of functions has and that of modules and classes does not."""
_HAS_DOCSTRING = 0x4000000
"""The flag CO_HAS_DOCSTRING of Python 3.14 and newer."""


_LINE_ALONE, _NO_LOCATION = 13, 15
"""Kinds of entries in a table of locations: a line without columns, and no line."""
_LONGEST = 8
"""The most units of code that an entry is for."""


def lean(code: CodeType) -> CodeType:
    """Return a module's code without docstrings of functions and columns, as far as Python stores them in one of the
    ways that were seen, up to 3.14."""
    constants = [lean(each) if isinstance(each, CodeType) else each for each in code.co_consts]
    if _has_docstring is not None and _has_docstring(code):
        constants[0] = None
    smaller = code.replace(co_consts=tuple(constants), co_linetable=_lines_alone(code))
    return smaller if _lines(smaller) == _lines(code) else smaller.replace(co_linetable=code.co_linetable)


def _lines(code: CodeType) -> list[tuple[int, int, int | None]]:
    """Return the ranges of bytes with their lines; neighbours that have one line are one range."""
    ranges: list[tuple[int, int, int | None]] = []
    for begin, end, line in code.co_lines():
        if ranges and ranges[-1][2] == line and ranges[-1][1] == begin:
            ranges[-1] = (ranges[-1][0], end, line)
        else:
            ranges.append((begin, end, line))
    return ranges


def _lines_alone(code: CodeType) -> bytes:
    """Return the table of locations with lines alone (its format is in CPython's `Objects/locations.md`): for each run
    of code units a byte with the kind of entry and the number of units, and the distance to the line before it."""
    table = bytearray()
    before = code.co_firstlineno
    for begin, end, line in _lines(code):
        for first in range(begin // 2, end // 2, _LONGEST):
            units = min(_LONGEST, end // 2 - first)
            kind = _NO_LOCATION if line is None else _LINE_ALONE
            table.append(0x80 | kind << 3 | units - 1)
            if line is not None:
                table += _signed(line - before)
                before = line
    return bytes(table)


def _signed(number: int) -> bytes:
    """Encode a signed number in groups of six bits, the lowest first; the lowest bit of all is the sign."""
    rest = -number << 1 | 1 if number < 0 else number << 1
    encoded = bytearray()
    while rest >= 0x40:
        encoded.append(0x40 | rest & 0x3F)
        rest >>= 6
    encoded.append(rest)
    return bytes(encoded)


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
