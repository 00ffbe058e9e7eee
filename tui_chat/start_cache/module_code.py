"""Keeps the compiled code of the modules that are imported at a start together in one file.

Python looks for each module in the folders of its path and checks, opens and reads its file in `__pycache__`. For some
six hundred modules that is a fifth of the time until the screen is ready. Here a module is found by its name, and its
code is used if the source has the time and size that it had when the code was kept, as Python itself decides.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER, spec_from_file_location
from itertools import chain
from marshal import dumps, loads
from zlib import crc32

from tui_chat.start_cache.cache_file import folder, for_this_python, header, open_own, write

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    Entry = tuple[str, str, str, int, int, int, int, int]
    """Of a module: its source file, its file in `__pycache__`, the folder in which it was found, the source's time in
    nanoseconds and size in bytes, and the offset, length and checksum of its code."""

LARGEST = 64_000_000
"""The most bytes of a file that is read or written."""
WORTH_WRITING = 16
"""The number of new modules from which the file is written again."""
_PYC_HEAD = 16
"""The bytes before the code in a file in `__pycache__` (PEP 552): magic number, flags, time and size of the source."""


def default_path() -> str:
    """Return the file for this person, this Python and this installation; an empty text if it has no place."""
    place = folder()
    installed = crc32(f"{sys.prefix}\n{__file__}".encode("utf-8", "surrogateescape"))
    return place and f"{place}/modules-{for_this_python()}-{installed:08x}"


class ModuleCode:
    """Finds modules in one file, from `install` to `finish`."""

    def __init__(self, path: str, *, keep: bool = True) -> None:
        """`keep` says whether new modules are to be written."""
        self._path = path
        self._keep = keep
        self._entries: dict[str, Entry] = {}
        self._file: int | None = None
        self._same_path = False
        """Whether modules are looked for in the same folders as when the file was written."""
        self._imported_before: frozenset[str] = frozenset()

    def install(self) -> None:
        """Read the index of the file, and look in it before Python looks in its path."""
        self._imported_before = frozenset(sys.modules)
        if hasattr(os, "pread") and PathFinder in sys.meta_path:
            self._open()
            if self._entries:
                sys.meta_path.insert(sys.meta_path.index(PathFinder), self)

    def finish(self) -> None:
        """Leave finding modules to Python, and write the file if there are enough new ones."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        if self._keep and self._path and not sys.dont_write_bytecode and hasattr(os, "pread"):
            new = {name: module for name, module in [*sys.modules.items()] if self._is_new(name, module)}
            if len(new) >= WORTH_WRITING:
                write(self._path, self._parts(new))
        self._entries = {}
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to import a module; `None` if its code is not in the file or its source has changed. Python calls
        this for each import (see `importlib.abc.MetaPathFinder`)."""
        if (entry := self._entries.get(name)) is None or target is not None:
            return None
        source, cached, found_in = entry[:3]
        if not (self._same_path if path is None else [*path] == [found_in]):
            return None
        if (code := self._code(entry)) is None:
            return None
        folders = [os.path.dirname(source)] if _is_package(source) else None  # noqa: PTH120 (pathlib comes later)
        spec = spec_from_file_location(
            name, source, loader=_Loader(name, source, code), submodule_search_locations=folders
        )
        if spec is not None:
            spec.cached = cached
        return spec

    def _open(self) -> None:
        if (opened := open_own(self._path, LARGEST)) is None:
            return
        self._file, size = opened
        first = header()
        try:
            head = os.pread(self._file, len(first), 0)
            tail = os.pread(self._file, 8, max(0, size - 8))
            length, checksum = int.from_bytes(tail[:4], "big"), int.from_bytes(tail[4:], "big")
            index = os.pread(self._file, length, max(0, size - 8 - length)) if head == first and length < size else b""
        except OSError:
            return
        if index and crc32(index) == checksum:
            folders, self._entries = loads(index)  # noqa: S302 (from a file that only we can write)
            self._same_path = folders == sys.path

    def _code(self, entry: Entry) -> bytes | None:
        """Return a module's code, still marshalled; `None` if it is out of date or damaged."""
        source, _, _, time, size, begin, length, checksum = entry
        if self._file is None:
            return None
        try:
            about = os.stat(source)  # noqa: PTH116
            if about.st_mtime_ns != time or about.st_size != size:
                return None
            code = os.pread(self._file, length, begin)
        except OSError:
            return None
        return code if crc32(code) == checksum else None

    def _is_new(self, name: str, module: ModuleType) -> bool:
        """Whether a module was imported from a source file since `install`, and not from here."""
        spec = getattr(module, "__spec__", None)
        return (
            spec is not None
            and spec.name == name
            and type(spec.loader) is SourceFileLoader
            and name not in self._imported_before
        )

    def _parts(self, new: dict[str, ModuleType]) -> Iterator[bytes]:
        """Return the parts of a new file: the header, the code of the new modules and of those of the old file that are
        still up to date, the index, and its length and checksum."""
        entries: dict[str, Entry] = {}
        first = header()
        yield first
        at = len(first)
        kept = ((name, entry, self._code(entry)) for name, entry in self._entries.items() if name not in new)
        for name, entry, code in chain(kept, _code_in_pycache(new)):
            if code is not None and at < LARGEST // 2:
                entries[name] = (*entry[:5], at, len(code), crc32(code))
                at += len(code)
                yield code
        index = dumps((sys.path, entries))
        yield index
        yield len(index).to_bytes(4, "big") + crc32(index).to_bytes(4, "big")


class _Loader(SourceFileLoader):
    """Imports a module from code that was kept, and is Python's own loader in everything else."""

    def __init__(self, name: str, path: str, code: bytes) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code that was kept, and when asked again, what Python itself finds."""
        code, self._code = self._code, b""
        if code:
            made: CodeType = loads(code)  # noqa: S302 (from a file that only we can write)
            return made
        return super().get_code(fullname)


def _code_in_pycache(modules: dict[str, ModuleType]) -> Iterator[tuple[str, Entry, bytes]]:
    """Return the entries and the code of modules, as far as Python has kept their code and it is up to date."""
    from tui_chat.start_cache.lean_code import lean  # it is not needed for reading

    for name, module in modules.items():
        spec = module.__spec__
        if spec is None or not spec.origin or not spec.cached:
            continue
        try:
            about = os.stat(spec.origin)  # noqa: PTH116
            with open(spec.cached, "rb") as file:  # noqa: PTH123
                data = file.read()
        except OSError:
            continue
        if data[:_PYC_HEAD] != MAGIC_NUMBER + bytes(4) + _low_word(int(about.st_mtime)) + _low_word(about.st_size):
            continue
        found_in = os.path.dirname(spec.origin)  # noqa: PTH120
        if _is_package(spec.origin):
            found_in = os.path.dirname(found_in)  # noqa: PTH120
        code: CodeType = loads(data[_PYC_HEAD:])  # noqa: S302 (as Python itself does)
        entry = (spec.origin, spec.cached, found_in, about.st_mtime_ns, about.st_size, 0, 0, 0)
        yield name, entry, dumps(lean(code))


def _is_package(source: str) -> bool:
    return os.path.basename(source) == "__init__.py"  # noqa: PTH119


def _low_word(number: int) -> bytes:
    return (number & 0xFFFFFFFF).to_bytes(4, "little")
