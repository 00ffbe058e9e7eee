"""The text that a reader sees of an HTML page.

The standard library's parser reads what is left again and again where a page leaves something open, so that a page of
some hundred kB can keep it busy for minutes. Here each character is read once.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

_UNSEEN: Final = frozenset({"noscript", "template", "svg"})
_RAW: Final = frozenset({"script", "style", "title", "iframe", "noembed", "noframes"})
"""Elements whose content is no markup, and not seen in the page."""
_BLOCKS: Final = frozenset({
    "p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "aside", "table",
    "caption", "ul", "ol", "dl", "dt", "dd", "blockquote", "header", "footer", "main", "nav", "figure", "figcaption",
    "hr", "address", "details", "summary", "form", "fieldset", "legend", "option", "button", "textarea", "body",
})  # fmt: skip
_CELLS: Final = frozenset({"td", "th"})
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,60})")
_TAG_ENDS: Final = re.compile(r"[>\"']")
_ENDS: Final = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
_LONG_NUMBER: Final = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
"""A number of a character that there is not; the longest ones cannot be read as numbers."""


def text_of_html(html: str) -> str:
    """The text that a reader sees of a page, a line a block; within `pre`, as it is laid out."""
    reader = _Reader(html)
    reader.read()
    lines = [_line(line) for line in "".join(reader.pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


_LAID_OUT: Final = "\x00"
"""Stands before each line within `pre`."""


def _line(line: str) -> str:
    if _LAID_OUT in line:
        return line.replace(_LAID_OUT, "").rstrip()
    return " ".join(line.split())


class _Reader:
    def __init__(self, html: str) -> None:
        self._html = html.replace(_LAID_OUT, "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
        self._unseen = 0
        """The open elements whose text is not seen."""
        self._laid_out = 0
        """The open `pre` elements."""
        self.pieces: list[str] = []

    def read(self) -> None:
        """Read the page from its beginning to its end."""
        html, at = self._html, 0
        while at < len(html):
            sign = html.find("<", at)
            self._text(html[at : sign if sign >= 0 else len(html)])
            if sign < 0:
                return
            at = self._markup(sign)

    def _text(self, text: str) -> None:
        if not text or self._unseen:
            return
        text = unescape(_LONG_NUMBER.sub("\ufffd", text))
        if self._laid_out:
            text = _LAID_OUT + text.replace("\n", f"\n{_LAID_OUT}")
        else:
            text = " ".join(re.split(r"[ \t\n\f]+", text))
        self.pieces.append(text)

    def _markup(self, at: int) -> int:
        """Take what begins with the `<` at this index; returns the index behind it."""
        html = self._html
        if (tag := _TAG.match(html, at)) is not None:
            name, end = tag[2].lower(), self._end_of_tag(tag.end())
            if tag[1]:
                self._closed(name)
            else:
                self._opened(name, whole=html[end - 2 : end] == "/>")
                if name in _RAW:
                    close = _ENDS[name].search(html, end)
                    return len(html) if close is None else close.start()
            return end
        if html.startswith("<!--", at):
            return _behind(html, "-->", at + 2)  # `<!-->` is whole
        if html.startswith(("<!", "<?", "</"), at):
            return _behind(html, ">", at + 2)
        self._text("<")
        return at + 1

    def _end_of_tag(self, at: int) -> int:
        """The index behind a tag, in whose quoted values a `>` may stand."""
        html = self._html
        while (sign := _TAG_ENDS.search(html, at)) is not None:
            if sign[0] == ">":
                return sign.end()
            at = sign.end()
            if html[max(0, at - 9) : at - 1].rstrip().endswith("="):
                at = _behind(html, sign[0], at)
        return len(html)

    def _opened(self, name: str, *, whole: bool) -> None:
        if name in _UNSEEN:
            self._unseen += not whole
        elif name in _BLOCKS:
            self.pieces.append("\n")
            if name == "li":
                self.pieces.append("- ")
            self._laid_out += name == "pre"
        elif name in _CELLS:
            self.pieces.append(" ")

    def _closed(self, name: str) -> None:
        if name in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif name in _BLOCKS:
            if name == "pre":
                self._laid_out = max(0, self._laid_out - 1)
            self.pieces.append("\n")


def _behind(html: str, end: str, at: int) -> int:
    """The index behind the next `end`; where there is none, the end of the page."""
    found = html.find(end, at)
    return len(html) if found < 0 else found + len(end)
