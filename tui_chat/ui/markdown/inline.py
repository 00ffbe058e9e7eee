"""Render inline Markdown to styled text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from textual.style import Style

from tui_chat.chat.clean import clean
from tui_chat.ui.markdown.latex import readable
from tui_chat.ui.markdown.styled_text import StyledText, TextBuilder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from tui_chat.ui.markdown.styles import MarkdownStyles

CLICKABLE = ("http://", "https://", "mailto:")

_SPACES = re.compile(r"[ \t]+")
_LINE_BREAK = re.compile(r"<br\s*/?>\Z", re.IGNORECASE)


def inline(children: Sequence[Token], styles: MarkdownStyles) -> StyledText:
    """The text of a paragraph, heading or cell.

    Line ends in the source are kept: models mean them, and manually wrapped prose is rare in a chat. A link's target
    (if different) and title follow its words; only http, https and mailto links are clickable.
    """
    built = TextBuilder()
    style = Style.null()
    outer: list[tuple[Style, str, str, int]] = []
    for child in children:
        kind = child.type
        if kind == "text":
            built.add(_words(child.content), style or None)
        elif kind in ("softbreak", "hardbreak"):
            built.add("\n")
        elif kind == "code_inline":
            built.add(_words(child.content), style + styles.code)
        elif kind == "math_inline":
            built.add(clean(readable(child.content).replace("\n", " ")), style + styles.math)
        elif kind == "image":
            target = str(child.attrs.get("src", ""))
            name = clean(child.content).replace("\n", " ")
            built.add(f"image: {name}" if name else "image", style + _link(target, styles))
            built.add(_behind(target, str(child.attrs.get("title", ""))), style + styles.target)
        elif kind == "note_mark":
            built.add(f"[{clean(child.content)}]", style + styles.target)
        elif child.nesting == 1:
            target = str(child.attrs.get("href", "")) if kind == "link_open" else ""
            outer.append((style, target, str(child.attrs.get("title", "")), built.length))
            style += {"strong_open": styles.strong, "em_open": styles.emphasis, "s_open": styles.strike}.get(
                kind, _link(target, styles) if target else styles.link
            )
        elif child.nesting == -1 and outer:
            style, target, title, start = outer.pop()
            if target and _says(built.since(start), target):
                target = ""
            built.add(_behind(target, title), style + styles.target)
        elif kind == "html_inline" and _LINE_BREAK.match(child.content):
            built.add("\n")
        elif child.content:
            built.add(_words(child.content), style or None)
    return built.text()


LONGEST_HYPERLINK: Final = 2_000
"""Characters of an address that a terminal is given; many take no longer one."""


def as_link(source: str, target: str, styles: MarkdownStyles) -> StyledText:
    """The source of a link definition, with a clickable target."""
    built = TextBuilder()
    at = source.find(target) if target else -1
    if at >= 0:
        built.add(clean(source[:at]))
        built.add(clean(target), _link(target, styles))
    built.add(clean(source[at + len(target) if at >= 0 else 0 :]))
    return built.text().without_tabs()


def _words(text: str) -> str:
    return clean(_SPACES.sub(" ", text).replace("\n", " "))


def _link(target: str, styles: MarkdownStyles) -> Style:
    if not target.lower().startswith(CLICKABLE):
        return styles.link
    url = clean(as_url(target))
    style = styles.link + Style.from_meta({"@click": ("link", (url,))})
    return style + Style(link=url) if len(url) <= LONGEST_HYPERLINK and url.isascii() else style


def as_url(target: str) -> str:
    """A link's target for a browser, with all characters percent-encoded that a URL may not contain."""
    from markdown_it.common.normalize_url import normalizeLink

    return normalizeLink(target)


def _behind(target: str, title: str) -> str:
    """The text after a link's words: its target and its title, either of which may be empty."""
    said = [_shown(target)] if target else []
    if title:
        said.append(f"“{_words(title)}”")
    return f" ({' '.join(said)})" if said else ""


def _shown(target: str) -> str:
    if target.startswith("data:") and len(target) > 40:
        target = target[:30] + "…"
    return clean(target).replace("\n", " ")


def _says(words: str, target: str) -> bool:
    """Whether a link's words are the same as its target."""
    bare = target.removeprefix("mailto:").removeprefix("https://").removeprefix("http://").rstrip("/")
    return words.rstrip("/") in (target.rstrip("/"), bare)
