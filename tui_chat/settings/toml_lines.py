"""Find the line of a setting in a TOML file, which Python's parser does not report."""

from __future__ import annotations

import re
from typing import Final

_HEADER: Final = re.compile(r"\s{0,80}\[\s{0,9}([^\[\]]{1,200}?)\s{0,9}\]\s{0,80}(?:#.*)?")
_KEY: Final = re.compile(r"\s{0,80}([^\s=#\[\]{}][^=#]{0,200}?)\s{0,80}=")
_PART: Final = re.compile(r"""\s{0,9}(?:"((?:[^"\\]|\\.){0,200})"|'([^']{0,200})'|([^\s."']{1,200}))\s{0,9}(?:\.|$)""")


def line_of(text: str, *path: str) -> int | None:
    """Return the number of the line that sets what stands at `path` (its tables and its key); `None` if it is not
    found, as where it stands inside an inline table. `text` is a valid TOML file."""
    table: tuple[str, ...] = ()
    quotes = ""
    for number, line in enumerate(text.splitlines(), 1):
        if quotes:
            quotes = "" if line.count(quotes) % 2 else quotes
            continue
        if (header := _HEADER.fullmatch(line)) is not None:
            table = _parts(header[1])
        elif (key := _KEY.match(line)) is not None:
            if (*table, *_parts(key[1])) == path:
                return number
            quotes = next((each for each in ('"""', "'''") if line.count(each) % 2), "")
    return None


def _parts(dotted: str) -> tuple[str, ...]:
    """The names of a dotted key, without their quotes."""
    parts: list[str] = []
    at = 0
    while at < len(dotted) and (part := _PART.match(dotted, at)) is not None:
        parts.append(next(each for each in part.groups() if each is not None))
        at = part.end()
    return tuple(parts)
