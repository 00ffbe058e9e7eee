"""Decode text that should be UTF-8 and sometimes is not: older gateways write error pages in GBK or Latin-1."""

from __future__ import annotations

import codecs
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

_CHARSET: Final = re.compile(r"charset[ \t]{0,9}=[ \t]{0,9}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_META: Final = 2048
"""Bytes at the beginning of a web page in which its `charset` is looked for."""
_FAMILIES: Final = (
    "iso8859",
    "cp",
    "gb",
    "big5",
    "shift_jis",
    "euc_",
    "koi8",
    "hz",
    "johab",
    "mac",
    "tis",
    "utf-16",
    "utf-32",
)
"""Beginnings of Python's names of charsets that are accepted; the others are not charsets of texts, or UTF-8."""
_WIDE: Final = ("utf-16", "utf-32")


def charset_in(text: str) -> str:
    """The charset that a content type or the head of a web page names; empty if it is UTF-8, missing or unknown."""
    found = _CHARSET.search(text)
    if found is None:
        return ""
    try:
        name = codecs.lookup(found[1]).name
    except LookupError:
        return ""
    return name if name.startswith(_FAMILIES) else ""


def decoded_text(data: bytes, charset: str = "") -> str:
    """Decode `data` as UTF-8, or where it is not UTF-8, in `charset`. Bytes that fit neither become U+FFFD."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if charset.startswith(_WIDE) and b"\0" in data:
        return data.decode(charset, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(charset or "utf-8", "replace")


def page_charset(content_type: str, body: bytes) -> str:
    """The charset of a web page or of an error: that of its content type, or else the one in the page's head."""
    return charset_in(content_type) or charset_in(body[:_META].decode("ascii", "replace"))
