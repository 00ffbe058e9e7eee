"""Recognize what a response body is by its first bytes."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import Final, Literal, TypeAlias

BodyKind: TypeAlias = Literal["events", "json", "page", "text"]

_BLANK_HEAD: Final = 64 * 1024
_PAGE_HEAD: Final = 16
_PAGE: Final = re.compile(rb"<(!doctype|!--|html|head|body|\?xml)", re.IGNORECASE)
_TEXT: Final = frozenset({"text/plain", "text/markdown"})
_NO_TYPE: Final = frozenset({"", "application/octet-stream"})
"""The content type used if none is given."""
_FIELDS: Final = frozenset({b"", b"data", b"event", b"id", b"retry", b"error"})
_FIELD_NAME: Final = re.compile(rb"[a-z]*")
_BEFORE: Final = re.compile(rb"(?:\xef\xbb\xbf|[ \t\r\n\x1e\0])*")
"""Byte order marks, white space and the like before the content."""


def body_kind(head: bytes, content_type: str = "", *, ended: bool = False, plain: bool = False) -> BodyKind | None:
    """The kind of a body that begins with `head`; `None`: too few bytes to decide and the body has not `ended`.
    `plain`: treat anything unrecognised as text, whatever its type.

    The first bytes decide, because servers mislabel all kinds: no event stream begins with a brace, a bracket or an
    angle bracket, and every one begins with a field or a comment. The Content-Type only decides between a broken event
    stream and plain text, and about a text that begins with such a bracket.
    """
    if len(head) < len(BOM_UTF8) and BOM_UTF8.startswith(head) and not ended:
        return None
    start = head[found.end() :] if (found := _BEFORE.match(head)) else head
    named = content_type.partition(";")[0].strip().lower()
    if not start:
        return None if len(head) < _BLANK_HEAD and not ended else "events"
    if start[:1] in b"{[":
        return "json"
    if start[:1] == b"<":
        if named not in _TEXT or _PAGE.match(start):
            return "page"
        return None if len(start) < _PAGE_HEAD and not ended else "text"
    field = _FIELD_NAME.match(start)
    name = field[0] if field else b""
    if start[len(name) : len(name) + 1] in {b":", b"\r", b"\n"} and name in _FIELDS:
        return "events"
    if len(name) == len(start) and not ended and any(known.startswith(name) for known in _FIELDS):
        return None
    return "text" if plain or named in _TEXT or named in _NO_TYPE else "events"
