r"""Render inline Markdown to styled text, and create the parser for all Markdown.

The parser is CommonMark with GitHub's tables, strikethrough and bare URLs, and maths as language models write it: `$…$`
and `\(…\)` within a line, `$$…$$` and `\[…\]` as blocks. It is imported on first use.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from textual.style import Style

from tui_chat.chat.clean import clean
from tui_chat.ui.markdown.latex import readable
from tui_chat.ui.markdown.parse_limits import limit
from tui_chat.ui.markdown.rules import markdown_parser
from tui_chat.ui.markdown.styled_text import StyledText, TextBuilder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from tui_chat.ui.markdown.styles import MarkdownStyles

CLICKABLE = ("http://", "https://", "mailto:")

_SPACES = re.compile(r"[ \t]+")
_LINE_BREAK = re.compile(r"<br\s*/?>\Z", re.IGNORECASE)
_LONGEST_FORMULA = 1_000
_LONGEST_FORMULA_BLOCK = 2_000
"""Blocks longer than this many characters are not formulas: their dollar signs are unrelated."""


@cache
def parser() -> MarkdownIt:
    """The shared parser. Bare host and file names are not links: `main.py` and `README.md` are not in Paraguay or
    Moldova."""
    markdown = markdown_parser()
    if markdown.linkify is not None:
        markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    markdown.core.ruler.at("linkify", _linkify)
    markdown.inline.ruler.before("escape", "math_inline", _math_inline)
    markdown.block.ruler.before(
        "fence", "math_block", _math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    limit(markdown)
    return markdown


def _linkify(state: StateCore) -> None:
    """Markdown-it's rule for bare URLs, run only if the text has any."""
    from markdown_it.rules_core import linkify

    if ":" in state.src:
        linkify(state)


def parsed(source: str, env: dict[str, Any]) -> list[Token]:
    """The tokens of a text; `env` contains the known link references and receives those defined in the text."""
    if source.endswith((">", "> ")) and not source[source.rfind("\n") + 1 :].strip("> "):
        source += "\n"  # without which markdown-it reads beyond the end, where code in a quoted list has a blank line
    return parser().parse(source, env)


def _math_inline(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if source.startswith("\\(", start) or source.startswith("\\[", start):
        close = "\\)" if source[start + 1] == "(" else "\\]"
        begin = start + 2
        end = source.find(close, begin, begin + _LONGEST_FORMULA)
    elif source[start] == "$":
        close = "$$" if source.startswith("$$", start) else "$"
        begin = start + len(close)
        end = source.find(close, begin, begin + _LONGEST_FORMULA)
        # as Pandoc has it, so that "$5 and $10" stays money
        if close == "$" and end > 0:
            after = source[end + 1 : end + 2]
            if source[begin].isspace() or source[end - 1].isspace() or after.isdigit() or "\n" in source[begin:end]:
                return False
    else:
        return False
    formula = source[begin:end].strip() if end >= 0 else ""
    if not formula:
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = formula
    state.pos = end + len(close)
    return True


def _math_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    if state.is_code_block(first):
        return False
    line = state.getLines(first, first + 1, state.blkIndent, False).strip()
    opening = line[:2]
    close = {"$$": "$$", "\\[": "\\]"}.get(opening)
    if close is None or line.startswith("$$$"):
        return False
    found: list[str] = []
    rest, number = line[2:], first
    while True:
        if close in rest:
            content, _, after = rest.partition(close)
            if after.strip(" .,;"):
                return False  # words follow: it is a formula within a paragraph
            found.append(content + after.strip())
            break
        found.append(rest)
        if state.bMarks[number] - state.bMarks[first] > _LONGEST_FORMULA_BLOCK:
            return False
        number += 1
        if number >= last or state.isEmpty(number) or state.sCount[number] < state.blkIndent:
            if not found[0].strip() and len(found) == 1 and number < last:
                return False
            number -= 1
            break
        rest = state.getLines(number, number + 1, state.blkIndent, False)
    if silent:
        return True
    token = state.push("math_block", "math", 0)
    token.content = "\n".join(part for part in found if part.strip())
    token.map = [first, number + 1]
    token.block = True
    state.line = number + 1
    return True


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
