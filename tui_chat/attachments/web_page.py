"""Pages of the web as attachments: HTML as the text that a reader sees."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from tui_chat.attachments.reading import attachment_of
from tui_chat.chat.message import Attachment

if TYPE_CHECKING:
    from tui_chat.chat.backend_ports import FetchedPage

_UNSEEN: Final = frozenset({"script", "style", "noscript", "template", "svg", "head"})
_BLOCKS: Final = frozenset({
    "p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "table", "ul", "ol",
    "blockquote", "header", "footer", "main", "nav", "figure", "hr", "dt", "dd",
})  # fmt: skip
_CHARSET: Final = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def page_attachment(page: FetchedPage) -> Attachment:
    """A fetched page as an attachment named by its address. Raises `AttachmentError` if it is neither text nor a
    picture nor a PDF file."""
    parts = urlsplit(page.url)
    name = f"{parts.hostname or ''}{unquote(parts.path).rstrip('/')}"
    kind = page.content_type.partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        return Attachment(f"{name}.txt", "text/plain", text_of_html(_decoded(page)).encode())
    if kind.startswith("text/") or kind.endswith(("json", "xml", "yaml")):
        return attachment_of(name, _decoded(page).encode())
    return attachment_of(name, page.data)


def text_of_html(html: str) -> str:
    """The text that a reader sees of a page, a line a block."""
    reader = _TextReader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        if tag == "li":
            self.pieces.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)


def _decoded(page: FetchedPage) -> str:
    named = _CHARSET.search(page.content_type) or _CHARSET.search(page.data[:2000].decode("latin-1"))
    try:
        return page.data.decode(named[1] if named else "utf-8", "replace")
    except LookupError:
        return page.data.decode("utf-8", "replace")
