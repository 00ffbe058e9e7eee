"""The parser for Markdown: CommonMark with GitHub's tables, strikethrough and bare URLs, with maths and footnotes."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from tui_chat.ui.markdown.parser.limits import limit
from tui_chat.ui.markdown.parser.line_rules import try_fewer_rules
from tui_chat.ui.markdown.parser.math import add_math
from tui_chat.ui.markdown.parser.rules import keep_everything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token


class KeptExpressions:
    """Stands for the module `re` in linkify-it, and keeps the expressions that it searches with.

    linkify-it 2 gives them to `re` as texts each time, and Python keeps 512 expressions: those of some lexers are
    enough for linkify-it's to be compiled again, which takes up to 20 ms.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], re.Pattern[str]] = {}

    def search(self, pattern: str, text: str, flags: int = 0) -> re.Match[str] | None:
        """Return the first match of `pattern` in `text`, as `re.search` does; the compiled expression is kept."""
        return self._compiled(pattern, flags).search(text)

    def finditer(self, pattern: str, text: str, flags: int = 0) -> Iterator[re.Match[str]]:
        """Return all matches of `pattern` in `text`, as `re.finditer` does; the compiled expression is kept."""
        return self._compiled(pattern, flags).finditer(text)

    def _compiled(self, pattern: str, flags: int) -> re.Pattern[str]:
        kept = self._kept.get((pattern, flags))
        if kept is None:
            kept = self._kept[pattern, flags] = re.compile(pattern, flags)
        return kept

    def __getattr__(self, name: str) -> Any:
        return getattr(re, name)


@cache
def parser() -> MarkdownIt:
    """The shared parser, which is created on first use.

    Link targets stay as written. Bare host and file names are not links: `main.py` and `README.md` are not in Paraguay
    or Moldova.
    """
    from markdown_it import MarkdownIt

    class Parser(MarkdownIt):
        def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it's name
            return url

        def normalizeLinkText(self, link: str) -> str:  # noqa: N802
            return link

    markdown = Parser("gfm-like", {"inline_definitions": True})
    if markdown.linkify is not None:
        sys.modules["linkify_it.main"].re = KeptExpressions()  # type: ignore[attr-defined]
        markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    markdown.core.ruler.at("linkify", _linkify)
    keep_everything(markdown)
    add_math(markdown)
    limit(markdown)
    try_fewer_rules(markdown)
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


def parsed_blocks(source: str) -> list[Token]:
    """The tokens of a text's blocks, at all levels, without those of the text in them.

    The time grows in proportion to the text, whatever it is; within a long line, each address, for one, is searched for
    in all that follows it.
    """
    tokens: list[Token] = []
    parser().block.parse(_normalized(source), parser(), {}, tokens)
    return tokens


def _normalized(source: str) -> str:
    """The source as markdown-it's first rule leaves it."""
    return source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
