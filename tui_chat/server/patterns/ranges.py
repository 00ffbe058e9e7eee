"""Parse range requests (RFC 9110, sections 13.1.5 and 14)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ONE_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))[ \t]*", re.IGNORECASE)


class UnsatisfiableError(Exception):
    """The requested range contains no bytes of the body: status 416."""


def asked_range(headers: Mapping[str, str], size: int, *, etag: str, modified: str | None) -> range | None:
    """The bytes of a body of `size` that a GET request wants; `None`: all of it.

    `headers`: the request's, with case-insensitive names. Several ranges, other units and malformed ranges are ignored,
    as section 14.2 allows. With `If-Range`, the range is only used if the `etag` or `modified` (Last-Modified) is still
    the one that the client knows. Raises `UnsatisfiableError`.
    """
    condition = headers.get("if-range")
    if condition is not None and condition.strip() not in {etag, modified}:
        return None
    found = _ONE_RANGE.fullmatch(headers.get("range", ""))
    if found is None:
        return None
    first, last, tail = found.groups()
    if tail is not None:
        start, stop = max(0, size - int(tail)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return None  # no range by the grammar
    if start >= stop:
        raise UnsatisfiableError
    return range(start, stop)
