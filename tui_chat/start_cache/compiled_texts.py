"""Keeps what Python would compile anew at each start: regular expressions, and the methods that the standard library
writes as text for dataclasses and named tuples, and annotations.

Python keeps compiled modules in `__pycache__`, but not what modules compile when they are imported, which is a sixth of
the time to the first frame. An entry is found by the whole text it was compiled from, and the file by the version of
Python, so nothing in it can be out of date. Seen with Python 3.11 to 3.14; where the standard library has other names,
everything is compiled as usual.
"""

from __future__ import annotations

import os
import re
import sys
from _thread import _local as local
from marshal import dumps, loads
from typing import Any, Final

from tui_chat.start_cache.cache_file import folder, for_this_python, header, open_own, write

LARGEST: Final = 4_000_000
"""The most bytes of a file that are read or written."""

ARGUMENTS: Final = 5
"""The arguments of `_sre.compile` after the pattern: flags, code, number of groups, their names both ways round."""


def default_path() -> str:
    """Return the file for this person and this Python; an empty text if it has no place."""
    place = folder()
    return place and f"{place}/compiled-{for_this_python()}"


class CompiledTexts:
    """The entries of one file, which the standard library uses from `install` to `finish`, or in a `with` block."""

    def __init__(self, path: str, *, keep: bool = True) -> None:
        """`keep` says whether new entries are to be written."""
        self._path = path
        self._keep = keep
        self._entries: dict[Any, bytes] = {}
        self._new: dict[Any, bytes] = {}
        self._replaced: list[tuple[Any, str, Any]] = []
        self._noted = local()

    def __enter__(self) -> CompiledTexts:
        self.install()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def install(self) -> None:
        """Read the file, and have the standard library look here before it compiles."""
        self._entries = _read(self._path)
        compiler: Any = getattr(re, "_compiler", None)
        sre: Any = getattr(compiler, "_sre", None)
        if compiler is not None and hasattr(sre, "compile"):
            self._sre_compile = sre.compile
            self._parse_and_compile = compiler.compile
            self._replace(sre, "compile", self._note)
            self._replace(compiler, "compile", self._expression)
        import collections

        self._replace(collections, "eval", self._evaluate)
        import dataclasses

        self._replace(dataclasses, "exec", self._execute)
        import typing

        self._replace(typing, "compile", self._compile)

    def finish(self) -> None:
        """Give the standard library its own functions back, and write the file if there is something new. Errors of
        writing are only logged."""
        for owner, name, before in self._replaced:
            if before is None:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        self._replaced.clear()
        entries, self._entries = self._entries, {}
        new, self._new = self._new, {}
        if new and self._keep and self._path and not sys.dont_write_bytecode:
            _write(self._path, entries | new)

    def _replace(self, owner: Any, name: str, function: Any) -> None:
        self._replaced.append((owner, name, getattr(owner, name, None)))
        setattr(owner, name, function)

    def _expression(self, pattern: Any, flags: int = 0) -> Any:
        """Compile a regular expression, or take its compiled form from the cache; replaces `re._compiler.compile`."""
        if type(pattern) not in (str, bytes) or flags & (re.DEBUG | re.LOCALE):
            return self._parse_and_compile(pattern, flags)
        key = (pattern, int(flags))
        if (held := self._entries.get(key)) is not None:
            return self._sre_compile(pattern, *loads(held))  # noqa: S302 (from a file that only we can write)
        made = self._parse_and_compile(pattern, flags)
        arguments = self._noted.__dict__.pop("arguments", None)
        if arguments is not None and not made.flags & re.LOCALE:
            all_flags, code, groups, names, group_names = arguments
            plain = (int(all_flags), [int(word) for word in code], groups, dict(names), tuple(group_names))
            self._new[key] = dumps(plain)
        return made

    def _note(self, pattern: Any, *arguments: Any) -> Any:
        """Replaces `_sre.compile`: notes what an expression was compiled to."""
        self._noted.arguments = arguments if len(arguments) == ARGUMENTS else None
        return self._sre_compile(pattern, *arguments)

    def _evaluate(self, text: Any, *names: Any) -> Any:
        """Evaluate an expression, whose code may come from the cache; replaces `eval` in `collections`."""
        return eval(self._code(text, "eval"), *names)  # noqa: S307 (the standard library's own text)

    def _execute(self, text: Any, *names: Any) -> None:
        """Execute code, which may come from the cache; replaces `exec` in `dataclasses`."""
        exec(self._code(text, "exec"), *names)  # noqa: S102 (the standard library's own text)

    def _compile(self, text: Any, name: Any, mode: str, *more: Any, **options: Any) -> Any:
        """Replaces `compile` in `typing`, which compiles each annotation that is a text."""
        plain = name == "<string>" and mode == "eval" and not more and not options
        return self._code(text, mode) if plain else compile(text, name, mode, *more, **options)

    def _code(self, text: Any, mode: str) -> Any:
        if not isinstance(text, str):
            return text
        key = (mode, text)
        if (held := self._entries.get(key)) is not None:
            return loads(held)  # noqa: S302 (likewise)
        code = compile(text, "<string>", mode, dont_inherit=True)
        self._new[key] = dumps(code)
        return code


def _read(path: str) -> dict[Any, bytes]:
    """Return the entries of a file; none if it is missing, of another Python, damaged, or if others can write it."""
    from zlib import crc32

    if (opened := open_own(path, LARGEST)) is None:
        return {}
    file, size = opened
    try:
        data = os.read(file, size)
    except OSError:
        return {}
    finally:
        os.close(file)
    first = header()
    start = len(first) + 4
    if not data.startswith(first) or data[len(first) : start] != crc32(data[start:]).to_bytes(4, "big"):
        return {}
    entries: dict[Any, bytes] = loads(data[start:])  # noqa: S302 (from a file that only we can write)
    return entries


def _write(path: str, entries: dict[Any, bytes]) -> None:
    from zlib import crc32

    data = dumps(entries)
    if len(data) > LARGEST:  # texts of many versions of packages have come together
        data = dumps({})
    write(path, [header(), crc32(data).to_bytes(4, "big"), data])
