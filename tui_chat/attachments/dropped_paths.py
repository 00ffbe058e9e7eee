"""Files whose paths a terminal pastes when they are dropped onto it or copied in a file manager."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

LONGEST: Final = 8_000
"""Characters; a longer text is not a list of paths."""
MOST: Final = 20
"""Files that are attached at once."""
_BEGINNINGS: Final = ("/", "~/", "'/", '"/', "file://", "'~/", '"~/')


def dropped_paths(text: str) -> list[Path]:
    """The paths that a pasted text consists of: absolute ones, plain, quoted, with escaped blanks, or `file://` URLs,
    one a line or separated by blanks. Empty if it is anything else; whether the files exist is not looked at."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if not lines or len(text) > LONGEST or not all(line.startswith(_BEGINNINGS) for line in lines):
        return []
    found: list[Path] = []
    for line in lines:
        words = _words(line)
        paths = [_path(word) for word in words]
        if not words or not all(paths):
            return []
        found += [path for path in paths if path is not None]
    return found if len(found) <= MOST else []


def whole_lines(text: str) -> list[Path]:
    """Each line of a pasted text as one path, for paths with blanks that were not escaped; empty as `dropped_paths`."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if not lines or len(text) > LONGEST or len(lines) > MOST:
        return []
    paths = [_path(line) for line in lines]
    return [path for path in paths if path is not None] if all(paths) else []


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # a quote that is not closed
        return []


def _path(word: str) -> Path | None:
    if "\0" in word:
        return None
    if word.startswith("file://"):
        try:
            parts = urlsplit(word)
        except ValueError:
            return None
        path = unquote(parts.path)
        return Path(path) if parts.netloc in ("", "localhost") and path.startswith("/") and "\0" not in path else None
    if word.startswith("~/"):
        return expanded(word)
    return Path(word) if word.startswith("/") else None


def expanded(word: str) -> Path:
    """A path as a person writes it; `~` is the home folder. Where nobody knows whose home is meant, it stands for
    itself: a file may have a name like `~notes`."""
    try:
        return Path(word).expanduser()
    except RuntimeError:
        return Path(word)


def named_files(text: str) -> list[Path]:
    """The files that a person names in a command: the whole text as one path, or, where there is no such file, several
    as a shell would read them. Looks at the disk, so call it in a thread."""
    text = text.strip()
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
    whole = expanded(bare)
    if _is_file(whole):
        return [whole]
    paths = [_path(word) or expanded(word) for word in _words(text) if "\0" not in word]
    return paths if paths and len(paths) <= MOST and all(_is_file(path) for path in paths) else [whole]


def existing_files(text: str) -> list[Path]:
    """The files that a pasted text names, if it consists of paths of files that there are; else empty. Looks at the
    disk, so call it in a thread."""
    for paths in (dropped_paths(text), whole_lines(text)):
        if paths and all(_is_file(path) for path in paths):
            return paths
    return []


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
