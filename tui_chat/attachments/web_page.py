"""Pages of the web as attachments: HTML as the text that a reader sees."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, lookup
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from tui_chat.attachments.html_text import text_of_html
from tui_chat.attachments.reading import attachment_of
from tui_chat.chat.message import Attachment

if TYPE_CHECKING:
    from tui_chat.chat.backend_ports import FetchedPage

_MARKS: Final = {BOM_UTF8: "utf-8-sig", BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16"}
"""Byte order marks, which say more surely than any word how a page is written."""
_NO_CHARSETS: Final = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7"})
_CHARSET: Final = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def page_attachment(page: FetchedPage) -> Attachment:
    """A fetched page as an attachment named by its address. Raises `AttachmentError` if it is neither text nor a
    picture nor a PDF file."""
    parts = urlsplit(page.url)
    name = f"{parts.hostname or ''}{unquote(parts.path).rstrip('/')}"
    kind = page.content_type.partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        return Attachment(f"{name}.txt", "text/plain", text_of_html(_decoded(page)).encode("utf-8", "replace"))
    if kind.startswith("text/") or kind.endswith(("json", "xml", "yaml")):
        return attachment_of(name, _decoded(page).encode("utf-8", "replace"))
    return attachment_of(name, page.data)


def _decoded(page: FetchedPage) -> str:
    for mark, encoding in _MARKS.items():
        if page.data.startswith(mark):
            return page.data.decode(encoding, "replace")
    named = _CHARSET.search(page.content_type) or _CHARSET.search(page.data[:2000].decode("latin-1"))
    name = named[1].lower() if named else "utf-8"
    try:
        # Some names are no charsets of pages, but Python has a codec for them, perhaps one that takes very long.
        if lookup(name).name.replace("-", "_") in _NO_CHARSETS:
            name = "utf-8"
        return page.data.decode(name, "replace")
    except (LookupError, UnicodeError):
        return page.data.decode("utf-8", "replace")
