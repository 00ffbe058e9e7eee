"""The files of the working folder that can be attached: those that git knows, else those found by walking."""

from __future__ import annotations

import os
import re
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_chat.bounded_process import TooMuchError, run_bounded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_FILES: Final = 50_000
MOST_FOLDERS: Final = 5_000
MOST_SECONDS: Final = 2.0
"""Bounds of a walk; what was found until then is used."""
MOST_IN_A_FOLDER: Final = 2_000
"""A folder with more entries holds data, and is left out."""
GIT_SECONDS: Final = 5.0
"""For the repository and those within it together."""
MOST_REPOSITORIES: Final = 50
_MOST_BYTES: Final = 32_000_000
_LOOKED_AT: Final = 256
"""The entries of a folder after which the time is looked at."""
_IGNORED: Final = frozenset({
    "node_modules", "__pycache__", "venv", "target", "build", "dist", "site-packages", "vendor", "Library", "Pictures",
})  # fmt: skip
# A repository may be anybody's, and its settings may name programs: one that watches its files, and ones to fetch what
# is missing of it. To look at its files must not run them.
_GIT: Final = ("git", "-c", "core.fsmonitor=")
_HARMLESS: Final = {
    "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none",
}  # fmt: skip
_LIST: Final = ("ls-files", "-z", "--stage", "--cached", "--others", "--exclude-standard")
_TRACKED: Final = re.compile(rb"([0-7]{6}) [0-9a-f]{40,64} [0-3]\t")
"""Stands before the name of a file that git tracks."""
_SUBMODULE: Final = b"160000"
_PLACE_OF_GIT: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
"""Variables that say where a repository is, which do not hold for one within it."""


def files_in(folder: Path) -> list[str]:
    """The paths of the files in a folder, relative to it. Call it in a thread: it takes up to some seconds."""
    found = _git_files(folder)
    return sorted(found if found is not None else _walked(folder), key=lambda path: (path.count("/"), path))


def only_files(paths: Iterable[str], folder: Path, most: int) -> list[str]:
    """The first `most` of these paths that are files: git also lists those that were deleted, and links to folders."""
    found: list[str] = []
    for path in paths:
        if len(found) == most:
            break
        if (folder / path).is_file():
            found.append(path)
    return found


def entries_of(folder: Path, start: str) -> list[str]:
    """The names in a folder that begin with `start`, those of folders with a slash behind them; hidden ones only where
    `start` is not empty. Looks at the disk within bounds."""
    found: list[str] = []
    end = monotonic() + MOST_SECONDS
    for entry in _entries(folder, MOST_FILES, end):
        if entry.name.lower().startswith(start.lower()) and (start or not entry.name.startswith(".")):
            if kind := _kind(entry, links=True):
                found.append(entry.name + ("/" if kind == "folder" else ""))
            if monotonic() > end:
                break
    return found


def _git_files(folder: Path) -> list[str] | None:
    """The files that git lists, new ones and those of submodules included, and ignored ones left out; `None` outside of
    a repository or without git."""
    environment = {**os.environ, **_HARMLESS}
    end = monotonic() + GIT_SECONDS
    found, waiting = _listed(folder, "", environment, end)
    if found is None:
        return None
    for name in _PLACE_OF_GIT:
        environment.pop(name, None)
    for _ in range(MOST_REPOSITORIES):
        if not waiting or len(found) >= MOST_FILES:
            break
        within = waiting.popleft()
        if (folder / within / ".git").exists():  # else git would list the repository around it
            more, deeper = _listed(folder / within, within, environment, end)
            found |= more or {}
            waiting += deeper
    return list(found)[:MOST_FILES]


def _listed(
    folder: Path, prefix: str, environment: dict[str, str], end: float
) -> tuple[dict[str, None] | None, deque[str]]:
    """The files of one repository and the repositories within it, each with `prefix`; `None` if git does not say."""
    within: deque[str] = deque()
    try:
        done = run_bounded(
            [*_GIT, "-C", str(folder), *_LIST],
            seconds=max(0.1, end - monotonic()),
            most=_MOST_BYTES,
            environment=environment,
        )
    except (OSError, TooMuchError):
        return None, within
    if done.status != 0:
        return None, within
    found: dict[str, None] = {}  # a file with a conflict is listed several times
    for line in done.output.split(b"\0")[:-1]:
        tracked = _TRACKED.match(line)
        name = line[tracked.end() :] if tracked else line
        path = prefix + os.fsdecode(name)
        if tracked is not None and tracked[1] == _SUBMODULE:
            within.append(f"{path}/")
        elif path.endswith("/"):  # a repository that is no submodule
            within.append(path)
        elif len(found) < MOST_FILES:
            found[path] = None
    return found, within


def _walked(folder: Path) -> list[str]:
    found: list[str] = []
    end, folders = monotonic() + MOST_SECONDS, 0
    waiting = deque([""])
    while waiting and folders < MOST_FOLDERS and len(found) < MOST_FILES and monotonic() < end:
        current, folders = waiting.popleft(), folders + 1
        most = MOST_IN_A_FOLDER if current else MOST_FILES
        inside = _entries(folder / current, most, end)
        if current and len(inside) > most:
            continue
        for entry in inside[:most]:
            if entry.name.startswith(".") or entry.name in _IGNORED:
                continue
            kind = _kind(entry)
            if kind == "folder":
                waiting.append(f"{current}{entry.name}/")
            elif kind == "file":
                found.append(current + entry.name)
    return found[:MOST_FILES]


def _entries(folder: Path, most: int, end: float) -> list[os.DirEntry[str]]:
    """The entries of a folder: at most `most` and one more, as many as could be listed until `end`."""
    inside: list[os.DirEntry[str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                inside.append(entry)
                if len(inside) > most or (len(inside) % _LOOKED_AT == 0 and monotonic() > end):
                    break
    except OSError:
        return inside
    return inside


def _kind(entry: os.DirEntry[str], *, links: bool = False) -> str:
    """`file`, `folder`, or empty for anything else: a pipe, a device, a link that leads nowhere, and, without `links`,
    a link to a folder."""
    try:
        if entry.is_dir(follow_symlinks=links):
            return "folder"
        return "file" if entry.is_file() else ""
    except OSError:  # links that lead round in a circle
        return ""
