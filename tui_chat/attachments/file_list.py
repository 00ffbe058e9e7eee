"""The files of the working folder that can be attached: those that git knows, else those found by walking."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from time import monotonic
from typing import Final

MOST_FILES: Final = 50_000
MOST_FOLDERS: Final = 5_000
MOST_SECONDS: Final = 2.0
"""Bounds of a walk; what was found until then is used."""
MOST_IN_A_FOLDER: Final = 2_000
"""A folder with more entries holds data, and is left out."""
GIT_SECONDS: Final = 5.0
_MOST_BYTES: Final = 16_000_000
_IGNORED: Final = frozenset({
    "node_modules", "__pycache__", "venv", "target", "build", "dist", "site-packages", "vendor", "Library", "Pictures",
})  # fmt: skip


def files_in(folder: Path) -> list[str]:
    """The paths of the files in a folder, relative to it. Call it in a thread: it takes up to some seconds."""
    found = _git_files(folder)
    return sorted(found if found is not None else _walked(folder), key=lambda path: (path.count("/"), path))


def _git_files(folder: Path) -> list[str] | None:
    """The files that git lists, new ones included and ignored ones left out; `None` outside of a repository or without
    git."""
    command = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - git, without a shell
            command, capture_output=True, timeout=GIT_SECONDS, check=False, stdin=subprocess.DEVNULL, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    names = done.stdout[:_MOST_BYTES].split(b"\0")[:-1]
    return list(dict.fromkeys(os.fsdecode(name) for name in names[:MOST_FILES]))


def _walked(folder: Path) -> list[str]:
    found: list[str] = []
    end, folders, waiting = monotonic() + MOST_SECONDS, 0, [folder]
    while waiting and folders < MOST_FOLDERS and len(found) < MOST_FILES and monotonic() < end:
        current, folders = waiting.pop(0), folders + 1
        inside: list[os.DirEntry[str]] = []
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    inside.append(entry)
                    if len(inside) > MOST_IN_A_FOLDER and current != folder:
                        inside = []
                        break
                    if len(inside) > MOST_FILES:
                        break
        except OSError:
            continue
        for entry in inside:
            if entry.name.startswith(".") or entry.name in _IGNORED:
                continue
            if _is_folder(entry):
                waiting.append(Path(entry.path))
            elif entry.is_file():
                found.append(os.path.relpath(entry.path, folder))
    return found[:MOST_FILES]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
